package oracle

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"swarmlab/scenarios"
	"swarmlab/sim"
	"swarmlab/sim/player"
)

func runTraced(t *testing.T, text string, sets []string, make player.NewEngine) *Trace {
	t.Helper()
	s, err := scenarios.Parse("test", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetAll(sets); err != nil {
		t.Fatal(err)
	}
	if err := s.Resolve(); err != nil {
		t.Fatal(err)
	}
	trace := &Trace{}
	started := time.Now()
	r, err := sim.Run(context.Background(), s, sim.Options{Tier: "flow", NewEngine: trace.Of(make)})
	if err != nil {
		t.Error(err)
	}
	if r != nil {
		t.Logf("%v: ratio %.4f copies %.3f, %d lines", time.Since(started), r.Summary.P2PRatio, r.Summary.CopiesPerSegment, len(trace.Lines))
	}
	return trace
}

func TestScratch(t *testing.T) {
	file := os.Getenv("SCEN")
	if file == "" {
		t.Skip()
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Start(t.Context(), "node")
	if err != nil {
		t.Fatal(err)
	}
	sets := strings.Fields(os.Getenv("SETS"))
	ours := runTraced(t, string(text), sets, Ours)
	released := runTraced(t, string(text), sets, p.NewEngine)
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	dump("/tmp/oracle/ours.txt", ours)
	dump("/tmp/oracle/released.txt", released)
	for i, f := range p.Faults() {
		if i < 3 {
			t.Logf("fault: %s", f)
		}
	}
	t.Logf("%d faults", len(p.Faults()))
	if d := Difference(ours, released); d != "" {
		t.Error(d)
	}
}

func dump(file string, t *Trace) {
	f, err := os.Create(file)
	if err != nil {
		return
	}
	defer f.Close()
	for _, l := range t.Lines {
		f.WriteString(l.String() + "\n")
	}
}
