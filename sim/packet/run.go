package packet

import (
	"context"
	"fmt"
	"time"

	"swarmlab/results"
	"swarmlab/scenarios"
	viewing "swarmlab/sim/viewer"
)

// run lets the audience come and go, samples it each second, and ends everything in order.
func (w *world) run(o viewing.Options) (*viewing.Outcome, error) {
	end := w.scenario.Run.Duration.Std()
	plans := w.audience()
	w.viewers = make([]*viewer, len(plans))
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	for i, plan := range plans {
		w.stay.Go(func() { w.watch(ctx, i, plan) })
	}
	sampler := &results.Sampler{}
	w.sample(ctx, sampler, end, o.Progress)
	// Every record ends at this instant, before anything is torn down: no time passes until all have.
	out := w.outcome(sampler, w.now())
	cancel()
	w.stay.Wait()
	return out, w.failure()
}

// watch is one viewer's stay: it joins, watches, and leaves or is there at the end.
func (w *world) watch(ctx context.Context, i int, plan scenarios.Viewer) {
	if sleep(ctx, plan.JoinAt-w.now()) != nil {
		return // the run ended before
	}
	v, err := w.join(plan)
	if err != nil {
		w.fail(fmt.Errorf("viewer %s joins: %w", plan.Name, err))
		return
	}
	w.mu.Lock()
	w.viewers[i] = v
	w.mu.Unlock()
	v.start()
	if plan.LeaveAt > 0 && sleep(ctx, plan.LeaveAt-w.now()) == nil {
		v.leave(plan.Clean)
	} else {
		<-ctx.Done()
		v.finish()
	}
	<-v.ended
}

func (w *world) join(plan scenarios.Viewer) (*viewer, error) {
	host, err := w.network.join(plan)
	if err != nil {
		return nil, err
	}
	return newViewer(w, plan, host), nil
}

// sample takes the timeline until just before the end, or until the run is interrupted or has failed. The last sample is
// outcome's: it must see the records as they end.
func (w *world) sample(ctx context.Context, sampler *results.Sampler, end time.Duration, progress func(time.Duration, results.Sample)) {
	for at := time.Second; at < end; at += time.Second {
		if sleep(ctx, at-w.now()) != nil || w.failure() != nil {
			return
		}
		answers := make([]func() sample, 0, len(w.viewers))
		for _, v := range w.joined() {
			answers = append(answers, v.ask())
		}
		s := w.tick(sampler, at, answers)
		if progress != nil {
			progress(at, s)
		}
	}
	_ = sleep(ctx, end-w.now()) // if interrupted, the run just ends earlier
}

func (w *world) tick(sampler *results.Sampler, at time.Duration, answers []func() sample) results.Sample {
	origin, tracker := w.counters()
	t := sampler.Tick(at, results.World{OriginBytes: origin.SegmentBytes, TrackerAnnounces: tracker.Announces})
	for _, answer := range answers {
		s := answer()
		t.Add(s.totals, s.gauge)
	}
	return t.Done()
}

// joined are the viewers who have joined, in the order of their plans.
func (w *world) joined() []*viewer {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []*viewer
	for _, v := range w.viewers {
		if v != nil {
			out = append(out, v)
		}
	}
	return out
}

// outcome ends every viewer's record, reads all counters and takes the last sample.
func (w *world) outcome(sampler *results.Sampler, ended time.Duration) *viewing.Outcome {
	out := &viewing.Outcome{End: ended, Sampler: sampler, Open: w.origin == nil}
	joined := w.joined()
	for _, v := range joined {
		v.finish()
	}
	var uploaded int64
	var finals []func() sample
	for _, v := range joined {
		<-v.gone
		out.Viewers = append(out.Viewers, v.Record)
		out.Live = out.Live || v.Live
		uploaded += v.final.totals.UploadedBytes
		finals = append(finals, func() sample { return v.final })
	}
	w.tick(sampler, ended, finals)
	// What the cores say they uploaded, less what left the data channels' far ends: queued, on its way, or lost with a connection.
	if inFlight := uploaded - w.wire.received.Load(); !out.Open {
		out.InFlight = &inFlight
	}
	out.Origin, out.Tracker = w.counters()
	return out
}

func (w *world) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil {
		w.failed = err
	}
}

func (w *world) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}
