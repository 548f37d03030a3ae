package flow

import (
	"fmt"
	"time"

	"swarmlab/netem"
	"swarmlab/scenarios"
)

// What this tier is known to get wrong: README.md has the figures. Up to these it agrees with packets.
const (
	trustedLoss = 0.02
	leastQueue  = 8 << 10                // bytes, for bursts to have room in more
	longestTrip = 800 * time.Millisecond // from which on Pion sends again what is not lost
)

// Doubts says in a sentence each what of a scenario this tier is known to get wrong, so that nobody believes such a run more than it deserves.
func Doubts(s *scenarios.Scenario) (doubts []string) {
	core := newCore()
	for i := range s.Peers.Groups {
		g := &s.Peers.Groups[i]
		link, err := g.Link.Resolve()
		if err != nil {
			continue // which is no scenario to run
		}
		doubts = append(doubts, lineDoubts("group "+g.Name, link)...)
		w := world{core: core}
		end := newPlace(g.Region, link)
		if trip := w.roundTrip(&end, &end); trip >= longestTrip {
			doubts = append(doubts, fmt.Sprintf("group %s: %v there and back between two of it, and over %v and more Pion sends again what is not lost, "+
				"which this tier does not", g.Name, trip, longestTrip))
		}
	}
	if link, err := s.Origin.Link.Resolve(); err == nil {
		doubts = append(doubts, lineDoubts("the origin", link)...)
	}
	return doubts
}

func lineDoubts(whose string, l netem.Link) (doubts []string) {
	if l.Loss > trustedLoss {
		doubts = append(doubts, fmt.Sprintf("%s: %.4g %% of packets are lost, and over %.4g %% this tier shares more than packets do", whose,
			100*l.Loss, 100*trustedLoss))
	}
	for _, side := range []struct {
		name  string
		rate  netem.Rate
		queue netem.Queue
	}{{"queueUp", l.Up, l.QueueUp}, {"queueDown", l.Down, l.QueueDown}} {
		if bytes := side.queue.Limit(side.rate); side.rate > 0 && bytes <= leastQueue {
			doubts = append(doubts, fmt.Sprintf("%s: %s has room for %d bytes, and of bursts before so little more is lost than this tier says", whose,
				side.name, bytes))
		}
	}
	return doubts
}
