package results

import "time"

// PeerConnected begins a peer connection. peer is any name that tells this viewer's connections apart; a name that is open
// already is the same connection.
func (v *ViewerRecord) PeerConnected(at time.Duration, peer string) {
	if _, open := v.peers[peer]; open {
		return
	}
	v.peersUntil(at)
	v.peers[peer] = struct{}{}
	v.totals.ConnectionsOpened++
	v.totals.Connections = len(v.peers)
	v.peak = max(v.peak, len(v.peers))
	if v.firstPeer == nil {
		d := at - v.info.JoinedAt
		v.firstPeer = &d
	}
}

// PeerClosed ends a peer connection. The library may say so twice on the side that closes; the second time is ignored.
func (v *ViewerRecord) PeerClosed(at time.Duration, peer string) {
	if _, open := v.peers[peer]; !open {
		return
	}
	v.peersUntil(at)
	delete(v.peers, peer)
	v.totals.Connections = len(v.peers)
}

// peersUntil carries the sum of connection time up to now.
func (v *ViewerRecord) peersUntil(at time.Duration) {
	v.peerTime += time.Duration(len(v.peers)) * (at - v.peersChanged)
	v.peersChanged = at
}

// Startup is the time from joining to the first picture.
func (v *ViewerRecord) Startup(d time.Duration) {
	if v.startup == nil {
		v.startup = &d
		v.totals.Started = true
	}
}

// StallStart is when the picture begins to stand still for want of data.
func (v *ViewerRecord) StallStart(at time.Duration) {
	if v.totals.Stalled {
		return
	}
	v.totals.Stalled = true
	v.totals.Stalls++
	v.stallFrom = at
}

// StallEnd is when the picture moves again.
func (v *ViewerRecord) StallEnd(at time.Duration) {
	if !v.totals.Stalled {
		return
	}
	v.totals.Stalled = false
	v.stalled += at - v.stallFrom
}

// Watched sets the time during which the picture has moved so far. The last value counts.
func (v *ViewerRecord) Watched(total time.Duration) { v.watched = total }

// LiveLatency is one reading of the distance from the live edge. Take one each simulated second, so that the distribution is
// over time and not over whatever made the player look.
func (v *ViewerRecord) LiveLatency(d time.Duration) { v.liveLatency.add(d) }

// LevelSwitched counts a change of quality.
func (v *ViewerRecord) LevelSwitched() { v.levelSwitches++ }

// Left ends the viewer's stay: clean if it closed its connections, otherwise it just vanished. A viewer that never leaves
// stayed to the end of the run.
func (v *ViewerRecord) Left(at time.Duration, clean bool) {
	if v.left {
		return
	}
	v.StallEnd(at)
	v.peersUntil(at)
	clear(v.peers)
	v.left, v.leftAt, v.leftClean = true, at, clean
	v.totals.Present = false
	v.totals.Connections = 0
}

// stalledUntil is the time stalled, with a stall that still lasts counted up to end.
func (v *ViewerRecord) stalledUntil(end time.Duration) time.Duration {
	if v.totals.Stalled {
		return v.stalled + end - v.stallFrom
	}
	return v.stalled
}

// meanPeersUntil is the mean number of open connections over the viewer's stay.
func (v *ViewerRecord) meanPeersUntil(end time.Duration) float64 {
	sum := v.peerTime
	if !v.left {
		sum += time.Duration(len(v.peers)) * (end - v.peersChanged)
	} else {
		end = v.leftAt
	}
	stay := end - v.info.JoinedAt
	if stay <= 0 {
		return 0
	}
	return float64(sum) / float64(stay)
}
