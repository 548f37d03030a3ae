package slowlink

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// Trial is what is asked of one measurement.
type Trial struct {
	Link   Link
	Seed   uint64
	Window time.Duration // it begins when the last flow begins to send
	Tune   Tuning        // for Pion's ends; nil for what viewers have

	// Ready, if set, is called when all is connected and nothing sent, and may wait: opening a browser's pages takes the
	// processor from who is measured at the same time.
	Ready func()
}

// flow is one pair of ends under way.
type flow struct {
	name        string
	left, right end
	path        *Path // nil in virtual time, where no way leads around the emulated link
	arrivals    []Arrival
}

func (f *flow) close() error {
	var errs []error
	for _, e := range []end{f.left, f.right} {
		if e != nil {
			errs = append(errs, e.Close())
		}
	}
	return errors.Join(errs...)
}

// measure lets all flows send and counts what arrives within the window.
func measure(ctx context.Context, flows []*flow, t Trial) (r Run, err error) {
	if t.Ready != nil {
		t.Ready()
	}
	late := watchClock()
	r.Loss, r.Seed, r.WindowSeconds = t.Link.Loss, t.Seed, t.Window.Seconds()
	var from time.Time
	for _, f := range flows {
		if from, err = f.left.Send(ctx); err != nil {
			return r, fmt.Errorf("%s: %w", f.name, err)
		}
	}
	select {
	case <-time.After(time.Until(from.Add(t.Window + 50*time.Millisecond))): // so that the window is over on every clock
	case <-ctx.Done():
		return r, context.Cause(ctx)
	}
	r.LateMs = late()
	for _, f := range flows {
		if f.arrivals, err = f.right.Arrivals(ctx); err != nil {
			return r, fmt.Errorf("%s: %w", f.name, err)
		}
		r.Flows = append(r.Flows, Flow{
			Name:      f.name,
			Goodput:   round(goodput(f.arrivals, from, t.Window)),
			Steady:    round(goodput(f.arrivals, from.Add(starting), t.Window-starting)),
			FirstMBMs: milliseconds(firstMegabyte(f.arrivals, from)),
			SilenceMs: milliseconds(silence(f.arrivals, from, t.Window)),
		})
	}
	return r, nil
}

// Run is one measurement, as it is stored.
type Run struct {
	Row           string  `json:"row"`
	Loss          float64 `json:"loss"`
	Seed          uint64  `json:"seed"`
	WindowSeconds float64 `json:"windowSeconds"`
	Flows         []Flow  `json:"flows"`

	// What the link saw in the direction of the flows, in all: the set-up and what came after the window included.
	WireBytes  int64 `json:"wireBytes"`
	Packets    int64 `json:"packets"`
	QueueDrops int64 `json:"queueDrops"`
	LossDrops  int64 `json:"lossDrops"`

	LateMs float64 `json:"lateMs,omitempty"` // how late the busy machine was, 99 times in 100; 0 in virtual time
	Load   float64 `json:"load,omitempty"`   // of the machine, the last minute's; real time only
}

// starting is what is left out of Flow's Steady: the first overflow of the queue, and what it takes to get over it.
const starting = 5 * time.Second

// Flow is what one flow of a run got.
type Flow struct {
	Name      string  `json:"name"`
	Goodput   float64 `json:"goodputMbit"` // payload, Mbit/s
	Steady    float64 `json:"steadyMbit"`  // the same without the first five seconds
	FirstMBMs float64 `json:"firstMbMs"`   // until the first million bytes were there
	SilenceMs float64 `json:"silenceMs"`   // the longest time without a whole message
}

// milliseconds rounds to what is worth storing.
func milliseconds(d time.Duration) float64 { return float64(d.Round(100*time.Microsecond)) / 1e6 }

// Total is the goodput of all flows together.
func (r Run) Total() (sum float64) {
	for _, f := range r.Flows {
		sum += f.Goodput
	}
	return sum
}

// saw notes what the link had to do.
func (r *Run) saw(e *emulated) {
	up := e.left.Stats().Up
	r.WireBytes, r.Packets, r.QueueDrops, r.LossDrops = up.Bytes, up.Packets, up.QueueDrops, up.LossDrops
}

// round keeps three decimals: a bit per millisecond is more than a window of seconds can tell.
func round(x float64) float64 { return math.Round(x*1e3) / 1e3 }
