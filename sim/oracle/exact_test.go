package oracle

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

func TestScratch(t *testing.T) {
	only := os.Getenv("CASES")
	if only == "" {
		t.Skip()
	}
	seeds, _ := strconv.Atoi(os.Getenv("SEEDS"))
	for _, c := range Cases() {
		if !regexp.MustCompile("^(" + only + ")$").MatchString(c.Name) {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			for seed := 1; seed <= max(seeds, 1); seed++ {
				p, err := c.Run(t.Context(), "node", uint64(seed))
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("seed %d: ratio %.4f %.4f copies %.3f %.3f, %d lines, %d faults", seed, p.Ours.P2PRatio, p.Released.P2PRatio, p.Ours.CopiesPerSegment, p.Released.CopiesPerSegment, p.Lines, len(p.Faults))
				for i, f := range p.Faults {
					if i < 1 {
						t.Log(f)
					}
				}
				if !p.Exact() {
					t.Error(p.Difference)
				}
			}
		})
	}
}
