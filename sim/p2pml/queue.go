package p2pml

import "time"

// windows are the three ranges ahead of the playhead, in seconds of media, after storage pressure.
//
// P2P Media Loader 2.3 behaviour: windows.
type windows struct {
	position              float64
	highDemand, http, p2p float64 // already times the playback rate
}

// statuses says which windows a segment lies in.
type statuses struct{ highDemand, http, p2p bool }

func (s statuses) none() bool { return !s.highDemand && !s.http && !s.p2p }

// Storage pressure: below so much free storage the windows shrink.
const (
	scarcePercent = 10
	fullPercent   = 5
)

func newWindows(cfg *StreamConfig, position, rate, freePercent float64) windows {
	http, p2p := cfg.HTTPDownloadTimeWindow, cfg.P2PDownloadTimeWindow
	switch {
	case freePercent <= fullPercent:
		http, p2p = 0, 0
	case freePercent <= scarcePercent:
		p2p = http
	}
	times := func(w time.Duration) float64 { return w.Seconds() * rate }
	return windows{position: position, highDemand: times(cfg.HighDemandTimeWindow), http: times(http), p2p: times(p2p)}
}

// inside is inclusive at both ends.
func (w *windows) inside(s *segment, ahead float64) bool {
	return w.position+ahead >= s.Start && w.position <= s.End
}

// statuses asks available only where it matters.
func (w *windows) statuses(s *segment, available func(id int64) bool) statuses {
	return statuses{
		highDemand: w.inside(s, w.highDemand),
		http:       w.inside(s, w.http),
		p2p:        w.inside(s, w.p2p) && available(s.ExternalID),
	}
}

// queueItem is a segment worth loading now.
type queueItem struct {
	seg *segment
	statuses
}

// appendQueue lists what is worth loading, from the player's last requested segment on, up to the first segment that lies in no
// window. Beyond the HTTP window that is the first one nobody has, even if later ones could be had.
//
// P2P Media Loader 2.3 behaviour: queue.
func appendQueue(queue []queueItem, playlist []*segment, w *windows, available func(id int64) bool) []queueItem {
	if len(playlist) == 0 {
		return queue
	}
	first := queueItem{playlist[0], w.statuses(playlist[0], available)}
	if first.none() {
		// After a seek the player may ask for the segment just behind the playhead.
		if len(playlist) == 1 || w.statuses(playlist[1], available).none() {
			return queue
		}
		first.highDemand = true
	}
	queue = append(queue, first)
	for _, s := range playlist[1:] {
		st := w.statuses(s, available)
		if st.none() {
			break
		}
		queue = append(queue, queueItem{s, st})
	}
	return queue
}
