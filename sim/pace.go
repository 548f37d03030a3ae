package sim

import (
	"time"

	"swarmlab/scenarios"
	"swarmlab/sim/hls"
)

// work is what costs a run its time: bytes that are loaded, and viewers that are there.
type work struct{ bytes, viewerSeconds float64 }

// plan is the work that a whole run is expected to be. It steers the estimate of time, and no figure. The zero value expects nothing.
type plan struct{ work }

// workPerByte is the part of a run's work that goes with the bytes it moves; the rest goes with simulated time.
const workPerByte = 0.9

// planOf estimates what all viewers together will load, and for how long they will be there: of a video all of it, since peers hand it over
// faster than it plays, and of a live stream the playlist's window and what is published meanwhile.
func planOf(s *scenarios.Scenario, stream *hls.Stream) (p plan) {
	bytesPerSecond, length := streamRate(stream)
	for _, v := range scenarios.Audience(s, s.Run.Seed) {
		stay := s.Run.Duration.Std() - v.JoinAt
		if v.LeaveAt > 0 {
			stay = v.LeaveAt - v.JoinAt
		}
		stay = max(0, stay)
		p.viewerSeconds += stay.Seconds()
		loads := length
		if stream.Live() {
			loads += stay
		}
		p.bytes += float64(loads.Seconds() * bytesPerSecond)
	}
	return p
}

// share is how much of the plan is done, 0 to 1, when that share of the simulated time is over, elapsed: by the bytes, or by the time that viewers
// were there, whichever is further. The bytes of a video are through long before the time is, and then next to nothing is left to do.
// Where an origin is too slow they never come, and what costs the run its time is that viewers are there and wait: by its bytes alone such a run of
// 10,000 had half an hour to go when it was over.
func (p plan) share(done work, elapsed float64) float64 {
	if p.bytes <= 0 || p.viewerSeconds <= 0 {
		return min(1, elapsed)
	}
	loaded := float64(workPerByte*min(1, done.bytes/p.bytes)) + float64((1-workPerByte)*elapsed)
	return min(1, max(loaded, done.viewerSeconds/p.viewerSeconds))
}

// streamRate is the first variant's mean rate, and the length of a video or of a live window.
func streamRate(stream *hls.Stream) (bytesPerSecond float64, length time.Duration) {
	first, last, ok := stream.Window(0, 0)
	if !ok {
		return 0, 0
	}
	var bytes int64
	for seq := first; seq <= last; seq++ {
		if segment, ok := stream.Segment(0, seq); ok {
			bytes += segment.Size
			length += segment.Duration
		}
	}
	return float64(bytes) / max(length.Seconds(), 1e-3), length
}
