package sim

import (
	"math"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"swarmlab/results"
)

// TestTheMachineDoesNotMatter is what virtual time is for: the same scenario and seed give the same figures, within the spread
// between seeds, on an idle machine, pinned to one core, and with every core kept busy by something else.
func TestTheMachineDoesNotMatter(t *testing.T) {
	skipIfShort(t)
	once := func(seed int) *results.Result {
		return run(t, preset(t, "vod", "peers.count=12", "stream.length=60s", "run.duration=90s", "peers.arrival.over=10s",
			"run.seed="+strconv.Itoa(seed)))
	}
	figures := map[string]func(*results.Result) float64{
		"P2P ratio":              func(r *results.Result) float64 { return r.Summary.P2PRatio },
		"copies per segment":     func(r *results.Result) float64 { return r.Summary.CopiesPerSegment },
		"median startup (ms)":    func(r *results.Result) float64 { return r.Summary.StartupMs.P50 },
		"median first peer (ms)": func(r *results.Result) float64 { return r.Summary.TimeToFirstPeerMs.P50 },
		"median P2P (ms)":        func(r *results.Result) float64 { return r.Summary.P2PLatencyMs.P50 },
		"95 % of HTTP (ms)":      func(r *results.Result) float64 { return r.Summary.HTTPLatencyMs.P95 },
		"stalls":                 func(r *results.Result) float64 { return float64(r.Summary.Stalls) },
	}
	var idle []*results.Result
	for seed := 1; seed <= 9; seed++ {
		idle = append(idle, once(seed))
	}
	others := map[string]*results.Result{}
	before := runtime.GOMAXPROCS(1)
	others["on one core"] = once(1)
	runtime.GOMAXPROCS(before)
	stop := burn(2 * runtime.NumCPU())
	others["on a busy machine"] = once(1)
	stop()
	for name, figure := range figures {
		low, high := math.Inf(1), math.Inf(-1)
		for _, r := range idle {
			low, high = min(low, figure(r)), max(high, figure(r))
		}
		// Nine seeds do not show the whole spread (of five, all were by chance above 390 ms of P2P once, where single ones of 270 are common), and some figures hardly have one: give as much again, and 2 % of the value.
		room := (high - low) + 0.02*math.Abs(high)
		for where, r := range others {
			t.Logf("%s %s: %.4g (idle: %.4g to %.4g)", name, where, figure(r), low, high)
			within(t, name+" "+where, figure(r), low-room, high+room)
		}
	}
}

// burn keeps cores busy, outside of any bubble, until it is told to stop.
func burn(n int) (stop func()) {
	done := make(chan struct{})
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for x := uint64(1); ; x = x*6364136223846793005 + 1 {
				if x%(1<<20) == 0 {
					runtime.Gosched()
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	return func() { close(done); all.Wait() }
}
