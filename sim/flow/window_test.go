package flow

import (
	"math"
	"slices"
	"testing"
	"time"

	"swarmlab/netem"
)

// newTestWindow has a flow that uses it, so that it is not at rest.
func newTestWindow(r *rules, size, threshold float64) *window {
	w := new(window)
	w.init(r, 100*time.Millisecond, nil, func() time.Duration { return 0 })
	w.size, w.threshold, w.before = size, threshold, size
	w.flows = []*flow{{from: new(side), to: new(side)}}
	return w
}

// TestWindowGrowsByWhatFillsIt: by as much as itself in slow start and by a segment after it, for each round trip that was used to the
// full with more to be sent, and not for less.
func TestWindowGrowsByWhatFillsIt(t *testing.T) {
	for _, c := range []struct {
		name            string
		rules           *rules
		size, threshold float64
		passed          []int64
		want            float64
	}{
		{"slow start, less than a window", &sctpRules, 100_000, 1 << 20, []int64{60_000}, 100_000},
		{"slow start, a window in small parts", &sctpRules, 100_000, 1 << 20, []int64{40_000, 40_000, 20_000}, 200_000},
		{"slow start, two windows", &sctpRules, 50_000, 1 << 20, []int64{50_000, 100_000}, 200_000},
		{"avoidance, less than a window", &quicRules, 100_000, 100_000, []int64{90_000}, 100_000},
		{"avoidance, three windows at once", &quicRules, 100_000, 100_000, []int64{310_000}, 100_000 + 3*1240},
		{"no more than the other side takes", &sctpRules, 1 << 20, 1 << 21, []int64{1 << 20}, 1 << 20},
	} {
		w := newTestWindow(c.rules, c.size, c.threshold)
		for _, n := range c.passed {
			w.passed(n, 0, 1<<20, 0)
			w.grow()
		}
		near(t, c.name, w.size, c.want, 1e-9)
	}
}

// TestWindowAtRest: the last round's acknowledgements find it partly filled. The figures were seen of quic-go: a window of 328 kB of
// which the next one sent 80 grows to 491.
func TestWindowAtRest(t *testing.T) {
	for _, c := range []struct {
		name   string
		rules  *rules
		passed []int64
		want   float64
	}{
		{"quic, a window and a quarter", &quicRules, []int64{328_000, 80_000}, 491_000},
		{"quic, a quarter", &quicRules, []int64{80_000}, 328_000},
		{"sctp, a window and a quarter", &sctpRules, []int64{328_000, 80_000}, 368_000},
		{"sctp, a quarter", &sctpRules, []int64{80_000}, 328_000},
	} {
		w := newTestWindow(c.rules, 328_000, 2<<20)
		for _, n := range c.passed {
			w.grow()
			w.passed(n, 0, 1<<20, 0)
		}
		w.grow()
		w.rest(0)
		near(t, c.name, w.size, c.want, 0.01)
	}
}

// TestLossIsNoticedARoundTripLater: with all that is lost until then it is one, and for a round trip after that nothing grows.
func TestLossIsNoticedARoundTripLater(t *testing.T) {
	w := newTestWindow(&quicRules, 100_000, 100_000)
	step := func(bytes int64, want float64) {
		t.Helper()
		w.passed(bytes, 0, 1<<20, 0)
		w.grow()
		near(t, "the window", w.size, want, 1e-9)
	}
	w.lose(1, 0, 1<<20, 0)
	step(60_000, 100_000)
	w.lose(1, 0, 1<<20, 0)
	step(40_000, 70_000)
	step(70_000, 70_000)
	step(69_000, 70_000)
	step(1_000, 71_240)
	w.lose(1, 0, 1<<20, 0)
	w.rest(0) // nothing more is sent: it is noticed before there is
	near(t, "the window at rest", w.size, 71_240*0.7, 1e-9)
}

// TestLossesOfDataChannels: what Pion's SCTP makes of them.
func TestLossesOfDataChannels(t *testing.T) {
	const segment, round = 1163, 20 * 1163
	w := newTestWindow(&sctpRules, round+segment/2, round)
	near(t, "what is sent of 20 and a half", w.share(), round, 1e-9)
	w.size = 19 * segment
	near(t, "packets sent of 19 in slow start", w.share()/segment, 19, 1e-9)
	w.threshold = 0
	near(t, "packets sent of 19", w.share()/segment, 18, 1e-9)
	w.threshold = round
	w.size = round
	w.lose(1, 0, 1<<20, 0)
	w.passed(round-segment, 0, 1<<20, 0)
	near(t, "before it is noticed", w.size, round, 1e-9)
	w.passed(segment, 0, 1<<20, 0)
	near(t, "after a loss", w.size, 11*segment, 1e-9)
	w.passed(10*segment, 0, 1<<20, 0)
	w.passed(11*segment, 0, 1<<20, 0)
	w.grow()
	near(t, "a round trip after recovery", w.size, 11*segment+1200, 1e-9)

	for _, c := range []struct {
		between int64 // packets between the two
		second  float64
	}{{9, 11}, {11, 6.5}} {
		w = newTestWindow(&sctpRules, round, round)
		w.lose(1, 0, 1<<20, 0)
		w.passed(c.between*segment, 0, 1<<20, 0)
		w.lose(1, 0, 1<<20, 0)
		w.passed(round-c.between*segment, 0, 1<<20, 0)
		near(t, "packets after the first of two", w.size/segment, 11, 1e-9)
		w.passed(11*segment, 0, 1<<20, 0)
		near(t, "packets after the second", w.size/segment, c.second, 1e-9)
		w.passed(30*segment, 0, 1<<20, 0)
		near(t, "packets: there is no third", w.size/segment, c.second, 1e-9)
	}
}

// TestLossesThatOnlyATimerMends: of the last packets of all, which is not answered before the next transfer, and of what is sent again.
func TestLossesThatOnlyATimerMends(t *testing.T) {
	const segment = 1163
	w := newTestWindow(&sctpRules, 40*segment, 0)
	w.rtt = 0.18 // not so short that any limit would do
	w.untilLoss = 38 * segment
	w.passed(40*segment, 0, 0, 0)
	near(t, "packets of the window over a shorter way, where a probe is in time", w.size/segment, 40, 1e-9)

	w = newTestWindow(&sctpRules, 40*segment, 0)
	w.rtt = 0.22
	w.lose(1, 0, 1<<20, 0)
	w.untilLoss = 38 * segment
	w.passed(39*segment, 0, 0, 0)
	near(t, "packets of the window while another loss is not noticed", w.size/segment, 40, 1e-9)

	w = newTestWindow(&sctpRules, 40*segment, 0)
	w.rtt = 0.22
	w.untilLoss = 38 * segment
	w.passed(40*segment, 0, 0, 0)
	near(t, "packets of the window", w.size/segment, 1, 1e-9)
	near(t, "packets of its threshold", w.threshold/segment, 20, 1e-9)
	near(t, "seconds until it is there", w.resent(0).Seconds(), 0.66, 1e-9)
	w.rest(0)
	near(t, "packets of the window at rest", w.size/segment, 1.5, 1e-9)

	w = newTestWindow(&quicRules, 40*segment, 0)
	w.untilLoss = 38 * segment
	w.passed(40*segment, 0, 0, 0)
	near(t, "packets of a download's window", w.size/segment, 40, 1e-9)

}

// script is a luck that says of each packet that is sent again, and of what acknowledges it, whether it is lost. What is not said is not.
type script struct{ lost []bool }

func (l *script) next() float64 { return math.Inf(1) }

func (l *script) again() bool {
	if len(l.lost) == 0 {
		return false
	}
	lost := l.lost[0]
	l.lost = l.lost[1:]
	return lost
}

// TestWhatIsLostAgainWaitsForTheTimer: for a second. Meanwhile the sender is in recovery, with a packet less; then it begins anew, when it has heard of
// what the timer sends: after twice the time if that is lost, or what acknowledges it, and so on.
func TestWhatIsLostAgainWaitsForTheTimer(t *testing.T) {
	const segment, ms, more = 1163, time.Millisecond, 1 << 20
	const timer, always = 1100 * ms, (100 + 1000*(1+2+4+8+16+32)) * ms
	for _, c := range []struct {
		name         string
		lost         []bool
		there, heard time.Duration
	}{
		{"it is", []bool{true}, timer, timer}, {"and once more", []bool{true, true}, timer + 2000*ms, timer + 2000*ms},
		{"and what acknowledges it", []bool{true, false, true}, timer, timer + 2000*ms},
		{"and both", []bool{true, true, false, true}, timer + 2000*ms, timer + 6000*ms},
		{"always", slices.Repeat([]bool{true}, 100), always, always},
	} {
		w := newTestWindow(&sctpRules, 40*segment, 0)
		w.luck = &script{lost: c.lost}
		w.lose(1, 0, more, 0)
		near(t, c.name+": seconds until it is there", w.resent(0).Seconds(), c.there.Seconds(), 1e-9)
		w.passed(40*segment, 0, more, 0)
		near(t, c.name+": packets of the window", w.size/segment, 20, 1e-9)
		near(t, c.name+": packets that are sent of it", w.share()/segment, 19, 1e-9)
		w.passed(200*segment, 0, more, 0)
		w.step(more, false, timer-ms)
		near(t, c.name+": packets of the window after ten round trips", w.size/segment, 20, 1e-9)
		w.step(more, false, timer)
		near(t, c.name+": packets of the window then", w.size/segment, 1, 1e-9)
		near(t, c.name+": packets of its threshold", w.threshold/segment, 10, 1e-9)
		near(t, c.name+": seconds until something new is sent", w.began.Seconds(), (c.heard + 100*ms).Seconds(), 1e-6)
	}
	w := newTestWindow(&sctpRules, 40*segment, 0)
	w.luck = &script{lost: []bool{false}}
	w.lose(1, 0, more, 0)
	w.passed(40*segment, 0, more, 0)
	near(t, "packets of the window if it is not lost again", w.size/segment, 21, 1e-9)
}

// TestRecoveryBeginsWhenTheLossIsNoticed: until then slow start goes on. Of a window of 16 the fourth packet is lost, so ten are left of twenty.
func TestRecoveryBeginsWhenTheLossIsNoticed(t *testing.T) {
	const segment = 1163
	for again, want := range map[bool]float64{false: 11, true: 10} {
		w := newTestWindow(&sctpRules, 16*segment, 1<<20)
		w.luck = &script{lost: []bool{again}}
		w.untilLoss = 4 * segment
		w.step(1<<20, false, 0)
		w.passed(16*segment, 0, 1<<20, 0)
		w.step(1<<20, false, 100*time.Millisecond)
		w.passed(8*segment, 0, 1<<20, 100*time.Millisecond)
		near(t, "packets of the window", w.size/segment, want, 1e-9)
	}
}

// TestATimerThatIsOverCounts, whatever happens after it: another loss, or a transfer that begins long after.
func TestATimerThatIsOverCounts(t *testing.T) {
	const segment, more = 1163, 1 << 20
	w := newTestWindow(&sctpRules, 40*segment, 0)
	w.luck = &script{lost: []bool{true, false, false, true}}
	w.lose(1, 0, more, 0)
	w.passed(40*segment, 0, more, 0)
	w.lose(1, 0, more, 1150*time.Millisecond)
	near(t, "packets of the window after another loss", w.size/segment, 1, 1e-9)

	world := newClockedWorld(true)
	a, b := pairOn(world, netem.Link{Up: 100 * netem.Mbit, Down: 100 * netem.Mbit, Delay: 10 * time.Millisecond}, 0)
	heard := &listener{w: world}
	b.handler = heard
	a.lane.window.size, a.lane.window.threshold, a.lane.window.stuck = 60*segment, 60*segment, time.Second
	world.until(5 * time.Second)
	a.Send(data(56 * segment))
	for heard.got < 56*segment {
		world.clock.next(time.Minute).doing.do()
	}
	// One packet, and two and four and so on: five round trips and the way there.
	near(t, "seconds of 56 packets", (world.clock.now - 5*time.Second).Seconds(), 5*0.04+0.02, 0.05)
}

// TestATimerThatGoesIsOne: last packets that are lost over a long way do not make a window begin anew that does so anyway.
func TestATimerThatGoesIsOne(t *testing.T) {
	const segment, more = 1163, 1 << 20
	w := newTestWindow(&sctpRules, 40*segment, 0)
	w.rtt = 0.25
	w.luck = &script{lost: []bool{true}}
	w.lose(1, 0, more, 0)
	w.passed(40*segment, 0, more, 0)
	w.untilLoss = 9 * segment
	w.passed(10*segment, 0, 0, 500*time.Millisecond)
	w.step(more, false, 2*time.Second)
	near(t, "packets of the threshold", w.threshold/segment, 10, 1e-9)
}

// TestALossInRecovery is not answered any more than by being sent again, which has the place of a packet; what is lost again of it goes with the timer
// that goes already.
func TestALossInRecovery(t *testing.T) {
	const segment, ms, more = 1163, time.Millisecond, 1 << 20
	for _, c := range []struct {
		name    string
		lost    []bool // after that which the timer goes for
		want    time.Duration
		packets float64 // that are sent of a window of 20
	}{
		{"one that is not lost again", []bool{false}, 1100 * ms, 19}, {"one that is", []bool{true}, 1100 * ms, 18}, {"and once more", []bool{true, true}, 3100 * ms, 18},
	} {
		w := newTestWindow(&sctpRules, 40*segment, 0)
		w.luck = &script{lost: append([]bool{true, false, false}, c.lost...)}
		w.lose(1, 0, more, 0)
		w.passed(40*segment, 0, more, 0)
		w.lose(1, 0, more, 500*ms)
		near(t, c.name+": seconds until all is there", w.resent(0).Seconds(), c.want.Seconds(), 1e-9)
		near(t, c.name+": packets that are sent", w.share()/segment, c.packets, 1e-9)
		near(t, c.name+": seconds until something new is sent", w.began.Seconds(), 0.5+0.1/c.packets, 1e-6)
		w.passed(40*segment, 0, more, 0)
		near(t, c.name+": packets of the window", w.size/segment, 20, 1e-9)
	}
}

// TestAProbeThatIsLost: nothing follows it, so the timer mends that, and the window begins anew.
func TestAProbeThatIsLost(t *testing.T) {
	const segment = 1163
	for lost, want := range map[bool]struct{ there, packets float64 }{false: {0.3, 40}, true: {1.3, 1}} {
		w := newTestWindow(&sctpRules, 40*segment, 0)
		w.luck = &script{lost: []bool{lost}}
		w.lose(1, 0, segment, 0)
		near(t, "seconds until the last packet is there", w.resent(0).Seconds(), want.there, 1e-9)
		w.step(1<<20, false, 2*time.Second)
		near(t, "packets of the window then", w.size/segment, want.packets, 1e-9)
	}
}

// TestALossOfSlowStart is noticed when its acknowledgement would have come: when two packets have gone for each before it in its round, and
// the window has grown by as many.
func TestALossOfSlowStart(t *testing.T) {
	const segment = 1163
	w := newTestWindow(&sctpRules, 20*segment, 1<<20)
	w.untilLoss = 5 * segment
	w.step(1<<20, false, 0)
	w.passed(20*segment, 0, 1<<20, 0)
	near(t, "packets until it is noticed", w.unnoticed/segment, 10, 1e-9)
	near(t, "packets of the next part", float64(w.step(1<<20, false, 0))/segment, 10, 1e-9)
	near(t, "the window", w.size/segment, 40, 1e-9)
	w.passed(10*segment, 0, 1<<20, 0)
	near(t, "when it is noticed", w.size/segment, 25/2.0+1, 1e-9)
	if w.size < w.threshold {
		t.Error("slow start goes on")
	}
	// It was in a burst that leaves when its round begins, after 100 ms; then what is sent again has the place of a packet, of 13.5.
	const place, even = 1 / 13.5, 12.0
	near(t, "a last part of five takes a round trip, so much of its pace", w.pace(5*segment, 0, false, 1e9, 100*time.Millisecond), 5/even/(1+place), 1e-6)
	near(t, "26 packets take so much longer than two round trips", 1/w.pace(26*segment, 0, false, 1e9, 0), 1+(1+place)*even/26, 1e-6)
	near(t, "and if that is over", 1/w.pace(26*segment, 0, false, 1e9, 100*time.Millisecond), 1+place*even/26, 1e-6)
}

// TestWhatIsSentAgainWaitsInTheQueue: behind all that was sent until the loss was missed, but for no longer than the queue lasts. In slow start the
// sender's timer expires over a long one, and the window is a quarter.
func TestWhatIsSentAgainWaitsInTheQueue(t *testing.T) {
	const segment = 1163
	const ms, more = time.Millisecond, 1 << 20
	for _, c := range []struct {
		name      string
		threshold float64
		packets   int
		ago       float64 // packets
		after     float64 // bytes
		rate      float64 // packets a second
		queue     float64
		want      time.Duration
		left      float64 // packets of the window of 40 when it is noticed
		pause     float64 // round trips until it sends again
	}{
		{"no queue: a round trip", 0, 1, 0, more, 400, 5, 100 * ms, 21, 1 / 21.0},
		{"of which a quarter is over", 0, 1, 10, more, 400, 5, 75 * ms, 21, 1 / 21.0},
		{"a window takes a quarter of a second", 0, 1, 0, more, 160, 5, 250 * ms, 21, 1 / 21.0},
		{"of which less than half is left to send", 0, 1, 0, 16 * segment, 100, 5, 160 * ms, 21, 1 / 21.0},
		{"a short queue", 0, 1, 0, more, 160, 0.05, 150 * ms, 21, 1 / 21.0},
		{"half a window at a time, and there are but two", 0, 1000, 0, more, 400, 5, 300 * ms, 21, 1 / 21.0},
		{"slow start", more, 1, 0, more, 160, 5, 250 * ms, 21, 1 / 21.0},
		{"slow start: for longer than the timer", more, 1, 0, more, 32, 5, 1250 * ms, 11, 2 + 1/11.0},
		{"that long later on, when it is known", 0, 1, 0, more, 32, 5, 1250 * ms, 21, 1 / 21.0},
	} {
		w := newTestWindow(&sctpRules, 40*segment, c.threshold)
		w.flows[0].rate, w.flows[0].from.queue = c.rate*segment, c.queue
		w.lose(c.packets, c.ago*segment, c.after, 0)
		near(t, c.name+": seconds until it is there", w.resent(0).Seconds(), c.want.Seconds(), 1e-9)
		w.passed(40*segment, 0, 1<<20, 0)
		near(t, c.name+": packets of the window", w.size/segment, c.left, 1e-9)
		near(t, c.name+": round trips of silence", w.began.Seconds()/w.trip(), c.pause, 1e-6)
	}
}

// TestPartsOfATransfer: after slow start a window is looked at again before it is another.
func TestPartsOfATransfer(t *testing.T) {
	const segment = 1163
	for _, c := range []struct {
		packets float64
		flows   int
		want    float64 // packets
	}{{4, 1, 4}, {12, 1, 24}, {12, 2, 12}, {60, 1, 600}, {2, 100, 1}} {
		w := newTestWindow(&sctpRules, c.packets*segment, 0)
		for len(w.flows) < c.flows {
			w.flows = append(w.flows, w.flows[0])
		}
		near(t, "packets of a part", float64(w.step(1<<30, false, 0))/segment, c.want, 1e-3)
	}
}

// TestABurstLeavesWhenItsRoundBegins: of what is through evenly until then, so that what is lost of it is there a round trip after that.
func TestABurstLeavesWhenItsRoundBegins(t *testing.T) {
	const segment = 1163
	for _, c := range []struct {
		rules *rules
		want  time.Duration
	}{{&sctpRules, 200 * time.Millisecond}, {&quicRules, 100 * time.Millisecond}} {
		w := newTestWindow(c.rules, 20*segment, 1<<20)
		w.step(1<<20, false, 0)
		w.passed(20*segment, 0, 1<<20, 0)
		w.step(1<<20, false, 0)
		near(t, "the window is said to be", w.size/segment, 40, 1e-9)
		near(t, "and is", w.present()/segment, 20, 1e-9)
		w.passed(10*segment, 0, 1<<20, 0)
		near(t, "and later", w.present()/segment, 25, 1e-9)
		w.lose(1, 0, 1<<20, 0)
		near(t, "seconds until what is lost is there", w.resent(0).Seconds(), c.want.Seconds(), 1e-9)
	}
}

// TestTheRestOfARoundIsNotSeveral: a packet that the window has nearly room for does not end the bursts.
func TestTheRestOfARoundIsNotSeveral(t *testing.T) {
	const segment = 1163
	w := newTestWindow(&sctpRules, 20.3*segment, 1<<20)
	w.step(1<<20, false, 0)
	w.passed(20*segment, 0, 1<<20, 0)
	if w.pace(segment, 1<<20, false, 1e6, 0); w.spread {
		t.Error("it does")
	}
	if w.pace(40*segment, 1<<20, false, 1e6, 0); !w.spread {
		t.Error("forty packets do not")
	}
}

// TestABlockIsWhatArrivesInAMoment: a slow line's player is told often of little, a fast line's of 64 KiB at a time.
func TestABlockIsWhatArrivesInAMoment(t *testing.T) {
	for _, c := range []struct {
		rate   float64
		rampUp bool
		want   int
	}{{0, true, packet}, {200_000, true, 4_000}, {25e6, true, 65_536}, {200_000, false, 65_536}} {
		f := &fetch{v: &viewer{world: &world{httpChunk: 65_536, rampUp: c.rampUp}}}
		f.flow.rate = c.rate
		if got := f.block(); got != c.want {
			t.Errorf("at %v bytes a second, ramp-up %v: a block of %d bytes, want %d", c.rate, c.rampUp, got, c.want)
		}
	}
}
