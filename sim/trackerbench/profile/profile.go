package profile

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Reaction is what a tracker does about a message that it cannot serve.
type Reaction string

// The reactions that there are.
const (
	Reply   Reaction = "reply"   // a message with a "failure reason"; the connection stays
	Close   Reaction = "close"   // the sender's connection ends
	Silence Reaction = "silence" // nothing: who waits, waits in vain
)

// The rules by which trackers pick who gets an announce's offers.
const (
	Uniform     = "uniform"     // every other peer of the swarm is as likely
	Consecutive = "consecutive" // neighbours in order of arrival, from one random place on
	TwoRuns     = "two-runs"    // two such runs, one in each half of the swarm
)

// Profile is what a tracker needs and owes. Of a limit, 0 means that there is none, or that none is known.
type Profile struct {
	Name string `json:"name"`
	Doc  string `json:"doc"` // which version of what, in a line

	// What it needs.
	Numwant bool `json:"numwant"` // without a whole number as numwant it passes on no offer
	// Events are the values of "event" that it takes; "" stands for an announce without one. What it does
	// about other values is OnError.
	Events []string `json:"events"`

	// What it owes.
	ReplyToAnswer bool `json:"replyToAnswer"` // an answer is answered like an announce
	ReplyToStop   bool `json:"replyToStop"`   // event "stopped" is answered like any announce
	OffersFirst   bool `json:"offersFirst"`   // offers leave before the announcer's response
	FullScrape    bool `json:"fullScrape"`    // a scrape without info_hash lists all swarms
	ScrapeUnknown bool `json:"scrapeUnknown"` // a scrape lists swarms that nobody is in, with zeros

	OnError      Reaction `json:"onError"`      // malformed JSON, unknown actions and events
	OnGoneTarget Reaction `json:"onGoneTarget"` // an answer to a peer that has left

	// Where it stops.
	MaxOffers     int   `json:"maxOffers"`     // of one announce, passed on
	SwarmCapacity int   `json:"swarmCapacity"` // peers of one swarm; more push others out
	MaxScrape     int   `json:"maxScrape"`     // swarms in one scrape
	MaxFrame      int64 `json:"maxFrame"`      // bytes
	MaxMessage    int64 `json:"maxMessage"`    // bytes

	DefaultInterval time.Duration `json:"defaultIntervalNs"` // between announces, if its operator says nothing else
	PeerTimeout     time.Duration `json:"peerTimeoutNs"`     // a silent peer is forgotten after it, at DefaultInterval

	Selection      string `json:"selection"`      // one of the rules above, "" if unknown
	SplitsIPv4And6 bool   `json:"splitsIPv4And6"` // each address family has swarms of its own
}

// TakesEvent reports whether the tracker takes an announce with this event; "" is an announce without one.
func (p Profile) TakesEvent(event string) bool { return slices.Contains(p.Events, event) }

// OffersOwed is how many of an announce's offers must reach somebody, and how many may: those that the client sent, if that many others
// are in the swarm and the tracker passes on so many. Two runs of neighbours are one fewer if the announcer lies in one of them: it is
// left out, and nobody takes its place. Where it lies is the tracker's secret.
func (p Profile) OffersOwed(offers, others int) (least, most int) {
	most = max(0, min(offers, others))
	if p.MaxOffers > 0 {
		most = min(most, p.MaxOffers)
	}
	if p.SwarmCapacity > 0 {
		most = min(most, p.SwarmCapacity-1)
	}
	least = most
	if p.Selection == TwoRuns && most > 0 && others > most {
		least--
	}
	return least, most
}

// Names lists the profiles in the order of the table.
func Names() []string {
	var names []string
	for _, p := range table {
		names = append(names, p.Name)
	}
	return names
}

// All returns the whole table.
func All() []Profile { return slices.Clone(table) }

// ByName finds a profile. The error lists the names that there are.
func ByName(name string) (Profile, error) {
	for _, p := range table {
		if p.Name == name {
			return p, nil
		}
	}
	return Profile{}, fmt.Errorf("no tracker profile named %q; there are: %s", name, strings.Join(Names(), ", "))
}
