package oracle

import (
	"os"
	"path/filepath"
	"testing"
)

func TestScratch(t *testing.T) {
	only := os.Getenv("CASES")
	for _, c := range Cases() {
		if ok, _ := filepath.Match(only, c.Name); !ok {
			continue
		}
		for seed := uint64(1); seed < 4; seed++ {
			p := runPair(t, c, seed)
			t.Logf("%s: ratio %.4f %.4f, %d lines, %d faults", c.Name, p.Ours.P2PRatio, p.Released.P2PRatio, p.Lines, len(p.Faults))
			if !p.Exact() {
				t.Error(p.Difference)
			}
		}
	}
}
