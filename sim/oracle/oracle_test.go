package oracle

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"swarmlab/results"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/player"
)

const nodeFolder = "node"

// start starts the released core; without it there is nothing to test, unless the caller has said that it must be there.
func start(t *testing.T) *Process {
	t.Helper()
	p, err := Start(t.Context(), nodeFolder)
	if errors.Is(err, ErrNotInstalled) && os.Getenv("SWARMLAB_REQUIRE_ORACLE") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func finish(t *testing.T, p *Process) {
	t.Helper()
	for _, f := range p.Faults() {
		t.Logf("the library's own: %s", f)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func caseNamed(t *testing.T, name string) Case {
	t.Helper()
	for _, c := range Cases() {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no case %q", name)
	return Case{}
}

func runPair(t *testing.T, c Case, seed uint64) *Pair {
	t.Helper()
	finish(t, start(t)) // skip, or fail, for the reason
	p, err := c.Run(t.Context(), nodeFolder, seed)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestExact is the comparison in small: every call, event, request, command and byte, in its order and at its time. All cases and
// more seeds: make oracle.
func TestExact(t *testing.T) {
	for _, name := range []string{
		"vod-5", "live-window-15", "churn", "slow-uploaders", "renditions", "http-errors-often", "storage-8MiB", "silent-bodies",
		"peers-lose-messages", "byte-ranges-ignored", "highDemandTimeWindow-5-live", "httpDownloadInitialTimeoutMs-2500",
	} {
		t.Run(name, func(t *testing.T) {
			p := runPair(t, caseNamed(t, name), 7)
			if !p.Exact() {
				t.Error(p.Difference)
			}
			if p.Lines < 500 {
				t.Errorf("only %d lines to compare", p.Lines)
			}
		})
	}
}

func TestOneViewerAlone(t *testing.T) {
	p := runPair(t, caseNamed(t, "vod-1"), 1)
	for who, s := range map[string]results.Summary{"ours": p.Ours, "released": p.Released} {
		if s.P2PRatio != 0 || s.CopiesPerSegment != 1 || s.WastedBytes != 0 || s.SegmentsLoaded.HTTP != 20 {
			t.Errorf("%s: ratio %v, %v copies, %d bytes wasted, %+v", who, s.P2PRatio, s.CopiesPerSegment, s.WastedBytes, s.SegmentsLoaded)
		}
	}
}

// TestBooks: what the released core received is what it loaded, threw away or still holds.
func TestBooks(t *testing.T) {
	for _, name := range []string{"churn", "slow-uploaders", "truncated-bodies"} {
		p := runPair(t, caseNamed(t, name), 3)
		for who, s := range map[string]results.Summary{"ours": p.Ours, "released": p.Released} {
			got := s.HTTPChunkBytes + s.P2PChunkBytes
			if want := s.HTTPBytes + s.P2PBytes + s.WastedBytes + s.UnfinishedBytes; got != want || s.WastedBytes == 0 {
				t.Errorf("%s, %s: %d bytes received, %d accounted for (%d wasted)", name, who, got, want, s.WastedBytes)
			}
		}
	}
}

func TestTheReleasedCoreRepeatsItself(t *testing.T) {
	c := caseNamed(t, "vod-8")
	var traces [2]*Trace
	for i := range traces {
		p := start(t)
		var s results.Summary
		var err error
		if traces[i], _, err = c.simulate(t.Context(), 5, p.NewEngine, &s); err != nil {
			t.Fatal(err)
		}
		finish(t, p)
	}
	if d := Difference(traces[0], traces[1]); d != "" || len(traces[0].Lines) < 1000 {
		t.Errorf("%d lines; %s", len(traces[0].Lines), d)
	}
}

// TestADifferenceIsSeen breaks our core a little and wants it to be noticed.
func TestADifferenceIsSeen(t *testing.T) {
	c := caseNamed(t, "vod-3")
	broken := func(env p2pml.Env, cfg p2pml.Config, ev p2pml.Events) player.Engine {
		cfg.Main.HighDemandTimeWindow += time.Millisecond
		cfg.Defects.PeerCloseTwice = false
		return Ours(env, cfg, ev)
	}
	var s results.Summary
	traces := [2]*Trace{}
	for i, engine := range []player.NewEngine{Ours, broken} {
		var err error
		if traces[i], _, err = c.simulate(t.Context(), 1, engine, &s); err != nil {
			t.Fatal(err)
		}
	}
	d := Difference(traces[0], traces[1])
	if !strings.Contains(d, "lines agree, then") || !strings.Contains(d, "ours") || !strings.Contains(d, "released") {
		t.Errorf("not seen: %q", d)
	}
}

func TestEveryCaseCanBeRead(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Cases() {
		if _, err := c.scenario(1); err != nil {
			t.Error(err)
		}
		if seen[c.Name] {
			t.Errorf("two cases are named %s", c.Name)
		}
		seen[c.Name] = true
	}
	if len(seen) < 80 {
		t.Errorf("only %d cases", len(seen))
	}
}

func TestStartWithoutThePackage(t *testing.T) {
	if _, err := Start(t.Context(), t.TempDir()); !errors.Is(err, ErrNotInstalled) {
		t.Error(err)
	}
}

// TestAProcessThatBreaks must end the run with an error, not hang or panic.
func TestAProcessThatBreaks(t *testing.T) {
	for name, script := range map[string]string{
		"dies":           `process.exit(3)`,
		"talks nonsense": `process.stdout.write(Buffer.from([255, 255, 255, 255, 1, 2, 3]))`,
		"says too much":  `process.stdout.write(Buffer.from([2, 0, 0, 0, 3, 9]))`,
		"is cut short":   `process.stdout.write(Buffer.from([9, 0, 0, 0, 3]))`,
	} {
		t.Run(name, func(t *testing.T) {
			finish(t, start(t)) // there is a node to run
			folder := t.TempDir()
			pkg := filepath.Join(folder, "node_modules", "p2p-media-loader-core")
			if err := os.MkdirAll(pkg, 0o755); err != nil {
				t.Fatal(err)
			}
			for file, text := range map[string]string{filepath.Join(pkg, "package.json"): "{}", filepath.Join(folder, "main.mjs"): script} {
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			p, err := Start(t.Context(), folder)
			if err != nil {
				t.Fatal(err)
			}
			c := caseNamed(t, "vod-2")
			var s results.Summary
			_, _, err = c.simulate(t.Context(), 1, p.NewEngine, &s)
			if closing := p.Close(); closing == nil {
				t.Errorf("no error from the process; the run said %v", err)
			}
		})
	}
}
