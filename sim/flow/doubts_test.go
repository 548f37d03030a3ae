package flow

import (
	"strings"
	"testing"

	"swarmlab/scenarios"
)

// TestDoubts: what is known to be wrong is said, and nothing is said of the presets, which the tiers agree about.
func TestDoubts(t *testing.T) {
	for _, name := range scenarios.Names() {
		if d := Doubts(preset(t, name)); len(d) > 0 {
			t.Errorf("%s: %q", name, d)
		}
	}
	for _, c := range []struct {
		set  string
		want []string // parts of the sentences
	}{
		{"peers.groups=[{name: home, link: {preset: cable, loss: 0.05}}]", []string{"group home: 5 % of packets are lost"}},
		{"peers.groups=[{name: home, link: {preset: cable, loss: 0.02}}]", nil},
		{"peers.groups=[{name: home, link: {preset: cable, queueUp: 8KiB}}]", []string{"group home: queueUp has room for 8192 bytes"}},
		{"peers.groups=[{name: home, link: {preset: cable, queueDown: 2KiB}}]", []string{"group home: queueDown has room for"}},
		{"peers.groups=[{name: home, link: {preset: cable, down: unlimited, queueDown: 8KiB}}]", nil},
		{"peers.groups=[{name: sky, link: geo}]", []string{"groups sky and sky: 1.36"}},
		{"peers.groups=[{name: a, region: oc, link: {preset: cable, delay: 150ms}}, {name: b, region: sa, link: {preset: cable, delay: 150ms}}]",
			[]string{"groups a and b: 9"}},
		{"origin.link={preset: origin, loss: 0.03}", []string{"the origin: 3 % of packets are lost"}},
		{"peers.groups=[{name: a, link: {preset: lte, loss: 0.021}}, {name: b, link: {preset: lte, loss: 0.5}}]", []string{"group a: 2.1 %", "group b: 50 %"}},
	} {
		got := Doubts(preset(t, "live", c.set))
		if len(got) != len(c.want) {
			t.Errorf("%s: %q, want %d doubts", c.set, got, len(c.want))
			continue
		}
		for i := range got {
			if !strings.HasPrefix(got[i], c.want[i]) {
				t.Errorf("%s: %q, want %q", c.set, got[i], c.want[i])
			}
		}
	}
}
