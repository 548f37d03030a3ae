package report

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"swarmlab/results"
)

// world describes a swarm that never was: enough of one to make every figure of a report move, through the same recorder that
// real runs use.
type world struct {
	name     string
	viewers  int
	live     bool
	seconds  int
	segment  int // seconds
	share    bool
	stalls   bool
	arrivals time.Duration
}

// swarm is a world while it runs.
type swarm struct {
	world
	rng     *rand.Rand
	records []*results.ViewerRecord
	states  []*state
	origin  results.OriginCounters
	tracker results.TrackerCounters
	holders map[int64][]int
	lost    int64
}

type state struct {
	joined  time.Duration
	next    int64 // segment
	stalled bool
	left    bool
	peers   []int
	watched time.Duration
}

func synthetic(w world) *results.Result {
	s := &swarm{world: w, rng: rand.New(rand.NewPCG(7, uint64(w.viewers))), holders: map[int64][]int{}}
	sampler := &results.Sampler{}
	for t := 1; t <= w.seconds; t++ {
		now := time.Duration(t) * time.Second
		s.join(now)
		for i := range s.records {
			s.second(i, now)
		}
		tick := sampler.Tick(now, results.World{OriginBytes: s.origin.SegmentBytes, TrackerAnnounces: s.tracker.Announces})
		for i, r := range s.records {
			tick.Add(r.Totals(), results.Gauge{Buffer: time.Duration(10+s.rng.IntN(5)) * time.Second, LiveLatency: s.liveLatency(i)})
		}
		tick.Done()
	}
	return s.result(sampler)
}

func (s *swarm) result(sampler *results.Sampler) *results.Result {
	kind := "vod"
	if s.live {
		kind = "live"
	}
	r, err := results.Summarise(results.Input{
		Scenario: json.RawMessage(fmt.Sprintf(`{"name": %q, "stream": {"kind": %q}, "peers": {"count": %d}}`, s.name, kind, s.viewers)),
		Run: results.Run{Name: s.name, Seed: 1, Tier: "packet", Clock: "virtual", WallSeconds: 38.4, CPUSeconds: 61.2, MaxRSSBytes: 1 << 30,
			Version: "test", Live: s.live, Command: "swarmlab run " + s.name + " --seed 1"},
		End:           time.Duration(s.seconds) * time.Second,
		Viewers:       s.records,
		Sampler:       sampler,
		Origin:        s.origin,
		Tracker:       s.tracker,
		InFlightBytes: &s.lost,
	})
	if err != nil {
		panic(err)
	}
	return r
}

// join lets viewers in, evenly over the time of arrivals.
func (s *swarm) join(now time.Duration) {
	for len(s.records) < s.viewers {
		i := len(s.records)
		at := time.Duration(float64(s.arrivals) * float64(i) / float64(max(1, s.viewers)))
		if at > now {
			return
		}
		groups := []results.ViewerInfo{
			{Group: "home", Link: "cable", NAT: "port-restricted", Region: "eu", Uploads: true},
			{Group: "mobile", Link: "lte", NAT: "symmetric", Region: "eu", Uploads: false},
		}
		info := groups[i%5/4]
		info.Name, info.JoinedAt = fmt.Sprintf("%s-%03d", info.Group, i), at
		s.records = append(s.records, results.NewViewer(info))
		s.records[i].KnownAs(fmt.Sprint(i))
		s.states = append(s.states, &state{joined: at, next: s.firstSegment(now)})
		s.tracker.Announces++
		s.connect(i, now)
	}
}

func (s *swarm) firstSegment(now time.Duration) int64 {
	if !s.live {
		return 0
	}
	return int64(now.Seconds()) / int64(s.segment)
}

func (s *swarm) connect(i int, now time.Duration) {
	for range min(5, i) {
		j := s.rng.IntN(i)
		if slices.Contains(s.states[i].peers, j) || s.states[j].left {
			continue
		}
		s.states[i].peers = append(s.states[i].peers, j)
		s.states[j].peers = append(s.states[j].peers, i)
		at := now + time.Duration(s.rng.IntN(900))*time.Millisecond
		s.records[i].PeerConnected(at, fmt.Sprint(j))
		s.records[j].PeerConnected(at, fmt.Sprint(i))
		s.records[i].Met(fmt.Sprint(j))
		s.records[j].Met(fmt.Sprint(i))
		s.tracker.Offers += 5
		s.tracker.Answers++
	}
}

func (s *swarm) liveLatency(i int) time.Duration {
	if !s.live || s.states[i].left {
		return 0
	}
	return time.Duration(8000+s.rng.IntN(4000)) * time.Millisecond
}

// second is one viewer's second: what it loads, plays, suffers.
func (s *swarm) second(i int, now time.Duration) {
	st, rec := s.states[i], s.records[i]
	if st.left {
		return
	}
	if l := s.liveLatency(i); l > 0 {
		rec.LiveLatency(l)
	}
	if i%17 == 16 && now > st.joined+60*time.Second {
		rec.Left(now, i%2 == 0)
		st.left = true
		return
	}
	age := int64((now - st.joined).Seconds())
	for st.next-s.firstSegment(st.joined) <= age/int64(s.segment)+2 && !s.atEnd(st.next) {
		s.load(i, now, st.next)
		st.next++
	}
	s.stall(i, now)
	if !st.stalled {
		st.watched += time.Second
		rec.Watched(st.watched)
	}
	if !s.live && s.atEnd(st.next) {
		rec.WatchedAll()
	}
}

func (s *swarm) atEnd(segment int64) bool { return !s.live && segment >= 40 }

func (s *swarm) stall(i int, now time.Duration) {
	if !s.stalls {
		return
	}
	st, rec := s.states[i], s.records[i]
	if st.stalled {
		rec.StallEnd(now - 300*time.Millisecond)
		st.stalled = false
	} else if s.rng.Float64() < 0.004 {
		rec.StallStart(now)
		st.stalled = true
	}
}

func (s *swarm) load(i int, now time.Duration, segment int64) {
	rec := s.records[i]
	size := 180_000 + 1000*(segment*7919%60)
	l := results.Load{Segment: results.SegmentID{Stream: "main", Sequence: segment}}
	from := s.holder(i, segment)
	if from >= 0 {
		l.Source, l.P2PBytes = results.P2P, size
		l.Latency = s.lognormal(900)
		rec.ChunkDownloaded(results.P2P, size)
		s.records[from].ChunkUploaded(size)
		rec.ReceivedFrom(fmt.Sprint(from), size)
		rec.Request(results.P2P, results.OutcomeLoaded)
		if s.rng.Float64() < 0.03 {
			// A duplicate of a part, and a part of a part that never arrives.
			rec.ChunkDownloaded(results.P2P, 65535)
			rec.Wasted(results.P2P, results.WasteStale, 65535)
			s.records[from].ChunkUploaded(80000)
			s.lost += 80000 - 65535
			rec.Request(results.P2P, "bytes-receiving-timeout")
		}
	} else {
		l.Source, l.HTTPBytes = results.HTTP, size
		l.Latency = s.lognormal(240)
		rec.ChunkDownloaded(results.HTTP, size)
		s.origin.SegmentBytes += size
		s.origin.SegmentRequests++
		rec.Request(results.HTTP, results.OutcomeLoaded)
		rec.HTTPReason(s.reason(i, segment), size)
	}
	rec.SegmentLoaded(l)
	s.holders[segment] = append(s.holders[segment], i)
	rec.SegmentPlayed(l.Segment, size, true)
	rec.Startup(time.Duration(float64(l.Latency) * 1.7))
	_ = now
}

func (s *swarm) reason(i int, segment int64) string {
	switch {
	case len(s.states[i].peers) == 0:
		return results.ReasonNoPeers
	case len(s.holders[segment]) == 0:
		return []string{results.ReasonNobodyHadIt, results.ReasonRandomPrefetch}[s.rng.IntN(2)]
	case s.rng.Float64() < 0.1:
		return results.ReasonP2PFailed
	default:
		return results.ReasonHighDemand
	}
}

// holder picks a peer that has the segment, or nobody.
func (s *swarm) holder(i int, segment int64) int {
	if !s.share || s.rng.Float64() < 0.25 {
		return -1
	}
	for _, j := range s.states[i].peers {
		if slices.Contains(s.holders[segment], j) && s.records[j].Info().Uploads && !s.states[j].left {
			return j
		}
	}
	return -1
}

func (s *swarm) lognormal(medianMs float64) time.Duration {
	return time.Duration(medianMs * math.Exp(0.5*s.rng.NormFloat64()) * float64(time.Millisecond))
}

// worlds are the swarms that every report must be able to draw.
var worlds = map[string]world{
	"one-viewer":  {name: "one-viewer", viewers: 1, seconds: 170, segment: 4},
	"two-viewers": {name: "two-viewers", viewers: 2, seconds: 170, segment: 4, share: true},
	"vod":         {name: "vod", viewers: 100, seconds: 240, segment: 4, share: true, stalls: true, arrivals: 30 * time.Second},
	"live-no-p2p": {name: "live-low-latency", viewers: 40, live: true, seconds: 180, segment: 2, arrivals: 20 * time.Second},
	"big":         {name: "flash-crowd", viewers: 500, live: true, seconds: 300, segment: 6, share: true, stalls: true, arrivals: 120 * time.Second},
}
