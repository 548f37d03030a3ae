package flow

import (
	"slices"
	"time"

	"swarmlab/netem"
)

// place is where a host is: its region and its access link's delay.
type place struct {
	region int // in the core's matrix; -1: nowhere in particular
	access time.Duration
}

// core is the delay between regions, one way.
type core [][]time.Duration

func newCore() core {
	regions := netem.DefaultRegions()
	out := make(core, len(regions.RTT))
	for i, row := range regions.RTT {
		for _, rtt := range row {
			out[i] = append(out[i], rtt/2)
		}
	}
	return out
}

func newPlace(region string, link netem.Link) place {
	return place{region: slices.Index(netem.RegionNames(), region), access: link.Delay}
}

// delay is the time from one place to another.
func (w *world) delay(from, to *place) time.Duration {
	d := from.access + to.access
	if from.region >= 0 && to.region >= 0 {
		d += w.core[from.region][to.region]
	}
	return d
}

// roundTrip is there and back.
func (w *world) roundTrip(a, b *place) time.Duration { return w.delay(a, b) + w.delay(b, a) }

// linkSide is one direction of a link, without what headers take of it.
func linkSide(r netem.Rate, q netem.Queue, headers float64) side {
	if r == 0 {
		return newSide(unlimited, 0)
	}
	bytes := float64(r) / 8
	return newSide(bytes*(1-headers), float64(q.Limit(r))/bytes)
}

// pathLoss is how often a packet is lost on its way up one link and down another.
func pathLoss(up, down netem.Link) float64 { return 1 - float64((1-up.Loss)*(1-down.Loss)) }
