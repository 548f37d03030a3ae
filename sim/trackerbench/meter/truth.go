package meter

import (
	"time"

	"swarmlab/results"
)

// Truth is who is in which swarm, as far as the tracker can know: from a viewer's first announce until it leaves.
type Truth struct {
	swarms  []swarm
	changes []change // the oldest first
	Counts  results.TrackerCounts
}

// swarm counts its members. A member is sure once the tracker has shown that it knows it.
type swarm struct {
	sure, joining int32
	fresh, going  int32 // that became sure, or left, a moment ago
}

type change struct {
	until time.Duration
	swarm int32
	went  bool
}

// moment is how long after a change it may be seen or not: a response that was on its way says what was.
const moment = time.Second

// NewTruth makes one of empty swarms.
func NewTruth(swarms int) *Truth { return &Truth{swarms: make([]swarm, swarms)} }

// Joining is told that a viewer's first announce of the swarm has been sent.
func (t *Truth) Joining(s int) { t.swarms[s].joining++ }

// Sure is told that the tracker has replied to that announce, or passed on an offer to the viewer.
func (t *Truth) Sure(now time.Duration, s int) {
	t.swarms[s].joining--
	t.swarms[s].sure++
	t.swarms[s].fresh++
	t.changes = append(t.changes, change{now + moment, int32(s), false}) // swarms are few
}

// Left is told that a viewer has left; sure is whether Sure had been told of it.
func (t *Truth) Left(now time.Duration, s int, sure bool) {
	if sure {
		t.swarms[s].sure--
	} else {
		t.swarms[s].joining--
	}
	t.swarms[s].going++
	t.changes = append(t.changes, change{now + moment, int32(s), true})
}

// Others is how many members of the swarm an announcer's offers can certainly go to.
func (t *Truth) Others(s int, announcerIsSure bool) int {
	n := int(t.swarms[s].sure)
	if announcerIsSure {
		n--
	}
	return n
}

// Announced compares what a response says with what is so. capacity is how many members the tracker holds at most; 0: any number.
func (t *Truth) Announced(now time.Duration, s int, said int64, capacity int) {
	off := t.off(now, s, said, capacity)
	c := &t.Counts
	c.Compared++
	switch {
	case off == 0:
		c.Right++
	case off > 0:
		c.TooHigh++
	default:
		c.TooLow++
	}
	c.MostOff = max(c.MostOff, off, -off)
}

// Scraped is Announced for a scrape.
func (t *Truth) Scraped(now time.Duration, s int, said int64, capacity int) {
	t.Counts.ScrapesCompared++
	if t.off(now, s, said, capacity) != 0 {
		t.Counts.ScrapesWrong++
	}
}

// off is by how much a number is above or below what could be so.
func (t *Truth) off(now time.Duration, s int, said int64, capacity int) int64 {
	t.forget(now)
	w := t.swarms[s]
	low, high := int64(w.sure-w.fresh), int64(w.sure+w.joining+w.going)
	if capacity > 0 {
		low, high = min(low, int64(capacity)), min(high, int64(capacity))
	}
	switch {
	case said > high:
		return said - high
	case said < low:
		return said - low
	}
	return 0
}

// forget drops the changes that everybody must have heard of.
func (t *Truth) forget(now time.Duration) {
	n := 0
	for _, c := range t.changes {
		if c.until > now {
			break
		}
		if c.went {
			t.swarms[c.swarm].going--
		} else {
			t.swarms[c.swarm].fresh--
		}
		n++
	}
	t.changes = t.changes[n:]
}
