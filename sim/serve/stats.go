package serve

import (
	"time"

	"swarmlab/sim/hls"
)

// Stats are what a deployment has done since it was started.
type Stats struct {
	Scenario      string       `json:"scenario"`
	UptimeSeconds float64      `json:"uptimeSeconds"`
	Live          bool         `json:"live"`
	Origin        OriginStats  `json:"origin"`
	Tracker       TrackerStats `json:"tracker"`
}

// OriginStats are what the origin has served.
type OriginStats struct {
	SegmentBytes     int64          `json:"segmentBytes"`
	PlaylistBytes    int64          `json:"playlistBytes"`
	InitBytes        int64          `json:"initBytes"`
	OtherBytes       int64          `json:"otherBytes"`
	Requests         []RequestStats `json:"requests"`
	DistinctSegments int            `json:"distinctSegments"`
	// CopiesPerSegment is SegmentBytes / bytes of the distinct segments of which anything was served; 0 before the first.
	CopiesPerSegment float64 `json:"copiesPerSegment"`
}

// RequestStats counts answers.
type RequestStats struct {
	Kind   string `json:"kind"`
	Status int    `json:"status"`
	Count  int64  `json:"count"`
}

// TrackerStats are what the tracker has done, and whom it holds now.
type TrackerStats struct {
	Connections    int64 `json:"connections"`
	Swarms         int   `json:"swarms"`
	Peers          int   `json:"peers"`
	Announces      int64 `json:"announces"`
	OffersIn       int64 `json:"offersIn"`
	OffersRelayed  int64 `json:"offersRelayed"`
	AnswersIn      int64 `json:"answersIn"`
	AnswersRelayed int64 `json:"answersRelayed"`
	Scrapes        int64 `json:"scrapes"`
	Errors         int64 `json:"errors"`
	Expired        int64 `json:"expired"`
	SlowReaders    int64 `json:"slowReaders"`
}

// Stats is a snapshot.
func (s *Server) Stats() Stats {
	return Stats{
		Scenario: s.scenario.Name, UptimeSeconds: time.Since(s.start).Seconds(), Live: s.stream.Live(),
		Origin: s.originStats(), Tracker: s.trackerStats(),
	}
}

func (s *Server) originStats() OriginStats {
	c := s.origin.Counters()
	out := OriginStats{
		SegmentBytes: c.SegmentBytes, PlaylistBytes: c.PlaylistBytes, InitBytes: c.InitBytes, OtherBytes: c.OtherBytes,
		Requests: []RequestStats{},
	}
	for _, r := range c.Requests {
		out.Requests = append(out.Requests, RequestStats{Kind: string(r.Kind), Status: r.Status, Count: r.Count})
	}
	segments := s.origin.Segments()
	out.DistinctSegments = len(segments)
	if distinct := distinctBytes(s.stream, segments); distinct > 0 {
		out.CopiesPerSegment = float64(c.SegmentBytes) / float64(distinct)
	}
	return out
}

func distinctBytes(stream *hls.Stream, segments []hls.SegmentCount) (sum int64) {
	for _, c := range segments {
		if info, ok := stream.Segment(c.Variant, c.Seq); ok {
			sum += info.Size
		}
	}
	return sum
}

func (s *Server) trackerStats() TrackerStats {
	c := s.tracker.Counters()
	return TrackerStats{
		Connections: c.Connections, Swarms: c.Swarms, Peers: c.Peers, Announces: c.Announces,
		OffersIn: c.OffersIn, OffersRelayed: c.OffersRelayed, AnswersIn: c.AnswersIn, AnswersRelayed: c.AnswersRelayed,
		Scrapes: c.Scrapes, Errors: c.Errors, Expired: c.Expired, SlowReaders: c.SlowReaders,
	}
}
