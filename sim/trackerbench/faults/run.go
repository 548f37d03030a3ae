package faults

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"swarmlab/results"
	"swarmlab/sim/trackerbench/socket"
)

// Target is the tracker that is mistreated. It must be yours.
type Target struct {
	URL string // ws:// or wss://
	TLS *tls.Config
	// Allow is asked about every address that is connected to; nil allows all.
	Allow socket.Allow
	// Restart starts the tracker again, if it is dead or shall be, and returns when it listens. Nil: there is no way.
	Restart func(context.Context) error
	// RSS is the memory of its process in bytes, 0 if it cannot be told. Nil: never.
	RSS func() int64
}

// Options of a run. Zero fields take the defaults.
type Options struct {
	Seed uint64
	// Cases are the kinds to try, by name, in the order of Names. Empty: all; but "restart" only where there is Target.Restart.
	Cases []string
	// Attempts of each kind that has variants. Default 300, at most 10,000. A tracker's weak spot may be one variant in a hundred.
	Attempts int
	// SlowBytes is what is sent to the one that does not read. Default 60 MB, at most 1 GB.
	SlowBytes int64
	// Watch is how long the control group is watched for each kind, at least. Default 2 s, at most a minute.
	Watch time.Duration
}

func (o Options) withDefaults(t Target) (Options, error) {
	if o.Attempts == 0 {
		o.Attempts = 300
	}
	if o.SlowBytes == 0 {
		o.SlowBytes = 60_000_000
	}
	if o.Watch == 0 {
		o.Watch = 2 * time.Second
	}
	switch {
	case o.Attempts < 1 || o.Attempts > 10_000:
		return o, fmt.Errorf("%d attempts of each fault; want 1 to 10000", o.Attempts)
	case o.SlowBytes < 1 || o.SlowBytes > 1_000_000_000:
		return o, fmt.Errorf("%d bytes for the slow reader; want 1 to 1000000000", o.SlowBytes)
	case o.Watch < 0 || o.Watch > time.Minute:
		return o, fmt.Errorf("watching for %v; want at most a minute", o.Watch)
	}
	for _, name := range o.Cases {
		if !slices.Contains(Names(), name) {
			return o, fmt.Errorf("no fault named %q; there are: %s", name, strings.Join(Names(), ", "))
		}
		if name == restart && t.Restart == nil {
			return o, errors.New("the fault \"restart\" needs a way to restart the tracker, and there is none for this one")
		}
	}
	return o, nil
}

// Progress is where a run stands: the case that begins, and how many are done.
type Progress struct {
	Case        string
	Done, Total int
}

// caseLimit bounds every kind of fault, whatever the tracker does; aliveLimit is what a living one takes at most for an announce.
const (
	caseLimit  = time.Minute
	aliveLimit = 5 * time.Second
)

// Run mistreats a tracker. An error means that there was nothing to mistreat, or ctx ended: then the result is of what was done.
func Run(ctx context.Context, target Target, o Options, progress func(Progress)) (*results.TrackerFaults, error) {
	o, err := o.withDefaults(target)
	if err != nil {
		return nil, err
	}
	r := &run{target: target, options: o, dial: dialer(target)}
	if err := r.alive(ctx); err != nil {
		return nil, fmt.Errorf("before anything was done to it: %w", err)
	}
	todo := r.cases()
	r.control, err = startControl(ctx, r.dial, rand.New(rand.NewPCG(o.Seed, 0)))
	if err != nil {
		return nil, fmt.Errorf("the control group joins: %w", err)
	}
	defer r.control.stop()
	out := &results.TrackerFaults{Seed: o.Seed, ControlPeers: controlPeers}
	r.control.begin()
	err = sleep(ctx, o.Watch)
	out.Calm = r.control.end(ctx)
	for i, f := range todo {
		if err != nil {
			break
		}
		if progress != nil {
			progress(Progress{f.name, i, len(todo)})
		}
		var done results.TrackerFault
		if done, err = r.try(ctx, f, uint64(i)+1); err == nil || done.Attempts > 0 {
			out.Cases = append(out.Cases, done)
		}
		if err == nil && !done.Alive && target.Restart == nil && i+1 < len(todo) {
			out.Stopped = fmt.Sprintf("it was dead after %s, and there is no way to restart it", f.name)
			break
		}
	}
	return out, err
}

type run struct {
	target  Target
	options Options
	dial    dial
	control *control
}

func (r *run) cases() (todo []fault) {
	for _, f := range all {
		wanted := len(r.options.Cases) == 0 && (f.name != restart || r.target.Restart != nil)
		if wanted || slices.Contains(r.options.Cases, f.name) {
			todo = append(todo, f)
		}
	}
	return todo
}

// try does one kind of fault and looks what came of it. The error is ctx's.
func (r *run) try(ctx context.Context, f fault, stream uint64) (results.TrackerFault, error) {
	a := newAttack(r, stream)
	memory := watchMemory(r.target.RSS)
	r.control.begin()
	start := time.Now()
	limited, cancel := context.WithTimeout(ctx, caseLimit)
	f.run(limited, a)
	cancel()
	_ = sleep(ctx, r.options.Watch-time.Since(start)) // ended early: so does all that follows
	out := results.TrackerFault{
		Name: f.name, Doc: f.doc, Attempts: a.attempts, Reactions: a.reactions, Said: a.said, Note: strings.Join(a.notes, "; "),
		Restarted: a.restarted,
	}
	a.release()
	out.RSSBeforeBytes, out.RSSPeakBytes = memory()
	out.Control = r.control.end(ctx)
	out.Alive = r.alive(ctx) == nil
	if a.restarted {
		out.RecoveryMs = ms(r.control.recovered(ctx, a.restartedAt))
	}
	if out.Alive || r.target.Restart == nil || ctx.Err() != nil {
		return out, ctx.Err()
	}
	// What kills it is held against it: it counts as dead, and the run goes on.
	died := time.Now()
	if err := r.target.Restart(ctx); err != nil {
		return out, fmt.Errorf("restart it after %s: %w", f.name, err)
	}
	out.Restarted = true
	out.RecoveryMs = ms(r.control.recovered(ctx, died))
	return out, ctx.Err()
}

// alive has a new viewer come and announce.
func (r *run) alive(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, aliveLimit)
	defer cancel()
	c, err := r.dial(ctx)
	if err != nil {
		return err
	}
	defer c.end()
	rng := rand.New(rand.NewPCG(r.options.Seed, uint64(time.Now().UnixNano())))
	if err := c.say(announce(randomID(rng), randomID(rng), "started", nil)); err != nil {
		return err
	}
	text, err := c.hear(aliveLimit)
	if err != nil {
		return fmt.Errorf("no answer to an announce: %w", err)
	}
	if kindOf(text) != isResponse {
		return fmt.Errorf("it answers an announce with %.200q", text)
	}
	return nil
}

// watchMemory samples a process's memory until the returned function is called.
func watchMemory(rss func() int64) func() (before, peak int64) {
	if rss == nil {
		return func() (int64, int64) { return 0, 0 }
	}
	before := rss()
	peak := before
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				peak = max(peak, rss())
			case <-stop:
				return
			}
		}
	}()
	return func() (int64, int64) {
		close(stop)
		<-done
		return before, peak
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
