package process

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"swarmlab/results"
)

func TestFigures(t *testing.T) {
	at := time.Unix(0, 0)
	w := Window{
		Idle:        Sample{RSSBytes: 50_000_000},
		Begin:       Sample{At: at, CPU: 3 * time.Second, RSSBytes: 60_000_000, PSSBytes: 55_000_000, Voluntary: 10, Involuntary: 5, Threads: 7, Descriptors: 1020},
		End:         Sample{At: at.Add(10 * time.Second), CPU: 5 * time.Second, RSSBytes: 61_000_000, Voluntary: 110, Involuntary: 4},
		Connections: 1000, Announces: 20_000, Relayed: 200_000,
	}
	want := &results.TrackerProcess{
		PID: 9, Command: "node", CPUSeconds: 2, CPUUsPerAnnounce: 100, CPUUsPerRelayed: 10, CPUShare: 0.2,
		RSSBytesBefore: 50_000_000, RSSBytes: 60_000_000, RSSBytesAfter: 61_000_000, PSSBytes: 55_000_000, RSSPerConnection: 10_000,
		VoluntarySwitches: 100, Threads: 7, Descriptors: 1020,
	}
	if diff := cmp.Diff(want, w.Figures(9, "node")); diff != "" {
		t.Error(diff)
	}
	w.Exited = true
	if f := w.Figures(9, "node"); !f.ExitedDuringTheRound || f.CPUUsPerAnnounce != 0 || f.RSSPerConnection != 10_000 {
		t.Errorf("%+v", f)
	}
	if f := (Window{}).Figures(9, ""); *f != (results.TrackerProcess{PID: 9}) {
		t.Errorf("of nothing: %+v", f)
	}
}
