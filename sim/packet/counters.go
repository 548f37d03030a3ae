package packet

import (
	"net/http"

	"swarmlab/results"
	"swarmlab/sim/hls"
)

// counters are what the run's own servers have counted so far; nothing of servers that are somebody else's.
func (w *world) counters() (origin results.OriginCounters, tracker results.TrackerCounters) {
	if w.origin == nil {
		return origin, tracker
	}
	o := w.origin.Counters()
	origin = results.OriginCounters{
		SegmentBytes: o.SegmentBytes, SegmentRequests: segmentRequests(o),
		PlaylistBytes:    o.PlaylistBytes,
		PlaylistRequests: o.Answers(hls.KindMaster, 0) + o.Answers(hls.KindMedia, 0),
		Errors:           errorAnswers(o),
	}
	if w.tracker == nil {
		return origin, tracker
	}
	t := w.tracker.Counters()
	return origin, results.TrackerCounters{
		Announces: t.Announces, Offers: t.OffersRelayed, Answers: t.AnswersRelayed, Errors: t.Errors,
	}
}

func segmentRequests(o hls.Counters) int64 {
	return o.Answers(hls.KindSegment, 0) + o.Answers(hls.KindFile, 0)
}

func errorAnswers(o hls.Counters) (n int64) {
	for _, r := range o.Requests {
		if r.Status >= http.StatusBadRequest {
			n += r.Count
		}
	}
	return n
}
