// Package virtualtime answers: how can a swarm of real WebRTC stacks run on a clock of its own, so that a slow machine makes a
// run longer and never different?
//
// It runs a function inside a testing/synctest bubble. There the time package is virtual: the clock stands still while any
// goroutine of the bubble can run, and jumps to the next timer when all of them are durably blocked (on channels, timers,
// wait groups or condition variables of the bubble; not on mutexes, system calls or real sockets). Pion, quic-go and net/http
// run in it unmodified. This is the only room that knows how; all others see context and time.
//
// The price: the Go scheduler still chooses the order of goroutines that are runnable at the same instant, so two runs with one
// seed are alike statistically and not to the bit.
package virtualtime

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// ErrStuck says that the virtual clock stood still for too much wall time: something in the bubble spins, or waits for
// something outside it.
var ErrStuck = errors.New("the virtual clock stands still")

// ErrLeftBehind says that goroutines were blocked for ever: during the run (a deadlock) or after its end (a leak).
var ErrLeftBehind = errors.New("goroutines were left behind in the bubble")

// ErrLimit is the cause of the context's end when a run outlives its Limit.
var ErrLimit = errors.New("the run did not end within its limit of virtual time")

// heartbeat is how often, in virtual time, the bubble reports that its clock moves and looks whether it shall stop.
const heartbeat = 100 * time.Millisecond

// Options are how long a run may misbehave before it is given up. The zero value runs.
type Options struct {
	// StuckAfter is the wall time without any progress of the virtual clock after which Run gives up; 0 means 2 minutes. A busy
	// swarm of 500 needs seconds of wall time for one heartbeat, so this is generous. It decides about failing, never about
	// figures.
	StuckAfter time.Duration
	// Limit is the virtual time after which the run's context ends with ErrLimit; 0 means 24 hours. From then on nothing keeps
	// the clock going, so that a run that does not end is found out.
	Limit time.Duration
	// Progress, if set, is called outside the bubble about four times a wall second with the virtual time passed.
	Progress func(virtual time.Duration)
}

// Run runs f in a bubble of its own and returns what f returns. f gets a context that belongs to the bubble and ends soon
// (in virtual time) after ctx does. If goroutines stay behind, the clock stops, or f panics, Run returns an error that holds a
// summary of the goroutines; what was left behind then still exists, so the process should end.
func Run(ctx context.Context, o Options, f func(ctx context.Context) error) error {
	if o.StuckAfter == 0 {
		o.StuckAfter = 2 * time.Minute
	}
	if o.Limit == 0 {
		o.Limit = 24 * time.Hour
	}
	var clock atomic.Int64 // virtual time passed, written by the heartbeat
	done := make(chan error, 1)
	go func() { done <- bubble(ctx, &clock, o.Limit, f) }()
	return watch(done, &clock, o)
}

// bubble runs f in a new bubble and turns its panics into errors.
func bubble(ctx context.Context, clock *atomic.Int64, limit time.Duration, f func(context.Context) error) (err error) {
	var inner error
	defer func() {
		// synctest panics here, in the caller, when the bubble's goroutines are all blocked for ever.
		if r := recover(); r != nil {
			err = errors.Join(fmt.Errorf("%w: %v\n%s", ErrLeftBehind, r, Goroutines(12)), inner)
		}
	}()
	// A zero testing.T serves: Test asks it for a name and a parent only, and f below never fails or skips it.
	synctest.Test(&testing.T{}, func(*testing.T) { inner = inside(ctx, clock, limit, f) })
	return inner
}

// inside runs in the bubble: f, beside a heartbeat that ends with it.
func inside(
	outer context.Context, clock *atomic.Int64, limit time.Duration, f func(context.Context) error,
) (err error) {
	// A context of the bubble: waiting on a channel made outside would not be durable, and time would stand still.
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(outer))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		beat(outer, cancel, clock, limit, stop)
	}()
	defer func() {
		close(stop)
		<-stopped
		cancel(nil)
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return f(ctx)
}

func beat(
	outer context.Context, cancel context.CancelCauseFunc, clock *atomic.Int64, limit time.Duration, stop <-chan struct{},
) {
	start := time.Now()
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			passed := time.Since(start)
			if passed > limit {
				cancel(ErrLimit)
				return
			}
			clock.Store(int64(passed))
			if outer.Err() != nil { // polled, because outer's channel is not of the bubble
				cancel(context.Cause(outer))
			}
		}
	}
}

// watch waits outside the bubble, on the wall clock.
func watch(done <-chan error, clock *atomic.Int64, o Options) error {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	last, moved := int64(-1), time.Now()
	for {
		select {
		case err := <-done:
			return err
		case <-tick.C:
			now := clock.Load()
			if o.Progress != nil {
				o.Progress(time.Duration(now))
			}
			if now != last {
				last, moved = now, time.Now()
			} else if time.Since(moved) > o.StuckAfter {
				return fmt.Errorf("%w: at %v of virtual time for %v\n%s",
					ErrStuck, time.Duration(now), o.StuckAfter, Goroutines(12))
			}
		}
	}
}
