package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"swarmlab/results"
)

var (
	update = flag.Bool("update", false, "write the golden files anew")
	look   = flag.String("look", "", "keep the pictures in this folder, to look at them")
)

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path) // our own test data
	if err != nil {
		t.Fatalf("%v (run the test with -update to make it)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// small is a result whose goldens a person can read.
func small() *results.Result {
	w := worlds["two-viewers"]
	w.seconds = 20
	return synthetic(w)
}

func TestGoldens(t *testing.T) {
	terminal := func(o TerminalOptions) func(io.Writer, *results.Result) error {
		return func(w io.Writer, r *results.Result) error { return Terminal(w, r, o) }
	}
	vod, bad := synthetic(worlds["vod"]), broken()
	for _, c := range []struct {
		name  string
		r     *results.Result
		write func(io.Writer, *results.Result) error
	}{
		{"terminal-vod.txt", vod, terminal(TerminalOptions{})},
		{"terminal-vod-color.txt", vod, terminal(TerminalOptions{Color: true})},
		{"terminal-vod-60-columns.txt", vod, terminal(TerminalOptions{Width: 60})},
		{"terminal-live-no-p2p.txt", synthetic(worlds["live-no-p2p"]), terminal(TerminalOptions{})},
		{"terminal-one-viewer.txt", synthetic(worlds["one-viewer"]), terminal(TerminalOptions{})},
		{"terminal-broken.txt", bad, terminal(TerminalOptions{})},
		{"summary-vod.md", vod, Markdown},
		{"summary-broken.md", bad, Markdown},
		{"peers.csv", small(), PeersCSV},
		{"timeline.csv", small(), TimelineCSV},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := c.write(&b, c.r); err != nil {
				t.Fatal(err)
			}
			golden(t, c.name, b.Bytes())
		})
	}
}

// broken is a result with everything wrong that a report must be able to say, and names that try to break out.
func broken() *results.Result {
	r := small()
	r.Run.Name = "evil<script>alert(1)</script>|\x1b[31m*name*"
	r.Run.Interrupted = true
	r.Run.Command = "swarmlab run 'evil<script>'"
	r.Summary.CorruptSegments = 1
	r.Summary.NeverStarted = 2
	r.Summary.Stalls, r.Summary.StalledViewers = 3, 1
	r.Summary.Errors = map[string]int64{"tracker": 2, "<b>peer</b>": 2}
	r.Summary.HTTPReasons = map[string]results.ReasonTotals{"<i>new & unknown</i>": {Requests: 1, Bytes: 5}}
	r.Peers[0].Name = `=cmd|'/C calc'!A0<script>alert(2)</script>`
	r.Peers[0].FullyDelivered = false
	r.Invariants = results.CheckInvariants(r)
	return r
}

func TestRepeatsInTheTerminal(t *testing.T) {
	var runs []*results.Result
	for seed := range uint64(3) {
		w := worlds["two-viewers"]
		w.seconds += int(10 * seed)
		r := synthetic(w)
		r.Run.Seed = seed + 1
		r.Summary.P2PRatio += 0.01 * float64(seed)
		runs = append(runs, r)
	}
	for _, c := range []struct {
		name string
		runs []*results.Result
	}{{"repeats.txt", runs}, {"repeats-of-one.txt", runs[:1]}} {
		a, err := results.Aggregate(c.runs)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := TerminalRepeats(&b, a, TerminalOptions{}); err != nil {
			t.Fatal(err)
		}
		golden(t, c.name, b.Bytes())
	}
}
