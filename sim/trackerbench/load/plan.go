package load

import (
	"math"
	"math/rand/v2"
	"time"
)

// Kind is what is due.
type Kind uint8

// The kinds.
const (
	Join     Kind = iota // a new viewer takes the place
	Announce             // the place's viewer announces its Member-th swarm
	Leave                // the place's viewer goes
	Cut                  // all connections break; the places come back with Return
	Return               // the place's viewer, the same as before, connects again
	Scrape               // the place's viewer asks for the numbers of its Member-th swarm
)

// Goodbye is how a viewer leaves.
type Goodbye uint8

// The ways to leave.
const (
	Clean  Goodbye = iota // says so, then closes
	Closes                // closes the connection
	Silent                // keeps it open, and says nothing any more
)

// Event is one thing that is due. Place is 0 to Peers-1.
type Event struct {
	At      time.Duration // since the round began
	Place   int32
	Kind    Kind
	Member  uint8
	Goodbye Goodbye
}

// Plan is a load in order of time. What is due at the same time comes in an order that depends on nothing but the load.
type Plan struct {
	load        Load
	windowStart time.Duration
	end         time.Duration
	calendar    Calendar[entry]
	places      []place
	joined      []int32 // places that have a viewer, for drawing one
	firstOf     []int32 // swarm -> first membership
	churn       rand.PCG
	source      drawn
	rng         *rand.Rand // draws from source
}

// entry is an event of which session of its place it is: those of a session that has ended are void.
type entry struct {
	Event
	session uint32
}

type place struct {
	random  rand.PCG
	session uint32
	joined  bool
}

// drawn lets one Rand draw from whichever generator is set.
type drawn struct{ *rand.PCG }

// NewPlan makes the plan of a load that has its defaults.
func (l Load) NewPlan() *Plan {
	p := &Plan{load: l, places: make([]place, l.Peers)}
	p.rng = rand.New(&p.source)
	p.windowStart = l.WindowStart()
	p.end = p.windowStart + l.Window
	for i := range p.places {
		p.places[i].random = *rand.NewPCG(l.Seed, uint64(i))
	}
	// Streams of the plan as a whole are counted down from the end, where there are no places.
	p.churn = *rand.NewPCG(l.Seed, math.MaxUint64)
	sum := int32(0)
	for _, size := range l.Swarms.Sizes(l.Peers*l.SwarmsPerSocket, l.Peers) {
		p.firstOf = append(p.firstOf, sum)
		sum += int32(size) // at most MostPeers * MostPerSocket
	}
	p.arrivals()
	p.source.PCG = &p.churn
	p.schedule(Leave, l.arrived(), l.LeaveRate)
	p.schedule(Scrape, p.windowStart, l.ScrapeRate)
	if l.Arrival == ArriveStorm {
		p.calendar.Add(p.windowStart+l.Window/4, entry{Event: Event{Place: -1, Kind: Cut}})
	}
	return p
}

// arrived is when the last viewer has come, but for a flash crowd's.
func (l Load) arrived() time.Duration {
	if l.Arrival == ArriveFlash {
		return 0
	}
	return l.ArriveOver
}

// WindowStart is when the measured window begins.
func (l Load) WindowStart() time.Duration {
	if l.Arrival == ArriveFlash {
		return 0
	}
	return l.ArriveOver + l.Settle
}

// arrivals draws when each place gets its first viewer. Places arrive in random order, because neighbours share swarms.
func (p *Plan) arrivals() {
	order := rand.New(rand.NewPCG(p.load.Seed, math.MaxUint64-1))
	n, over := float64(p.load.Peers), float64(p.load.ArriveOver)
	for i, place := range order.Perm(p.load.Peers) {
		share := float64(i) / n
		switch p.load.Arrival {
		case ArrivePoisson: // given their number, the arrivals of a Poisson process are uniform
			share = order.Float64()
		case ArriveFlash: // falls off by a factor of e four times
			const steepness = 4
			share = -math.Log1p(-order.Float64()*-math.Expm1(-steepness)) / steepness
		default: // evenly
		}
		p.calendar.Add(time.Duration(share*over), entry{Event: Event{Place: int32(place), Kind: Join}})
	}
}

// schedule puts the next event of a Poisson process of the whole load into the calendar. Its place is drawn when it comes.
func (p *Plan) schedule(k Kind, after time.Duration, rate float64) {
	if rate > 0 {
		at := after + time.Duration(p.rng.ExpFloat64()/rate*float64(time.Second))
		p.calendar.Add(at, entry{Event: Event{Place: -1, Kind: k}})
	}
}

// Tick is what everything in a plan is due at multiples of. What is due together costs one waking up of the process that makes the load.
// It is a property of the load and no lateness: a viewer's own timer runs on exactly, and is only rung at the next tick.
const Tick = 500 * time.Microsecond

// AtTick is the first multiple of tick that is not before at.
func AtTick(at, tick time.Duration) time.Duration { return (at + tick - 1).Truncate(tick) }

// Peek is when the next event is due, or earlier; ok is false if the plan is at its end.
func (p *Plan) Peek() (at time.Duration, ok bool) {
	at, ok = p.calendar.Next()
	at = AtTick(at, Tick)
	return at, ok && at < p.end
}

// Due takes the next event that is due at now. ok is false if none is: at the end of the window nothing is due any more.
func (p *Plan) Due(now time.Duration) (e Event, ok bool) {
	for {
		if at, some := p.Peek(); !some || at > now {
			return Event{}, false
		}
		exact, next := p.calendar.Take()
		if next.Place >= 0 && next.session != p.places[next.Place].session {
			continue
		}
		next.At = exact
		if p.happens(&next) {
			next.At = AtTick(exact, Tick)
			return next.Event, true
		}
	}
}

// happens draws what follows from an event, and reports whether it takes place at all.
func (p *Plan) happens(e *entry) bool {
	p.source.PCG = &p.churn
	switch e.Kind {
	case Join:
		p.join(e)
	case Announce:
		p.source.PCG = &p.places[e.Place].random
		e2 := *e
		p.calendar.Add(e.At+p.gap(), e2)
	case Leave:
		p.schedule(Leave, e.At, p.load.LeaveRate)
		return p.leave(e)
	case Scrape:
		p.schedule(Scrape, e.At, p.load.ScrapeRate)
		if len(p.joined) == 0 {
			return false
		}
		e.Place = p.joined[p.rng.IntN(len(p.joined))]
		e.Member = uint8(p.rng.IntN(p.load.SwarmsPerSocket))
	case Cut:
		for _, place := range p.joined {
			at := e.At + time.Duration(p.rng.Float64()*float64(p.load.StormOver))
			p.calendar.Add(at, entry{Event{Place: place, Kind: Return}, p.places[place].session})
		}
	default: // nothing follows from a return
	}
	return true
}

// join starts the timers of a new viewer.
func (p *Plan) join(e *entry) {
	s := &p.places[e.Place]
	if !s.joined {
		s.joined = true
		p.joined = append(p.joined, e.Place)
	}
	p.source.PCG = &s.random
	for m := range p.load.SwarmsPerSocket {
		// A crowd that comes at once also announces at once, an interval later. Those that came by and by have been here for any time.
		wait := p.load.Interval
		if p.load.Arrival != ArriveFlash {
			wait = time.Duration(p.rng.Float64() * float64(wait))
		}
		if p.load.Timers == TimersPoisson {
			wait = p.gap()
		}
		p.calendar.Add(e.At+wait, entry{Event{Place: e.Place, Kind: Announce, Member: uint8(m)}, s.session})
	}
}

func (p *Plan) gap() time.Duration {
	if p.load.Timers == TimersPoisson {
		return time.Duration(p.rng.ExpFloat64() * float64(p.load.Interval))
	}
	return p.load.Interval
}

// leave picks who goes and how, and lets another one come.
func (p *Plan) leave(e *entry) bool {
	if len(p.joined) == 0 {
		return false
	}
	e.Place = p.joined[p.rng.IntN(len(p.joined))]
	switch how := p.rng.Float64(); {
	case how < p.load.LeaveClean:
		e.Goodbye = Clean
	case how < p.load.LeaveClean+p.load.LeaveSilent:
		e.Goodbye = Silent
	default:
		e.Goodbye = Closes
	}
	s := &p.places[e.Place]
	s.session++
	p.calendar.Add(e.At, entry{Event{Place: e.Place, Kind: Join}, s.session})
	return true
}

// SwarmOf is the swarm of a place's member-th membership. A place is in no swarm twice, because memberships are dealt out swarm by
// swarm and no swarm has more of them than there are places.
func (p *Plan) SwarmOf(place int32, member uint8) int {
	membership := int32(member)*int32(p.load.Peers) + place
	low, high := 0, len(p.firstOf)
	for high-low > 1 {
		if middle := (low + high) / 2; p.firstOf[middle] <= membership {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}
