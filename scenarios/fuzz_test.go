package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// FuzzParse: no text may panic, hang or pass half-read. What is taken reads back the same; what is refused is explained.
func FuzzParse(f *testing.F) {
	for _, name := range Names() {
		text, _ := Preset(name)
		f.Add(text)
	}
	files, _ := filepath.Glob("testdata/bad/*.yaml")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse("fuzz.yaml", text)
		if err != nil {
			var all Errors
			if !errors.Is(err, ErrInvalid) || !errors.As(err, &all) || len(all) == 0 || len(all) > maxErrors {
				t.Fatalf("not explained: %v", err)
			}
			return
		}
		back, err := Parse("elsewhere/again.yaml", s.YAML())
		if err != nil {
			t.Fatalf("%v\n%s", err, s.YAML())
		}
		if !back.Equal(s) {
			t.Fatalf("reads back differently:\n%s\n%s", s.YAML(), back.YAML())
		}
		if s.Peers.Count <= 1000 {
			Audience(s, s.Run.Seed)
		}
	})
}

// FuzzSet: the same for the command line.
func FuzzSet(f *testing.F) {
	for _, seed := range [][2]string{
		{"peers.count", "5"}, {"peers.groups[0].link", "{down: 1Mbit/s, up: 1Mbit/s}"}, {"peers.groups[1]", "{}"}, {"thresholds", "[p2pRatio > 1]"},
		{"stream.variants[0].bandwidth", "8e5"}, {"", ""}, {"..", "["}, {"peers.groups[-1]", "null"}, {"p2pml.core.mainStream", "{swarmId: x}"}, {"name", "'"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, path, value string) {
		s, err := Load("mixed-nat")
		if err != nil {
			t.Fatal(err)
		}
		before := clone(s)
		if err := s.Set(path, value); err != nil {
			if !errors.Is(err, ErrInvalid) || !s.Equal(before) {
				t.Fatalf("%v", err)
			}
			return
		}
		back, err := Parse("", s.YAML())
		if err != nil || !back.Equal(s) {
			t.Fatalf("%v\n%s", err, s.YAML())
		}
	})
}

func FuzzParseThreshold(f *testing.F) {
	for _, seed := range []string{"p2pRatio > 0.6", "p95(httpLatencyMs{group:home,nat:none}) <= 8e2", "x{", "p(x)>1", "mean()<1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseThreshold(text)
		if err != nil {
			return
		}
		back, err := ParseThreshold(got.String())
		if err != nil || back.String() != got.String() {
			t.Fatalf("%q is written %q, which reads as %v, %v", text, got, back, err)
		}
	})
}

// Texts made to exhaust a reader are refused at once. (Each takes the YAML parser from ten seconds to for ever, or overflows its
// stack, which cannot be recovered from.)
func TestHostileTextsAreRefused(t *testing.T) {
	const size = maxBytes - 100
	for _, unit := range []string{"[", "{", "- ", "? ", "- ? ", "a: b\n", "&a ", "!a ", "*a ", "[a: ", "\"a\" ", "[]", "--- a\n", "%", "? a\n: b\n", "- - a\n"} {
		text := []byte(strings.Repeat(unit, size/len(unit)))
		start := time.Now()
		_, err := Parse("hostile.yaml", text)
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("%q over and over was taken: %v", unit, err)
		}
		// Not a benchmark: the difference is between milliseconds and minutes.
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%q over and over took %v", unit, took)
		}
	}
	for _, unit := range []string{"[", "{", "- ", "? "} { // few enough to be no burden but for their depth
		_, err := Parse("deep.yaml", []byte("a: "+strings.Repeat(unit, 5000)))
		if err == nil || !strings.Contains(err.Error(), "nested more than") {
			t.Errorf("5000 x %q: %v", unit, err)
		}
	}
	if _, err := Parse("big.yaml", make([]byte, maxBytes+1)); err == nil || !strings.Contains(err.Error(), "a scenario has at most") {
		t.Errorf("too large: %v", err)
	}
}

func TestTheLargestSensibleTraceIsTaken(t *testing.T) {
	text := "{stream: {kind: live}, peers: {arrival: {kind: trace, times: [" + strings.Repeat("12.5s, ", 100_000) + "1s]}}}"
	s := parse(t, text)
	if s.Peers.Count != 100_001 {
		t.Errorf("%d viewers", s.Peers.Count)
	}
}

func TestManyMistakesAreCutOff(t *testing.T) {
	_, err := Parse("many.yaml", []byte(strings.Repeat("x: 1\n", 5000)))
	var all Errors
	if !errors.As(err, &all) || len(all) != maxErrors {
		t.Errorf("%d errors", len(all))
	}
}
