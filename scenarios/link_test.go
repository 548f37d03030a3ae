package scenarios

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"swarmlab/netem"
)

func TestLinksResolve(t *testing.T) {
	cable, _ := netem.LinkPreset("cable")
	slower := cable
	slower.Up, slower.Loss = 2*netem.Mbit, 0
	for text, want := range map[string]netem.Link{
		"cable":                                   cable,
		"{preset: cable}":                         cable,
		"{preset: cable, up: 2Mbit/s, loss: 0}":   slower,
		"{down: unlimited, up: unlimited}":        {},
		"{down: 1Gbit/s, up: 1Mbit/s, delay: 0s}": {Down: netem.Gbit, Up: netem.Mbit},
		"{down: 20Mbit/s, up: 2Mbit/s, delay: 15ms, jitter: 3ms, loss: 0.01, queueDown: 64KiB, queueUp: 250ms}": {
			Down: 20 * netem.Mbit, Up: 2 * netem.Mbit, Delay: 15 * time.Millisecond, Jitter: 3 * time.Millisecond, Loss: 0.01,
			QueueDown: netem.QueueBytes(64 << 10), QueueUp: netem.QueueTime(250 * time.Millisecond),
		},
	} {
		s := parse(t, "{peers: {groups: [{link: "+text+"}]}}")
		got, err := s.Peers.Groups[0].Link.Resolve()
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", text, diff)
		}
		if diff := cmp.Diff(want, Audience(s, 1)[0].Link); diff != "" {
			t.Errorf("a viewer on %s:\n%s", text, diff)
		}
	}
	if _, err := (Link{Preset: "cabel"}).Resolve(); !errors.Is(err, ErrInvalid) {
		t.Errorf("an unknown preset gave %v", err)
	}
}

// The defaults of groups and origin name presets that netem must keep.
func TestDefaultLinksExist(t *testing.T) {
	everyField(func(path string, f field) {
		if f.typ != linkType {
			return
		}
		if _, ok := netem.LinkPreset(f.def); !ok {
			t.Errorf("%s: no preset %q", path, f.def)
		}
	})
}
