package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// OriginCounters are what the origin itself counted.
type OriginCounters struct {
	SegmentBytes     int64 // payload of segments, as written
	SegmentRequests  int64
	PlaylistBytes    int64
	PlaylistRequests int64
	Errors           int64 // answers that were errors, on purpose or not
}

// TrackerCounters are what the tracker itself counted.
type TrackerCounters struct {
	Announces int64
	Offers    int64 // relayed
	Answers   int64 // relayed
	Errors    int64 // bad messages
}

// Input is everything a result is made of.
type Input struct {
	Scenario json.RawMessage
	Run      Run
	// End is when the run ended; it becomes Run.SimulatedSeconds.
	End     time.Duration
	Viewers []*ViewerRecord // in the order in which they joined; rows keep it
	// Sampler holds the timeline. Summarise closes it with the part of a second that is left.
	Sampler *Sampler
	Origin  OriginCounters
	Tracker TrackerCounters
	// InFlightBytes are the P2P payload bytes that were uploaded (ChunkUploaded) and not downloaded (ChunkDownloaded): queued,
	// on their way when the run ended, or lost with a connection. Counted by the network, not as a difference, or the
	// invariant says nothing. nil: not measured.
	InFlightBytes *int64
}

// Errors of Summarise: the run has nothing to say.
var (
	ErrNoViewers = errors.New("no viewer ever joined, so there is nothing to report")
	ErrScenario  = errors.New("the scenario is not valid JSON")
)

// Summarise makes the result of a run and checks its invariants. A breach is in the result, not in the error: whoever started
// the run decides what it costs.
func Summarise(in Input) (*Result, error) {
	if len(in.Viewers) == 0 {
		return nil, ErrNoViewers
	}
	if len(in.Scenario) > 0 && !json.Valid(in.Scenario) {
		return nil, fmt.Errorf("summarise %s: %w", in.Run.Name, ErrScenario)
	}
	if in.Sampler == nil {
		in.Sampler = &Sampler{}
	}
	in.Sampler.OpenSwarm = in.Run.OpenSwarm
	in.Sampler.close(in.End, World{in.Origin.SegmentBytes, in.Tracker.Announces}, in.Viewers)

	r := &Result{Schema: Schema, Scenario: in.Scenario, Run: in.Run, Timeline: in.Sampler.Timeline()}
	r.Run.SimulatedSeconds = in.End.Seconds()
	r.Peers = make([]PeerRow, len(in.Viewers))
	for i, v := range in.Viewers {
		r.Peers[i] = v.row(in.End)
	}
	s := &r.Summary
	s.countViewers(in.Viewers, in.End)
	s.countSegments(in.Viewers)
	s.count(in)
	s.ratios(in.Viewers)
	s.distributions(in, &r.Histograms)
	r.Overlay = overlayOf(in.Viewers)
	r.Cohorts = cohortsOf(in.Viewers)
	r.Invariants = CheckInvariants(r)
	return r, nil
}

// countViewers adds up what the records have.
func (s *Summary) countViewers(viewers []*ViewerRecord, end time.Duration) {
	s.Peers = len(viewers)
	s.WastedByCause, s.Errors = map[string]int64{}, map[string]int64{}
	s.Requests = map[string]Outcomes{HTTP.String(): {}, P2P.String(): {}}
	s.HTTPReasons = map[string]ReasonTotals{}
	var stalled, watched time.Duration
	for _, v := range viewers {
		t := v.totals
		s.P2PBytes += t.P2PBytes
		s.HTTPBytes += t.HTTPBytes
		s.P2PChunkBytes += t.P2PChunkBytes
		s.HTTPChunkBytes += t.HTTPChunkBytes
		s.HTTPCachedBytes += v.cached
		s.UploadedBytes += t.UploadedBytes
		s.WastedBytes += t.P2PWastedBytes + t.HTTPWastedBytes
		s.Stalls += t.Stalls
		s.Connections += t.ConnectionsOpened
		s.LevelSwitches += v.levelSwitches
		s.StalledViewers += one(t.Stalls > 0)
		s.ViewersWatchedAll += one(v.watchedAll)
		s.NeverStarted += one(!t.Started)
		s.FullyDelivered += one(v.fullyDelivered())
		stalled += v.stalledUntil(end)
		watched += v.watched
		s.addMaps(v)
	}
	s.StalledSeconds, s.WatchedSeconds = round6(stalled.Seconds()), round6(watched.Seconds())
	s.StallRatio = round6(stallRatio(stalled, watched))
	// What arrived and is neither in a segment nor thrown away was being received when the run ended.
	s.UnfinishedBytes = s.P2PChunkBytes + s.HTTPChunkBytes - s.P2PBytes - s.HTTPBytes - s.WastedBytes
}

// addMaps adds a record's named counters. Sums do not depend on the order of a map.
func (s *Summary) addMaps(v *ViewerRecord) {
	for cause, n := range v.wasted {
		s.WastedByCause[cause] += n
	}
	for kind, n := range v.errors {
		s.Errors[kind] += n
	}
	for source, outcomes := range v.requests {
		for outcome, n := range outcomes {
			s.Requests[Source(source).String()][outcome] += n // two sources
		}
	}
	for reason, n := range v.reasons {
		sum := s.HTTPReasons[reason]
		sum.Requests += n.Requests
		sum.Bytes += n.Bytes
		s.HTTPReasons[reason] = sum
	}
}

func (s *Summary) countSegments(viewers []*ViewerRecord) {
	played, loaded := make([]*segmentSet, 0, len(viewers)), make([]*segmentSet, 0, len(viewers))
	for _, v := range viewers {
		played, loaded = append(played, &v.played), append(loaded, &v.loaded)
		s.SegmentsLoaded.HTTP += v.segments.HTTP
		s.SegmentsLoaded.P2P += v.segments.P2P
		s.SegmentsLoaded.Mixed += v.segments.Mixed
		s.SegmentsPlayed += v.segmentsPlayed
		s.CorruptSegments += v.corrupt
	}
	s.DistinctSegments, s.DistinctSegmentBytes = distinct(played)
	_, s.DistinctLoadedBytes = distinct(loaded)
}

// count takes over what others counted.
func (s *Summary) count(in Input) {
	s.OriginBytes = in.Origin.SegmentBytes
	s.OriginRequests = in.Origin.SegmentRequests
	s.OriginErrors = in.Origin.Errors
	s.OriginPlaylistBytes = in.Origin.PlaylistBytes
	s.OriginPlaylists = in.Origin.PlaylistRequests
	s.TrackerAnnounces = in.Tracker.Announces
	s.TrackerOffers = in.Tracker.Offers
	s.TrackerAnswers = in.Tracker.Answers
	s.TrackerErrors = in.Tracker.Errors
	s.InFlightBytes = in.InFlightBytes
	s.Connections = connections(s.Connections, in.Run.OpenSwarm)
}

func (s *Summary) ratios(viewers []*ViewerRecord) {
	s.P2PRatio = round6(share(s.P2PBytes, s.HTTPBytes))
	s.P2PRatioChunks = round6(share(s.P2PChunkBytes, s.HTTPChunkBytes))
	s.P2PRatioBound = round6(float64(s.Peers-1) / float64(s.Peers))
	if useful := s.P2PBytes + s.HTTPBytes; useful > 0 {
		s.P2PRatioAttainable = round6(max(0, 1-float64(s.DistinctLoadedBytes)/float64(useful)))
		s.Offload = round6(1 - float64(s.OriginBytes)/float64(useful))
	}
	if s.DistinctSegmentBytes > 0 {
		s.CopiesPerSegment = round6(float64(s.OriginBytes) / float64(s.DistinctSegmentBytes))
	}
	// Those who may not upload are not unfair.
	uploads := make([]float64, 0, len(viewers))
	for _, v := range viewers {
		if v.info.Uploads {
			uploads = append(uploads, float64(v.totals.UploadedBytes))
		}
	}
	s.UploadGini = round6(Gini(uploads))
}

func (s *Summary) distributions(in Input, h *Histograms) {
	startup, firstPeer := newDurations(), newDurations()
	http, p2p, live := newDurations(), newDurations(), newDurations()
	degree := make([]float64, 0, len(in.Viewers))
	for _, v := range in.Viewers {
		startup.addDuration(v.startup)
		firstPeer.addDuration(v.firstPeer)
		http.addAll(v.httpLatency)
		p2p.addAll(v.p2pLatency)
		live.addAll(v.liveLatency)
		degree = append(degree, float64(v.peak))
	}
	s.StartupMs, h.StartupMs = startup.dist(), startup.histogram()
	s.TimeToFirstPeerMs, h.TimeToFirstPeerMs = firstPeer.dist(), firstPeer.histogram()
	s.HTTPLatencyMs, h.HTTPLatencyMs = http.dist(), http.histogram()
	s.P2PLatencyMs, h.P2PLatencyMs = p2p.dist(), p2p.histogram()
	h.LiveLatencyMs = live.histogram()
	if in.Run.Live {
		d := live.dist()
		s.LiveLatencyMs = &d
	}
	s.Degree = distOf(degree)
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
