package results

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// experiment is one row of the table in docs/comparing.md: checks are drawn again and again from stored runs of two builds.
type experiment struct {
	scenario string
	build    string // "again": nothing changed; "worse": a setting costs some ratio
	seeds    int
	paired   bool // the check runs the baseline's seeds
}

const checksDrawn = 500

// alarms draws checks and counts those that raise an alarm. With the baseline's seeds both sides are the same draw of seeds, without
// they have no seed in common.
func (x experiment) alarms(t *testing.T, base, now *Evidence) float64 {
	rng := rand.New(rand.NewPCG(11, uint64(x.seeds)))
	raised := 0
	for range checksDrawn {
		order := rng.Perm(len(base.Seeds))
		first, second := order[:x.seeds], order[x.seeds:2*x.seeds]
		if x.paired {
			second = first
		}
		raised += one(alarm(t, base.only(first), now.only(second)))
	}
	return float64(raised) / checksDrawn
}

// only is the evidence of some of its seeds.
func (e *Evidence) only(places []int) *Evidence {
	out := *e
	out.Seeds, out.values = nil, map[string][]float64{}
	for _, i := range places {
		out.Seeds = append(out.Seeds, e.Seeds[i])
	}
	for name, values := range e.values {
		for _, i := range places {
			out.values[name] = append(out.values[name], values[i])
		}
	}
	return &out
}

// TestPowerOfTheGate is the experiment behind the promise: a change that costs 5 points of ratio is caught in 95 of 100 checks with 10
// seeds, and no change raises an alarm in more than 2 of 100. The runs are in testdata/power; make power runs them anew.
func TestPowerOfTheGate(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of checks")
	}
	page, err := os.ReadFile("docs/comparing.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, scenario := range []string{"vod", "live", "fresh-vod", "fresh-live"} {
		base := stored(t, scenario, "unchanged")
		for _, build := range []string{"again", "worse"} {
			now := stored(t, scenario, build)
			for _, paired := range []bool{true, false} {
				row := powerRow(t, base, now, scenario, build, paired)
				if !strings.Contains(string(page), row+"\n") {
					t.Errorf("docs/comparing.md has not the row\n%s", row)
				}
			}
		}
	}
}

// powerRow draws checks with 3, 5 and 10 seeds, holds them against the promise, and writes the line of the table.
func powerRow(t *testing.T, base, now *Evidence, scenario, build string, paired bool) string {
	t.Helper()
	x, y := both(base, now, "p2pRatio", true)
	d := pairedDifference(x, y)
	seeds, varies := "others", math.Sqrt(stat.Variance(x, nil)+stat.Variance(y, nil))
	if paired {
		seeds, varies = "the same", d.se*math.Sqrt(float64(len(x)))
	}
	row := fmt.Sprintf("| %s | %s | %s | %+.1f | %.1f |", scenario, build, seeds, 100*d.diff, 100*varies)
	for _, k := range []int{3, 5, 10} {
		share := experiment{scenario, build, k, paired}.alarms(t, base, now)
		row += fmt.Sprintf(" %.1f %% |", 100*share)
		switch {
		case build == "again" && share > GateAlpha:
			t.Errorf("%s, %d seeds, paired %v: %.3f false alarms", scenario, k, paired, share)
		case build == "worse" && k == 10 && paired && share < 0.95:
			t.Errorf("%s, %d seeds: only %.3f are caught", scenario, k, share)
		}
	}
	return row
}

func stored(t *testing.T, scenario, build string) *Evidence {
	t.Helper()
	e, err := ReadBaseline(filepath.Join("testdata", "power", scenario+"-"+build+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return e
}
