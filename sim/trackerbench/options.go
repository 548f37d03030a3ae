package trackerbench

import (
	"crypto/tls"
	"fmt"
	"time"

	"swarmlab/results"
	"swarmlab/sim/trackerbench/load"
	"swarmlab/sim/trackerbench/profile"
	"swarmlab/sim/trackerbench/socket"
)

// Target is the tracker under load.
type Target struct {
	// URL is ws://host[:port][/path] or wss://...
	URL     string
	Profile profile.Profile
	// TLS is for wss; nil is the default: certificates are checked.
	TLS *tls.Config
	// Allow is asked about the address that is connected to; nil allows all.
	Allow socket.Allow
}

// Options is a measurement. The zero value of a field is its default.
type Options struct {
	// Load is what is asked of the tracker; see its defaults.
	Load load.Load
	// Round tells measurements of the same load apart: viewers and swarms have other ids in another round, so that nothing that
	// a tracker still remembers of one disturbs the next.
	Round int
	// Drain is how long to wait, after the window, for what is under way. Default 3 s; at most a minute.
	Drain time.Duration
	// Phase, if not nil, is called when the round enters a phase, on the goroutine that makes the load: it must return within a
	// millisecond or two. What it takes shows as lateness.
	Phase func(Phase)
	// MaxEdges bounds the observed offers that are kept. Default 1,000,000 (16 bytes each).
	MaxEdges int
}

// Phase is a part of a round.
type Phase int

// The phases, in order. Each is entered once, unless the round fails.
const (
	PhaseIdle   Phase = iota // nothing has been dialled
	PhaseWindow              // the measured window begins: of most kinds of arrival, everybody has joined
	PhaseDrain               // the window has ended
	PhaseEnded               // what was under way has arrived, or is lost; connections are still open
)

// Progress is where a round stands. It is told a few times a second.
type Progress struct {
	Elapsed, Total  time.Duration
	Phase           Phase
	Open            int
	AnnouncesPerSec float64 // sent, over the last second
	OfferP99Ms      float64 // of the offers that arrived in the last second
}

// Measurement is what one round observed.
type Measurement struct {
	Round results.TrackerRound
	Load  results.TrackerLoad // as resolved
	Graph Graph
}

// Graph is who was offered to whom: the overlay that the tracker's choice of peers makes.
type Graph struct {
	// Members are all memberships that there were, in the order in which they joined; edges name them by their place in it.
	Members []Member
	// Edges are in the order in which the offers arrived, from the beginning of the round on.
	Edges []Edge
	// Truncated: there were more than MaxEdges.
	Truncated bool
}

// Member is one viewer's membership of one swarm.
type Member struct {
	Swarm  int32
	Joined time.Duration // since the round began: its first announce
	Left   time.Duration // -1: stayed to the end
}

// Edge is one offer delivered.
type Edge struct {
	From, To    uint32 // places in Graph.Members
	Announce    uint32 // counts all announces of the round
	AtMs        uint32 // arrival, milliseconds since the round began
	Established bool   // its answer arrived back; known for edges only while their announce is remembered (about 100,000 announces)
}

const (
	defaultDrain    = 3 * time.Second
	longestDrain    = time.Minute
	defaultMaxEdges = 1_000_000
)

// withDefaults checks the options and fills in what is not said.
func (o Options) withDefaults(p profile.Profile) (Options, error) {
	if o.Drain == 0 {
		o.Drain = defaultDrain
	}
	if o.Drain < 0 || o.Drain > longestDrain {
		return o, fmt.Errorf("drain is %v; it must be at most %v", o.Drain, longestDrain)
	}
	if o.MaxEdges == 0 {
		o.MaxEdges = defaultMaxEdges
	}
	if o.Load.Interval == 0 && o.Load.Rate == 0 {
		o.Load.Interval = p.DefaultInterval
	}
	var err error
	o.Load, err = o.Load.WithDefaults()
	return o, err
}
