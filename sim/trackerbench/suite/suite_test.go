package suite

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"swarmlab/results"
	"swarmlab/sim/trackerbench"
	"swarmlab/sim/trackerbench/faults"
	"swarmlab/sim/trackerbench/process"
)

// measured is what a fake round observes: 20 announces with 100 offers, in a graph of two swarms.
func measured() *trackerbench.Measurement {
	m := &trackerbench.Measurement{Load: results.TrackerLoad{Seed: 3, Peers: 40}}
	m.Round.Generator.Valid = true
	m.Round.Sockets.OpenAtWindow = 40
	m.Round.Series = []results.TrackerSecond{
		{AnnouncesSent: 1000, Offers: 5000}, {InWindow: true, AnnouncesSent: 12, Offers: 60, Answers: 30}, {InWindow: true, AnnouncesSent: 8, Offers: 40, Answers: 20},
	}
	for i := range 40 {
		m.Graph.Members = append(m.Graph.Members, trackerbench.Member{Swarm: int32(i % 4 / 3), Joined: time.Duration(i)}) // 30 in swarm 0, 10 in 1
	}
	for i := range 40 {
		for _, next := range []int{4, 8} { // stays in the swarm
			m.Graph.Edges = append(m.Graph.Edges, trackerbench.Edge{From: uint32(i), To: uint32((i + next) % 40), Announce: uint32(i), Established: true})
		}
	}
	return m
}

func targets(names ...string) (list []Target) {
	for _, name := range names {
		list = append(list, Target{Name: name, Target: trackerbench.Target{URL: "ws://" + name}})
	}
	return list
}

// The trackers take turns, and every round has another number.
func TestTurns(t *testing.T) {
	var turns []string
	o := Options{Repeat: 2, measure: func(_ context.Context, target trackerbench.Target, o trackerbench.Options, _ func(trackerbench.Progress)) (*trackerbench.Measurement, error) {
		turns = append(turns, target.URL+" "+string(rune('0'+o.Round)))
		return measured(), nil
	}}
	var run results.TrackerRun
	if err := Run(t.Context(), &run, targets("a", "b", "c"), o); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"ws://a 0", "ws://b 0", "ws://c 0", "ws://a 1", "ws://b 1", "ws://c 1"}, turns); diff != "" {
		t.Error(diff)
	}
	for _, target := range run.Targets {
		if len(target.Rounds) != 2 || target.Rounds[1].Round != 2 || target.Error != "" {
			t.Errorf("%+v", target)
		}
	}
	if run.Load.Peers != 40 || run.Interrupted || Verdict(&run) != nil {
		t.Errorf("%+v, %v", run.Load, Verdict(&run))
	}
}

// The largest swarm's graph alone is measured.
func TestOverlayIsOfTheLargestSwarm(t *testing.T) {
	o := overlayOf(measured().Graph, 1)
	if o == nil || o.Swarm != 0 || o.Members != 30 || o.Offers != 60 || o.OutDegree.Max != 2 || o.Established != 60 {
		t.Errorf("%+v", o)
	}
	if o := overlayOf(trackerbench.Graph{}, 1); o != nil {
		t.Errorf("of nothing: %+v", o)
	}
	g := measured().Graph
	g.Edges = append(g.Edges, trackerbench.Edge{From: 1 << 30})
	if o := overlayOf(g, 1); o == nil || o.Offers != 60 {
		t.Errorf("with an edge to nobody: %+v", o)
	}
}

// A process is watched at the window's ends, and its costs are by what happened in the window.
func TestProcessIsWatched(t *testing.T) {
	self, err := process.Open(os.Getpid())
	if errors.Is(err, process.ErrNotAvailable) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	o := Options{measure: func(_ context.Context, _ trackerbench.Target, o trackerbench.Options, _ func(trackerbench.Progress)) (*trackerbench.Measurement, error) {
		o.Phase(trackerbench.PhaseIdle)
		o.Phase(trackerbench.PhaseWindow)
		for before := time.Now(); time.Since(before) < 200*time.Millisecond; { // costs processor time
		}
		o.Phase(trackerbench.PhaseDrain)
		o.Phase(trackerbench.PhaseEnded)
		return measured(), nil
	}}
	list := targets("a")
	list[0].Process = self
	var run results.TrackerRun
	if err := Run(t.Context(), &run, list, o); err != nil {
		t.Fatal(err)
	}
	r := run.Targets[0].Rounds[0]
	if r.Process == nil || r.Process.PID != os.Getpid() || r.Process.CPUSeconds <= 0 || r.TrackerRSSBytes == nil || *r.TrackerRSSBytes < 1<<20 {
		t.Fatalf("%+v", r.Process)
	}
	perAnnounce, perRelayed := r.Process.CPUSeconds*1e6/20, r.Process.CPUSeconds*1e6/150
	if *r.TrackerCPUUsPerAnnounce != perAnnounce || r.Process.CPUUsPerRelayed != perRelayed {
		t.Errorf("%v, want %v; %v, want %v", *r.TrackerCPUUsPerAnnounce, perAnnounce, r.Process.CPUUsPerRelayed, perRelayed)
	}
	if run.Targets[0].PID != os.Getpid() {
		t.Errorf("%+v", run.Targets[0])
	}
}

// A tracker that fails gets no more rounds; the others go on, and the verdict names it.
func TestAFailureIsItsOwn(t *testing.T) {
	calls := 0
	o := Options{Repeat: 3, measure: func(_ context.Context, target trackerbench.Target, _ trackerbench.Options, _ func(trackerbench.Progress)) (*trackerbench.Measurement, error) {
		if target.URL == "ws://bad" {
			calls++
			return nil, errors.New("nobody there")
		}
		return measured(), nil
	}}
	var run results.TrackerRun
	if err := Run(t.Context(), &run, targets("bad", "good"), o); err != nil {
		t.Fatal(err)
	}
	err := Verdict(&run)
	if calls != 1 || len(run.Targets[1].Rounds) != 3 || err == nil || !strings.Contains(err.Error(), "bad: round 1: nobody there") || errors.Is(err, ErrInvalid) {
		t.Errorf("%d calls, %d rounds, %v", calls, len(run.Targets[1].Rounds), err)
	}
}

// What is finished when the user has enough is kept; what is not, is not.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o := Options{Repeat: 2, measure: func(_ context.Context, target trackerbench.Target, o trackerbench.Options, _ func(trackerbench.Progress)) (*trackerbench.Measurement, error) {
		if target.URL == "ws://b" {
			cancel()
			return nil, ctx.Err()
		}
		return measured(), nil
	}}
	var run results.TrackerRun
	err := Run(ctx, &run, targets("a", "b"), o)
	if !errors.Is(err, context.Canceled) || !run.Interrupted || len(run.Targets[0].Rounds) != 1 || len(run.Targets[1].Rounds) != 0 || run.Targets[1].Error != "" {
		t.Errorf("%v, %+v", err, run)
	}
}

func TestVerdictNamesTheInvalidRound(t *testing.T) {
	run := results.TrackerRun{Targets: []results.TrackerTarget{{Name: "a", Rounds: []results.TrackerRound{
		{Round: 1, Generator: results.TrackerGenerator{Valid: true}}, {Round: 2, Generator: results.TrackerGenerator{Reasons: []string{"it was late"}}},
	}}}}
	if err := Verdict(&run); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "a, round 2: it was late") {
		t.Error(err)
	}
}

func TestProgressOnlyGrows(t *testing.T) {
	var shares []float64
	o := Options{Repeat: 2, Progress: func(p Progress) { shares = append(shares, p.Share) },
		measure: func(_ context.Context, _ trackerbench.Target, _ trackerbench.Options, progress func(trackerbench.Progress)) (*trackerbench.Measurement, error) {
			for i := range 5 {
				progress(trackerbench.Progress{Elapsed: time.Duration(i), Total: 4})
			}
			return measured(), nil
		}}
	if err := Run(t.Context(), &results.TrackerRun{}, targets("a", "b"), o); err != nil {
		t.Fatal(err)
	}
	if len(shares) != 20 || !slices.IsSorted(shares) || shares[0] != 0 || shares[19] != 1 {
		t.Error(shares)
	}
}

// The search tells which rate it is at; its failure is its own tracker's.
func TestSearch(t *testing.T) {
	var tried []float64
	o := Options{
		Search:   &trackerbench.Search{MaxSteps: 3},
		Progress: func(p Progress) { tried = append(tried, p.Trying) },
		measure: func(context.Context, trackerbench.Target, trackerbench.Options, func(trackerbench.Progress)) (*trackerbench.Measurement, error) {
			return measured(), nil
		},
		findMax: func(_ context.Context, target trackerbench.Target, o trackerbench.Options, search trackerbench.Search) (*results.TrackerFindMax, error) {
			search.Trying(500)
			o.Phase(trackerbench.PhaseIdle)
			if target.URL == "ws://b" {
				return nil, errors.New("died")
			}
			search.Done(&results.TrackerStep{}, measured())
			search.Trying(1000)
			search.Done(&results.TrackerStep{}, nil)
			return &results.TrackerFindMax{RatePerSecond: 500}, nil
		},
	}
	var run results.TrackerRun
	if err := Run(t.Context(), &run, targets("a", "b"), o); err != nil {
		t.Fatal(err)
	}
	if run.Targets[0].FindMax.RatePerSecond != 500 || !strings.Contains(run.Targets[1].Error, "died") {
		t.Errorf("%+v", run.Targets)
	}
	if diff := cmp.Diff([]float64{500, 1000, 500}, tried); diff != "" {
		t.Error(diff)
	}
}

// Faults come last, and a tracker that can be started again is.
func TestFaults(t *testing.T) {
	var order []string
	restarts := 0
	o := Options{
		Faults: &faults.Options{Seed: 9},
		measure: func(_ context.Context, target trackerbench.Target, _ trackerbench.Options, _ func(trackerbench.Progress)) (*trackerbench.Measurement, error) {
			order = append(order, "measure "+target.URL)
			return measured(), nil
		},
		attack: func(ctx context.Context, target faults.Target, o faults.Options, progress func(faults.Progress)) (*results.TrackerFaults, error) {
			order = append(order, "attack "+target.URL)
			progress(faults.Progress{Case: "slow-reader", Done: 1, Total: 2})
			if target.Restart != nil {
				if err := target.Restart(ctx); err != nil {
					return nil, err
				}
			}
			return &results.TrackerFaults{Seed: o.Seed}, nil
		},
	}
	list := targets("a", "b")
	list[1].Restart = func(context.Context) (*process.Process, error) { restarts++; return nil, nil }
	var run results.TrackerRun
	if err := Run(t.Context(), &run, list, o); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"measure ws://a", "measure ws://b", "attack ws://a", "attack ws://b"}, order); diff != "" {
		t.Error(diff)
	}
	if restarts != 1 || run.Targets[0].Faults.Seed != 9 || run.Targets[1].Error != "" {
		t.Errorf("%d restarts, %+v", restarts, run.Targets)
	}
}

func TestLimits(t *testing.T) {
	loopback, elsewhere := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("10.0.0.7")
	machine := Limits{Descriptors: 20_000, Ports: 28_232}
	for _, c := range []struct {
		limits Limits
		peers  int
		at     netip.Addr
		want   string // in the error; "" for none
	}{
		{machine, 15_000, loopback, ""},
		{machine, 19_950, loopback, "ulimit"},
		{Limits{Descriptors: 1 << 20, Ports: 28_232}, 60_000, loopback, ""},
		{Limits{Descriptors: 1 << 20, Ports: 28_232}, 60_000, elsewhere, "ip_local_port_range"},
		{Limits{Descriptors: 1 << 20, Ports: 28_232}, 60_000, netip.IPv6Loopback(), "127.0.0.x"},
		{Limits{}, 1_000_000, elsewhere, ""},
	} {
		err := c.limits.Check(c.peers, c.at)
		if c.want == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v, %d peers to %s: %v; want %q", c.limits, c.peers, c.at, err, c.want)
		}
	}
	if CheckTracker(1000, 1024) == nil || CheckTracker(900, 1024) != nil || CheckTracker(1<<20, 0) != nil {
		t.Error("the tracker's own limit")
	}
	l := RaiseLimits()
	if own := DescriptorsOf(os.Getpid()); own != l.Descriptors {
		t.Errorf("this process may have %d or %d descriptors", own, l.Descriptors)
	}
}
