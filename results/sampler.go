package results

import "time"

// World is what a sample needs to know beside the viewers: counters since the run began.
type World struct {
	OriginBytes      int64 // segment payload
	TrackerAnnounces int64
}

// Gauge is what only the player knows of its viewer's state.
type Gauge struct {
	Buffer      time.Duration
	LiveLatency time.Duration // live only
}

// Sampler makes the timeline. Once a simulated second:
//
//	tick := sampler.Tick(now, world)
//	for _, v := range everybodyWhoEverJoined {
//		tick.Add(v.Totals(), gauge)
//	}
//	tick.Done()
//
// Viewers that have left belong in it as well: totals are since the run began, and a sample is the difference to the one before.
type Sampler struct {
	// OpenSwarm: the other ends of connections are mostly not ours, so each counts whole.
	OpenSwarm bool
	samples   []Sample
	last      cumulative
}

type cumulative struct {
	p2p, http, p2pChunk, httpChunk, uploaded, wasted, origin, announces, stalls int64
}

// Tick is a sample in the making.
type Tick struct {
	sampler       *Sampler
	sum           cumulative
	sample        Sample
	halves        int // connections counted at both of their ends
	playing       int
	buffer        time.Duration
	liveLatency   time.Duration
	liveLatencies int
}

// Tick begins the sample of the second that ends at this moment.
func (s *Sampler) Tick(at time.Duration, w World) *Tick {
	return &Tick{
		sampler: s,
		sum:     cumulative{origin: w.OriginBytes, announces: w.TrackerAnnounces},
		sample:  Sample{T: at.Seconds()},
	}
}

// Add counts one viewer in.
func (t *Tick) Add(v Totals, g Gauge) {
	t.sum.p2p += v.P2PBytes
	t.sum.http += v.HTTPBytes
	t.sum.p2pChunk += v.P2PChunkBytes
	t.sum.httpChunk += v.HTTPChunkBytes
	t.sum.uploaded += v.UploadedBytes
	t.sum.wasted += v.P2PWastedBytes + v.HTTPWastedBytes
	t.sum.stalls += v.Stalls
	if !v.Present {
		return
	}
	t.sample.Viewers++
	t.halves += v.Connections
	if v.Stalled {
		t.sample.StalledViewers++
	}
	if v.Started {
		t.playing++
		t.buffer += g.Buffer
		if g.LiveLatency > 0 {
			t.liveLatencies++
			t.liveLatency += g.LiveLatency
		}
	}
}

// Done ends the sample and returns it, for whoever shows progress.
func (t *Tick) Done() Sample {
	s, last := &t.sample, t.sampler.last
	s.P2PBytes = t.sum.p2p - last.p2p
	s.HTTPBytes = t.sum.http - last.http
	s.P2PChunkBytes = t.sum.p2pChunk - last.p2pChunk
	s.HTTPChunkBytes = t.sum.httpChunk - last.httpChunk
	s.UploadedBytes = t.sum.uploaded - last.uploaded
	s.WastedBytes = t.sum.wasted - last.wasted
	s.OriginBytes = t.sum.origin - last.origin
	s.TrackerAnnounces = t.sum.announces - last.announces
	s.Stalls = t.sum.stalls - last.stalls
	s.P2PRatio = round6(share(t.sum.p2p, t.sum.http))
	s.Connections = int(connections(int64(t.halves), t.sampler.OpenSwarm))
	if t.playing > 0 {
		s.MeanBufferSeconds = round3((t.buffer / time.Duration(t.playing)).Seconds())
	}
	if t.liveLatencies > 0 {
		s.MeanLiveLatencySeconds = round3((t.liveLatency / time.Duration(t.liveLatencies)).Seconds())
	}
	t.sampler.last = t.sum
	t.sampler.samples = append(t.sampler.samples, *s)
	return *s
}

// Timeline is the samples so far.
func (s *Sampler) Timeline() []Sample { return s.samples }

// connections turns ends of connections into connections.
func connections(ends int64, openSwarm bool) int64 {
	if openSwarm {
		return ends
	}
	// A viewer whose partner has vanished holds its end for a while, so the ends need not be even.
	return (ends + 1) / 2
}

// close adds the part of a second between the last tick and the end. When the last tick is at the end there is nothing to add,
// and a sum that is wrong stays wrong for the invariants to find.
func (s *Sampler) close(end time.Duration, w World, viewers []*ViewerRecord) {
	n := len(s.samples)
	if n > 0 && s.samples[n-1].T >= end.Seconds() {
		return
	}
	t := s.Tick(end, w)
	for _, v := range viewers {
		t.Add(v.Totals(), Gauge{})
	}
	t.Done()
	if n > 0 {
		// Nobody asked the players in between.
		s.samples[n].MeanBufferSeconds = s.samples[n-1].MeanBufferSeconds
		s.samples[n].MeanLiveLatencySeconds = s.samples[n-1].MeanLiveLatencySeconds
	}
}
