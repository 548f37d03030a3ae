package flow

import (
	"context"
	"testing"
	"time"

	"swarmlab/results"
	viewing "swarmlab/sim/viewer"
)

// impatient is a context that ends while events happen: after it was asked so many times.
type impatient struct {
	context.Context
	patience int
}

func (i *impatient) Err() error {
	if i.patience--; i.patience < 0 {
		return context.Canceled
	}
	return nil
}

// TestARunThatEndsInTheMiddleOfASecond: the figures of what there was still add up, whatever was under way.
func TestARunThatEndsInTheMiddleOfASecond(t *testing.T) {
	s := preset(t, "live", "peers.count=600", "peers.arrival={kind: together}")
	inTheMiddle := 0
	for patience := range 6 {
		w, err := newWorld(s, streamOf(t, s))
		if err != nil {
			t.Fatal(err)
		}
		ctx := &impatient{t.Context(), 4 * patience}
		out, err := w.run(ctx, viewing.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if ctx.patience < -2 { // once where it stops, and once where that is noticed
			t.Errorf("over after %v: goes on, and asks %d times more", out.End, -ctx.patience)
		}
		if out.End%time.Second != 0 {
			inTheMiddle++
		}
		r, err := results.Summarise(results.Input{
			End: out.End, Viewers: out.Viewers, Sampler: out.Sampler, Origin: out.Origin, Tracker: out.Tracker, InFlightBytes: out.InFlight,
		})
		if err != nil {
			t.Fatal(err)
		}
		if last := r.Timeline[len(r.Timeline)-1].T; last != out.End.Seconds() || out.End >= s.Run.Duration.Std() {
			t.Errorf("over after %v: the last sample is of %v s", out.End, last)
		}
		if b := breaches(r); b != "" {
			t.Errorf("over after %v: breaches %q", out.End, b)
		}
	}
	if inTheMiddle < 3 {
		t.Errorf("%d of 6 runs ended in the middle of a second", inTheMiddle)
	}
}
