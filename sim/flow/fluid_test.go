package flow

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// network is a fluid network of its own, for tests.
type network struct {
	clock clock
	fluid fluid
	sides []*side
	flows []*flow
}

func newNetwork(maxmin bool) *network {
	n := &network{}
	n.fluid = fluid{clock: &n.clock, maxmin: maxmin}
	return n
}

func (n *network) side(bytesPerSecond float64) *side {
	s := newSide(bytesPerSecond, 0)
	n.sides = append(n.sides, &s)
	return &s
}

// start begins a transfer without end, or of so many bytes.
func (n *network) start(from, to *side, w *window, bytes int64, done func()) *flow {
	f := &flow{}
	n.fluid.init(f, from, to, w, told(done))
	f.send(bytes)
	n.flows = append(n.flows, f)
	return f
}

// told is a sender that is told when its bytes are through.
type told func()

func (t told) through()     { t() }
func (t told) onward()      {}
func (t told) idle()        {}
func (t told) Warm(int) int { return 0 }

func (n *network) run(until time.Duration) {
	for ev := n.clock.next(until); ev != nil; ev = n.clock.next(until) {
		ev.doing.do()
	}
}

const forever = 1 << 50

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance*want {
		t.Errorf("%s is %.6g, want %.6g within %.2g", what, got, want, tolerance)
	}
}

// TestSharing: three transfers from one uplink of 90, of which one ends at a downlink of 10.
func TestSharing(t *testing.T) {
	for _, c := range []struct {
		maxmin       bool
		narrow, wide float64
	}{
		{true, 10, 40},
		{false, 10, 30},
	} {
		n := newNetwork(c.maxmin)
		up, narrow := n.side(90), n.side(10)
		a := n.start(up, narrow, nil, forever, nil)
		b := n.start(up, n.side(1000), nil, forever, nil)
		d := n.start(up, n.side(1000), nil, forever, nil)
		near(t, "the narrow one's rate", a.rate, c.narrow, 1e-9)
		near(t, "a wide one's rate", b.rate, c.wide, 1e-9)
		d.stop()
		near(t, "the wide one's rate alone", b.rate, map[bool]float64{true: 80, false: 45}[c.maxmin], 1e-9)
	}
}

// TestTransfersTakeTheirTime: what is asked for is through when the rates that there were have carried it.
func TestTransfersTakeTheirTime(t *testing.T) {
	n := newNetwork(true)
	up := n.side(100)
	var first, second time.Duration
	n.start(up, n.side(1000), nil, 1000, func() { first = n.clock.now })
	n.run(4 * time.Second) // 400 bytes are through
	n.start(up, n.side(1000), nil, 300, func() { second = n.clock.now })
	n.run(time.Minute)
	near(t, "the end of the second", second.Seconds(), 10, 1e-6) // 300 at 50
	near(t, "the end of the first", first.Seconds(), 13, 1e-6)   // 400 + 300, and 300 more at 100
	if len(up.flows) != 0 || up.used != 0 {
		t.Errorf("%d flows are left, using %v", len(up.flows), up.used)
	}
}

// TestAStoppedTransferSaysWhatIsLeft.
func TestAStoppedTransferSaysWhatIsLeft(t *testing.T) {
	n := newNetwork(true)
	f := n.start(n.side(100), n.side(1000), nil, 1000, func() { t.Error("it is through") })
	n.run(4 * time.Second)
	if left := f.stop(); left != 600 {
		t.Errorf("%d bytes are left, want 600", left)
	}
	n.run(time.Minute)
}

// exact is max-min fairness by progressive filling: all rates grow together, and a flow's stops growing where a side of it is full.
func (n *network) exact() map[*flow]float64 {
	rates, left, open := map[*flow]float64{}, map[*side]float64{}, map[*side]int{}
	for _, s := range n.sides {
		left[s], open[s] = s.capacity, len(s.flows)
	}
	for len(rates) < n.active() {
		var tight *side
		for _, s := range n.sides {
			if open[s] > 0 && (tight == nil || left[s]/float64(open[s]) < left[tight]/float64(open[tight])) {
				tight = s
			}
		}
		share := left[tight] / float64(open[tight])
		for _, f := range tight.flows {
			if _, done := rates[f]; done {
				continue
			}
			rates[f] = share
			for _, s := range []*side{f.from, f.to} {
				left[s] -= share
				open[s]--
			}
		}
	}
	return rates
}

func (n *network) active() (count int) {
	for _, f := range n.flows {
		if f.active {
			count++
		}
	}
	return count
}

// TestMaxMinIsNearlyExact measures the error of the approximation in swarms of random links, in which transfers come and go: sides
// are not overcommitted, and rates are those of progressive filling, on the average within one percent.
func TestMaxMinIsNearlyExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, viewers := range []int{4, 20, 200} {
		n := newNetwork(true)
		origin := n.side(float64(viewers) * 200)
		var ups, downs []*side
		for range viewers {
			up := 50 + rng.Float64()*450
			ups, downs = append(ups, n.side(up)), append(downs, n.side(up*(1+rng.Float64()*9)))
		}
		var errors, sum float64
		worst, overcommitted := 0.0, 0.0
		for range 1500 {
			if n.active() < 3*viewers || rng.IntN(2) == 0 {
				to := rng.IntN(viewers)
				from := origin
				if i := rng.IntN(viewers); i != to && rng.IntN(3) > 0 {
					from = ups[i]
				}
				n.start(from, downs[to], nil, forever, nil)
			} else {
				n.flows[rng.IntN(len(n.flows))].stop()
			}
			if rng.IntN(10) > 0 {
				continue
			}
			for f, want := range n.exact() {
				off := math.Abs(f.rate-want) / want
				errors, sum, worst = errors+off, sum+1, max(worst, off)
			}
			for _, s := range n.sides {
				var used float64
				for _, f := range s.flows {
					used += f.rate
				}
				overcommitted = max(overcommitted, used/s.capacity-1)
				if math.Abs(used-s.used) > 1e-6*s.capacity {
					t.Fatalf("a side keeps %v for used, its flows use %v", s.used, used)
				}
			}
		}
		t.Logf("%d viewers: mean error %.4f, worst %.3f, overcommitted by %.4f at most", viewers, errors/sum, worst, overcommitted)
		if errors/sum > 0.01 || overcommitted > stale+0.01 {
			t.Errorf("%d viewers: mean error %.4f, overcommitted by %.4f at most", viewers, errors/sum, overcommitted)
		}
	}
}

// TestWindowFollowsMathis: a long transfer over a lossy path has the mean rate of Mathis et al.'s formula, for whom a loss halves
// the window.
func TestWindowFollowsMathis(t *testing.T) {
	for _, loss := range []float64{0.0005, 0.002, 0.01} {
		const rtt = 60 * time.Millisecond
		n := newNetwork(true)
		w := new(window)
		w.init(&sctpRules, rtt, newChance(&sctpRules, loss, rand.New(rand.NewPCG(3, 4))), nil)
		var bytes int64
		var f *flow
		f = n.start(n.side(unlimited), n.side(unlimited), w, 65535, func() {
			bytes += 65535
			f.send(65535)
		})
		const long = 20 * time.Minute
		n.run(long)
		want := sctpRules.segment / rtt.Seconds() * math.Sqrt(1.5) / math.Sqrt(loss)
		near(t, "mean rate", float64(bytes)/long.Seconds(), want, 0.15)
	}
}

// TestSlowStartDoubles: three packets at once, then twice as much each round trip. However little the last round has, it comes a round trip after the
// one before.
func TestSlowStartDoubles(t *testing.T) {
	n := newNetwork(true)
	w := new(window)
	w.init(&sctpRules, 100*time.Millisecond, nil, nil)
	var took time.Duration
	n.start(n.side(unlimited), n.side(unlimited), w, 3*1163*(1+2+4)+5000, func() { took = n.clock.now })
	n.run(time.Minute)
	near(t, "time for four windows", took.Seconds(), 0.3, 0.01)
}
