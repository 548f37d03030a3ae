package results

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// The page's table is the program's, line by line.
func TestTheTableOfEffectsIsDocumented(t *testing.T) {
	page, err := os.ReadFile("docs/comparing.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range JudgedMetrics() {
		m, ok := Describe(j.Name)
		if !ok || m.Direction == Neutral {
			t.Errorf("%s is judged, and is no metric with a direction", j.Name)
		}
		least, share, gated := strconv.FormatFloat(j.Least, 'f', -1, 64), "-", "no"
		if j.Share > 0 {
			share = fmt.Sprintf("%g %%", 100*j.Share)
		}
		if j.Gated {
			gated = "yes"
		}
		row := fmt.Sprintf("| `%s` | %s | %s | %s | %s | %s |", j.Name, m.Direction, least, share, gated, j.Why)
		if !strings.Contains(string(page), row+"\n") {
			t.Errorf("docs/comparing.md has not the row\n%s", row)
		}
	}
}

func TestWhatMatters(t *testing.T) {
	j := Judged{Least: 100, Share: 0.1}
	for from, want := range map[float64]float64{0: 100, 900: 100, 2000: 200, -2000: 200} {
		if got := j.smallest(from); got != want {
			t.Errorf("from %v on %v matters, want %v", from, got, want)
		}
	}
}
