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
	w := world{core: newCore()}
	var places []place
	for i := range s.Peers.Groups {
		g := &s.Peers.Groups[i]
		link, err := g.Link.Resolve()
		if err != nil {
			return nil // which is no scenario to run
		}
		doubts = append(doubts, lineDoubts("group "+g.Name, link)...)
		places = append(places, newPlace(g.Region, link))
		for j := range places {
			if trip := w.roundTrip(&places[i], &places[j]); trip >= longestTrip {
				doubts = append(doubts, fmt.Sprintf("groups %s and %s: %v there and back between them, and over %v and more Pion sends again what is "+
					"not lost, which this tier does not", s.Peers.Groups[j].Name, g.Name, trip, longestTrip))
			}
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
