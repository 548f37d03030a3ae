package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFinishedRunsAreKept: what is in the file is not run again, what failed is, and a damaged file is named.
func TestFinishedRunsAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.jsonl")
	ran := 0
	share := 0.25
	once := func(n int, fails error) (measures, error) {
		t.Helper()
		r, err := openRuns(path)
		if err != nil {
			t.Fatal(err)
		}
		return r.once(finished{Case: "vod-2", Way: "Chromium", N: n}, func() (measures, error) {
			ran++
			return measures{Ratio: 0.45, IntroducedMs: 172, Busy: &share}, fails
		})
	}
	failed := errors.New("no browser")
	for _, step := range []struct {
		n     int
		fails error
		ran   int
	}{{0, failed, 1}, {0, nil, 2}, {0, failed, 2}, {1, nil, 3}, {0, nil, 3}} {
		m, err := once(step.n, step.fails)
		if ran != step.ran {
			t.Fatalf("run %d: ran %d times in all, want %d", step.n, ran, step.ran)
		}
		if err == nil && (m.Ratio != 0.45 || m.IntroducedMs != 172 || m.Busy == nil || *m.Busy != share) {
			t.Errorf("run %d gives %+v", step.n, m)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text[:len(text)-5], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := openRuns(path); err == nil || !strings.Contains(err.Error(), "run 2") {
		t.Errorf("a file that ends early: %v", err)
	}
}

func TestTypicalIsTheSecondOfTwo(t *testing.T) {
	for _, c := range []struct {
		of   []float64
		want float64
	}{{nil, 0}, {[]float64{480, 175}, 175}, {[]float64{3, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2}} {
		if got := typical(c.of); got != c.want {
			t.Errorf("typical of %v is %v, want %v", c.of, got, c.want)
		}
	}
}
