package flow

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"swarmlab/netem"
	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim/hls"
	"swarmlab/sim/player"
	viewing "swarmlab/sim/viewer"
	"swarmlab/sim/webtorrent"
)

// Each room's chance has a stream of its own, named by these numbers and the viewer's seed.
const (
	chanceTracker = 0x747261636b
	chanceViewer  = 0x5ca1ab1e
	chanceUp      = 0x7570
	chanceDown    = 0x646f776e
	chanceHTTP    = 0x68747470
)

// world is one run.
type world struct {
	setup
	scenario   *scenarios.Scenario
	clock      clock
	core       core
	fluid      fluid
	origin     origin
	tracker    tracker
	source     viewing.Source
	deployment viewing.Deployment
	httpChunk  int
	rampUp     bool
	ordered    map[time.Duration]time.Duration // by jitter: see inOrder
	ackClocks  map[jitteryLine]*netem.AckClock

	viewers  []*viewer // by plan; nil before joining
	conns    map[uint64]*peerConn
	lastConn uint64
	received int64 // segment bytes that left the data channels' far ends

	deliveries []*delivery // to be used again
	steps      []*fetchStep
	postage    postage
	queues     [][]webtorrent.Message
	flows      []*flow
	// tamper, in tests, is given every data-channel message that arrives, and says what the viewer gets instead, if anything.
	tamper func(webtorrent.Message) (webtorrent.Message, bool)
	// prompt, in tests, has nothing kept back; kept is how many announcements were, parts how many parts of segments, and mistaken how often
	// that was wrong.
	prompt                bool
	kept, parts, mistaken int
}

// Run runs a scenario to its end, or until ctx ends: then what there is, is the outcome.
func Run(ctx context.Context, s *scenarios.Scenario, o viewing.Options) (*viewing.Outcome, error) {
	w, err := newWorld(s, o.Stream)
	if err != nil {
		return nil, err
	}
	return w.run(ctx, o)
}

func newWorld(s *scenarios.Scenario, stream *hls.Stream) (*world, error) {
	server, _ := netem.LinkPreset("origin")
	region := s.Origin.Region
	w := &world{
		setup: newSetup(s, newPlace(region, server)), scenario: s, core: newCore(), conns: map[uint64]*peerConn{},
		ordered: map[time.Duration]time.Duration{}, ackClocks: map[jitteryLine]*netem.AckClock{},
		httpChunk: s.Network.HTTPChunk, rampUp: s.Network.RampUp == nil || *s.Network.RampUp,
	}
	w.fluid = fluid{clock: &w.clock, seed: s.Run.Seed, maxmin: s.Network.Sharing != "equal"}
	link, err := s.Origin.Link.Resolve()
	if err != nil {
		return nil, fmt.Errorf("the origin: %w", err)
	}
	w.origin = newOrigin(stream, &w.clock)
	w.origin.place, w.origin.link, w.origin.think = newPlace(region, link), link, s.Origin.ResponseDelay.Std()
	w.origin.up = linkSide(link.Up, link.QueueUp, w.headers(httpHeaders))
	w.origin.errorRate, w.origin.cacheable = s.Origin.ErrorRate, s.Origin.StoresSegments()
	w.source = source{&w.origin, viewing.FromStream(stream), make(map[*webtorrent.Content]*webtorrent.Content)}
	w.tracker = tracker{
		place: newPlace(region, server), delay: s.Tracker.Delay.Std(), sockets: map[webtorrent.ConnID]*socket{},
	}
	config, err := webtorrent.Configure(webtorrent.Overrides{
		Emulate: s.Tracker.Emulate, Interval: s.Tracker.Interval.Std(), MaxOffers: s.Tracker.MaxOffers, Selection: s.Tracker.Selection,
	})
	if err == nil {
		w.tracker.Tracker, err = webtorrent.NewTracker(config, rand.New(&w.tracker))
	}
	if err != nil {
		return nil, fmt.Errorf("the tracker: %w", err)
	}
	w.deployment = viewing.Deployment{
		MasterURL: "http://origin/" + stream.MasterPath(), Trackers: []string{"ws://tracker:8000"},
		Playlists: player.NewPlaylistCache(),
	}
	return w, nil
}

// What headers take of a link's rate, unless the scenario says.
const (
	peerHeaders = 0.075 // IP, UDP, DTLS and SCTP: 1163 bytes of data in 1256
	httpHeaders = 0.05  // IP, UDP and QUIC
)

func (w *world) headers(def float64) float64 {
	if h := w.scenario.Network.Headers; h != nil {
		return *h
	}
	return def
}

// run lets the audience come and go, samples it each second, and ends everything.
func (w *world) run(ctx context.Context, o viewing.Options) (*viewing.Outcome, error) {
	w.deployment.NewEngine = o.NewEngine
	end := w.scenario.Run.Duration.Std()
	plans := scenarios.Audience(w.scenario, w.scenario.Run.Seed)
	memory := newCrowdHeap(len(plans), EstimateOf(w.scenario).MemoryBytes)
	defer memory.rest()
	w.viewers = make([]*viewer, len(plans))
	for i := range plans {
		w.clock.after(plans[i].JoinAt, call(func() { w.join(i, plans[i]) }))
	}
	sampler := &results.Sampler{}
	for at := time.Second; ; at += time.Second {
		if err := w.advance(ctx, min(at, end)); err != nil {
			return nil, err
		}
		if at >= end || interrupted(ctx) {
			break
		}
		s := w.tick(sampler, at, w.counters())
		memory.look()
		if o.Progress != nil {
			o.Progress(at, s)
		}
	}
	return w.outcome(sampler), nil
}

// Events at one instant that are certainly a fault, and how many pass before somebody may interrupt.
const (
	tooMany = 50_000_000
	breath  = 4096
)

// advance lets everything happen up to a time, or until ctx ends.
func (w *world) advance(ctx context.Context, to time.Duration) error {
	instant, same := w.clock.now, 0
	for n := 1; ; n++ {
		if n%breath == 0 && interrupted(ctx) {
			return nil
		}
		ev := w.clock.next(to)
		if ev == nil {
			return nil
		}
		if same++; w.clock.now != instant {
			instant, same = w.clock.now, 0
		}
		if same > tooMany {
			return fmt.Errorf("time stands still at %v: more than %d events there", instant, tooMany)
		}
		ev.doing.do()
	}
}

// interrupted is no error of a tier's: what there is, is its outcome.
func interrupted(ctx context.Context) bool { return ctx.Err() != nil }

func (w *world) join(i int, plan scenarios.Viewer) {
	v := &viewer{
		world: w, plan: plan, place: newPlace(plan.Region, plan.Link),
		rand:  rand.New(rand.NewPCG(plan.Seed, chanceViewer)),
		up:    linkSide(plan.Link.Up, plan.Link.QueueUp, w.headers(peerHeaders)),
		down:  linkSide(plan.Link.Down, plan.Link.QueueDown, w.headers(peerHeaders)),
		conns: map[*peerConn]struct{}{}, fetches: map[*fetch]struct{}{}, sockets: map[*socket]struct{}{},
	}
	v.late.up, v.late.down = newWander(plan.Link.Jitter, plan.Seed^chanceUp), newWander(plan.Link.Jitter, plan.Seed^chanceDown)
	v.Viewer = viewing.New(v, w.scenario, plan, w.deployment, w.source)
	w.viewers[i] = v
	if plan.LeaveAt > 0 {
		w.clock.after(plan.LeaveAt-w.clock.now, call(func() { v.leave(plan.Clean) }))
	}
	v.turn(v.Start)
}

// counters are what the servers have counted so far.
func (w *world) counters() results.World {
	return results.World{OriginBytes: w.origin.counted.SegmentBytes, TrackerAnnounces: w.tracker.Counters().Announces}
}

func (w *world) tick(sampler *results.Sampler, at time.Duration, servers results.World) results.Sample {
	t := sampler.Tick(at, servers)
	for i, v := range w.viewers {
		if i%warmAhead == 0 {
			w.clock.warmth += warmViewers(w.viewers[i:min(i+warmAhead, len(w.viewers))])
		}
		if v != nil {
			s := v.ask()
			t.Add(s.totals, s.gauge)
		}
	}
	return t.Done()
}

// outcome ends every viewer's record, reads all counters and takes the last sample.
func (w *world) outcome(sampler *results.Sampler) *viewing.Outcome {
	// Before the viewers are torn down, which ends transfers.
	servers := w.counters()
	out := &viewing.Outcome{End: w.clock.now, Sampler: sampler, Origin: w.origin.counted}
	var uploaded int64
	for _, v := range w.viewers {
		if v == nil {
			continue
		}
		v.finish()
		out.Viewers = append(out.Viewers, v.Record)
		uploaded += v.final.totals.UploadedBytes
	}
	w.tick(sampler, out.End, servers)
	t := w.tracker.Counters()
	out.Tracker = results.TrackerCounters{
		Announces: t.Announces, Offers: t.OffersRelayed, Answers: t.AnswersRelayed, Errors: t.Errors,
	}
	// What the cores say they uploaded, less what left the data channels' far ends: queued, on its way, or lost with a connection.
	inFlight := uploaded - w.received
	out.InFlight = &inFlight
	return out
}

// byID lists connections in the order they were made.
func (w *world) byID(conns map[*peerConn]struct{}) []*peerConn {
	return slices.SortedFunc(maps.Keys(conns), func(a, b *peerConn) int { return cmp.Compare(a.id, b.id) })
}
