package flow

import (
	"testing"

	"swarmlab/netem"
)

// TestNATPairs is what the packet tier does with every pair of NATs, measured with two viewers and without TURN: only pairs of a
// symmetric NAT with one that looks at ports fail, and nothing passes a firewall.
func TestNATPairs(t *testing.T) {
	names := []netem.NAT{"none", "full-cone", "restricted", "port-restricted", "symmetric", "blocked"}
	// Rows and columns as in names. s: only with STUN, x: never.
	table := []string{
		"yyyyyx",
		"yssssx",
		"yssssx",
		"ysssxx",
		"yssxxx",
		"xxxxxx",
	}
	for _, stun := range []bool{true, false} {
		for i, a := range names {
			for j, b := range names {
				w := &world{setup: setup{stun: stun}, core: newCore()}
				x, y := &viewer{world: w}, &viewer{world: w}
				x.plan.NAT, y.plan.NAT = string(a), string(b)
				want := table[i][j] == 'y' || stun && table[i][j] == 's'
				if _, ok := w.reach(x, y); ok != want {
					t.Errorf("%s and %s, STUN %v: connect %v, want %v", a, b, stun, ok, want)
				}
				w.turn = true
				if _, ok := w.reach(x, y); ok != (table[i][j] != 'x' || a == "symmetric" || b == "symmetric") && a != "blocked" && b != "blocked" {
					t.Errorf("%s and %s with TURN: connect %v", a, b, ok)
				}
			}
		}
	}
}
