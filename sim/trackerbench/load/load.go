package load

import (
	"errors"
	"fmt"
	"time"
)

// Arrival is how sessions begin.
type Arrival string

// The arrivals that there are.
const (
	ArriveEvenly  Arrival = "constant" // one after the other, evenly over ArriveOver, before the window
	ArrivePoisson Arrival = "poisson"  // at random over ArriveOver, before the window
	ArriveFlash   Arrival = "flash"    // a crowd: within the window, most of them at once, over ArriveOver
	ArriveStorm   Arrival = "storm"    // evenly; a quarter into the window all connections break and come back over StormOver
)

// Timers is how one member's announces follow each other.
type Timers string

// The timers that there are.
const (
	TimersConstant Timers = "constant" // as clients do: an interval, and a phase of one's own
	TimersPoisson  Timers = "poisson"  // exponential gaps
)

// Load is what viewers do to a tracker. The zero value of a field is its default.
type Load struct {
	Seed uint64
	// Peers is how many viewers are present, each with one connection. Default 1000.
	Peers int
	// SwarmsPerSocket is in how many swarms each viewer is, under another peer id in each, as P2P Media Loader has one for each
	// stream. Default 1.
	SwarmsPerSocket int
	// Swarms is their sizes. Default 20 of equal size.
	Swarms Swarms

	// Rate is announces a second of all together. Interval is what one member waits between two; it is derived from the rate. If
	// only the interval is given, the rate is derived. Default 1000 a second.
	Rate     float64
	Interval time.Duration
	Timers   Timers

	Arrival Arrival
	// ArriveOver is how long arriving takes. Default: 1000 viewers a second, at least a second.
	ArriveOver time.Duration
	// StormOver is how long coming back takes. Default 1 s.
	StormOver time.Duration
	// Settle is between the last arrival and the window. Default 1 s.
	Settle time.Duration
	// Window is the measured time. Default 10 s.
	Window time.Duration

	// Offers is how many an announce carries. Default 5, as the real client; NoOffers for none.
	Offers int
	// Answer is the share of received offers that are answered, 0 to 1. Default 0. Think is the mean time before an answer,
	// exponentially distributed, on top of a millisecond that it takes anyhow. Default 0.
	Answer float64
	Think  time.Duration

	// LeaveRate is viewers a second that leave, each followed by a new one in its place. LeaveClean of them, 0 to 1, say so;
	// LeaveSilent of them keep the connection open and fall silent, as a dead phone does; the others close it.
	LeaveRate               float64
	LeaveClean, LeaveSilent float64
	// ScrapeRate is scrapes a second, each of one swarm.
	ScrapeRate float64
}

// NoOffers is Load.Offers for announces without any.
const NoOffers = -1

// Bounds of a load: every run ends, and fits.
const (
	MostPeers     = 1_000_000
	MostSwarms    = 1 << 20
	MostPerSocket = 64
	MostRate      = 1e6
	MostOffers    = 100
	LongestWindow = time.Hour
	LongestPhase  = time.Hour // arriving, settling
)

// WithDefaults fills in what is not said, and checks the rest. The errors name the field and what would be right.
func (l Load) WithDefaults() (Load, error) {
	setDefault(&l.Peers, 1000)
	setDefault(&l.SwarmsPerSocket, 1)
	if l.Swarms == (Swarms{}) {
		l.Swarms = Swarms{Count: 20}
	}
	setDefault(&l.Timers, TimersConstant)
	setDefault(&l.Arrival, ArriveEvenly)
	setDefault(&l.ArriveOver, max(time.Second, time.Duration(l.Peers)*time.Millisecond))
	setDefault(&l.StormOver, time.Second)
	setDefault(&l.Settle, time.Second)
	setDefault(&l.Window, 10*time.Second)
	setDefault(&l.Offers, 5)
	if err := l.check(); err != nil {
		return l, err
	}
	members := float64(l.Peers * l.SwarmsPerSocket)
	switch {
	case l.Rate == 0 && l.Interval == 0:
		l.Rate = 1000
		fallthrough
	case l.Rate != 0:
		l.Interval = time.Duration(members / l.Rate * float64(time.Second))
	default:
		l.Rate = members / l.Interval.Seconds()
	}
	if l.Interval < time.Millisecond {
		return l, fmt.Errorf("%g announces a second of %g members leave less than a millisecond between a member's two; "+
			"more peers or a lower rate", l.Rate, members)
	}
	return l, nil
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// inRange is one field's check.
type inRange struct {
	name        string
	value       float64
	least, most float64
}

func (l Load) check() error {
	for _, f := range []inRange{
		{"peers", float64(l.Peers), 1, MostPeers},
		{"swarms per socket", float64(l.SwarmsPerSocket), 1, MostPerSocket},
		{"swarms", float64(l.Swarms.Count), 1, MostSwarms},
		{"swarms: Zipf exponent", l.Swarms.Exponent, 0, 10},
		{"rate (announces a second)", l.Rate, 0, MostRate},
		{"interval (seconds)", l.Interval.Seconds(), 0, LongestPhase.Seconds()},
		{"arriving (seconds)", l.ArriveOver.Seconds(), 0, LongestPhase.Seconds()},
		{"storm (seconds)", l.StormOver.Seconds(), 0, LongestPhase.Seconds()},
		{"settling (seconds)", l.Settle.Seconds(), 0, LongestPhase.Seconds()},
		{"window (seconds)", l.Window.Seconds(), 0.1, LongestWindow.Seconds()},
		{"offers an announce", float64(l.Offers), NoOffers, MostOffers},
		{"answers (share)", l.Answer, 0, 1},
		{"think time (seconds)", l.Think.Seconds(), 0, 60},
		{"leaves a second", l.LeaveRate, 0, MostRate},
		{"clean leaves (share)", l.LeaveClean, 0, 1},
		{"silent leaves (share)", l.LeaveSilent, 0, 1 - l.LeaveClean},
		{"scrapes a second", l.ScrapeRate, 0, MostRate},
	} {
		if !(f.value >= f.least && f.value <= f.most) { // also catches what is not a number
			return fmt.Errorf("%s is %g; it must be %g to %g", f.name, f.value, f.least, f.most)
		}
	}
	switch {
	case l.SwarmsPerSocket > l.Swarms.Count:
		return fmt.Errorf("%d swarms per socket, but there are only %d", l.SwarmsPerSocket, l.Swarms.Count)
	case l.Timers != TimersConstant && l.Timers != TimersPoisson:
		return fmt.Errorf("timers are %q; they must be constant or poisson", l.Timers)
	}
	switch l.Arrival {
	case ArriveEvenly, ArrivePoisson, ArriveFlash, ArriveStorm:
		return nil
	}
	return errors.New("arrival is " + string(l.Arrival) + "; it must be constant, poisson, flash or storm")
}
