package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDocument draws what few runs found, whatever is missing: pictures and the table are there, and nothing else.
func TestDocument(t *testing.T) {
	for name, points := range map[string]map[string][]point{
		"two kinds":   {"live": {{Kind: "live", Viewers: 10, P2PRatio: 0.8, Copies: 2}, {Kind: "live", Viewers: 100_000, P2PRatio: 0.7, Copies: 30_000}}, "vod": {{Viewers: 10}}},
		"one point":   {"vod": {{Kind: "vod", Viewers: 10, P2PRatio: 0.5, Copies: 5, OriginMbit: 1, Announces: 1, CPUMicros: 10, MemoryBytes: 1e6}}},
		"nothing yet": nil,
	} {
		folder := t.TempDir()
		if err := document(folder, points); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		files, err := filepath.Glob(filepath.Join(folder, "*"))
		if err != nil || len(files) != 2*len(pictures)+1 {
			t.Errorf("%s: %d files (%v): %v", name, len(files), err, files)
		}
		text, err := os.ReadFile(filepath.Join(folder, "scale-table.md"))
		if err != nil {
			t.Fatal(err)
		}
		if has := strings.Contains(string(text), "| live | 100,000 | 70.0 | 30000.0 |"); has != (name == "two kinds") {
			t.Errorf("%s: the table is\n%s", name, text)
		}
	}
}

// TestWhatIsKeptIsNotRunAgain: a run leaves a file that is read back, and a second call finds it.
func TestWhatIsKeptIsNotRunAgain(t *testing.T) {
	folder := t.TempDir()
	if err := keep(file(folder, "live-10"), point{Kind: "live", Viewers: 10, P2PRatio: 0.5}); err != nil {
		t.Fatal(err)
	}
	if err := keep(file(folder, "vod-10"), point{Kind: "vod", Viewers: 10, P2PRatio: 0.6}); err != nil {
		t.Fatal(err)
	}
	for _, run := range []string{"live1gbit-10", "vod1gbit-10"} {
		if err := keep(file(folder, run), point{Viewers: 10}); err != nil {
			t.Fatal(err)
		}
	}
	if err := doAll(t.Context(), options{largest: 10, keep: folder}); err != nil { // a run would run this test, and fail
		t.Fatal(err)
	}
	points, err := read(folder)
	if err != nil || points["live"][0].P2PRatio != 0.5 || points["vod"][0].P2PRatio != 0.6 {
		t.Errorf("%v, %v", points, err)
	}
	if err := os.WriteFile(file(folder, "live-30"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := read(folder); err == nil {
		t.Error("half a file is read")
	}
}
