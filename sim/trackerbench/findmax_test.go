package trackerbench

import (
	"errors"
	"strings"
	"testing"

	"swarmlab/results"
)

// limited answers like a tracker that holds its level up to a rate, measured by a generator that is good up to another.
func limited(most, generator float64) func(float64, int) (*Measurement, error) {
	return func(rate float64, _ int) (*Measurement, error) {
		r := results.TrackerRound{}
		r.AnnounceToFirstOfferMs = results.TrackerLatency{TrackerQuantiles: results.TrackerQuantiles{Count: 1000, P99: 10}}
		if rate > most {
			r.AnnounceToFirstOfferMs.P99 = 500
		}
		r.Generator.Valid = rate <= generator
		return &Measurement{Round: r}, nil
	}
}

func TestFindMax(t *testing.T) {
	for name, c := range map[string]struct {
		most, generator, start float64
		least, highest         float64
		ended                  string
	}{
		"from below":          {7000, 1e6, 1000, 7000 / 1.1, 7000, "did not"},
		"from above":          {70, 1e6, 1000, 70 / 1.1, 70, "did not"},
		"no limit":            {1e9, 1e9, 1000, 1000 * 1 << 11, 1000 * 1 << 11, "after 12 rounds"},
		"never":               {0, 1e9, 1000, 0, 0, "not even one"},
		"generator's limit":   {7000, 3000, 1000, 7000 / 1.3, 7000, "generator is the bottleneck"},
		"generator well away": {7000, 8000, 1000, 7000 / 1.1, 7000, "did not"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := findMax(Search{}, limited(c.most, c.generator), c.start)
			if err != nil {
				t.Fatal(err)
			}
			if got.RatePerSecond < c.least || got.RatePerSecond > c.highest {
				t.Errorf("found %g, want %g to %g", got.RatePerSecond, c.least, c.highest)
			}
			if !strings.Contains(got.Ended, c.ended) {
				t.Errorf("ended: %q", got.Ended)
			}
			if len(got.Steps) > 12 {
				t.Errorf("%d steps", len(got.Steps))
			}
			for _, s := range got.Steps {
				if s.Held != (s.RatePerSecond <= c.most) {
					t.Errorf("%g held: %v (%s)", s.RatePerSecond, s.Held, s.Why)
				}
			}
		})
	}
}

func TestFindMaxKeepsWhatItHas(t *testing.T) {
	gone := errors.New("gone")
	good := limited(1e9, 1e9)
	got, err := findMax(Search{}, func(rate float64, step int) (*Measurement, error) {
		if step == 2 {
			return nil, gone
		}
		return good(rate, step)
	}, 100)
	if !errors.Is(err, gone) || got.RatePerSecond != 200 || len(got.Steps) != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestLossesEndAServiceLevel(t *testing.T) {
	f := &finder{search: Search{}.withDefaults(), found: &results.TrackerFindMax{LimitP99Ms: 100}}
	r := &results.TrackerRound{}
	r.AnnounceToFirstOfferMs = results.TrackerLatency{TrackerQuantiles: results.TrackerQuantiles{Count: 10, P99: 1}}
	r.Delivery.Offers = results.TrackerRelayed{Expected: 1000, Delivered: 998}
	if s := f.judge(10, r); s.Held {
		t.Errorf("998 of 1000 held: %s", s.Why)
	}
	r.Delivery.Offers.Delivered = 999
	if s := f.judge(10, r); !s.Held {
		t.Errorf("999 of 1000 did not hold: %s", s.Why)
	}
}
