package results

import "time"

// row is the viewer's row of the result.
func (v *ViewerRecord) row(end time.Duration) PeerRow {
	t := v.totals
	stalled := v.stalledUntil(end)
	row := PeerRow{
		Name: v.info.Name, Group: v.info.Group, Link: v.info.Link, NAT: v.info.NAT, Region: v.info.Region,
		Uploads:         v.info.Uploads,
		JoinedSeconds:   round6(v.info.JoinedAt.Seconds()),
		LeftClean:       v.leftClean,
		WatchedAll:      v.watchedAll,
		FullyDelivered:  v.fullyDelivered(),
		P2PRatio:        round6(share(t.P2PBytes, t.HTTPBytes)),
		P2PBytes:        t.P2PBytes,
		HTTPBytes:       t.HTTPBytes,
		P2PChunkBytes:   t.P2PChunkBytes,
		HTTPChunkBytes:  t.HTTPChunkBytes,
		UploadedBytes:   t.UploadedBytes,
		WastedBytes:     t.P2PWastedBytes + t.HTTPWastedBytes,
		SegmentsLoaded:  v.segments.HTTP + v.segments.P2P + v.segments.Mixed,
		SegmentsPlayed:  v.segmentsPlayed,
		CorruptSegments: v.corrupt,

		StartupMs:         optionalMs(v.startup),
		TimeToFirstPeerMs: optionalMs(v.firstPeer),
		HTTPLatencyP50Ms:  v.httpLatency.p50Ms(),
		P2PLatencyP50Ms:   v.p2pLatency.p50Ms(),
		LiveLatencyMs:     v.liveLatency.meanMs(),

		Stalls:         t.Stalls,
		StalledSeconds: round6(stalled.Seconds()),
		WatchedSeconds: round6(v.watched.Seconds()),
		StallRatio:     round6(stallRatio(stalled, v.watched)),
		LevelSwitches:  v.levelSwitches,

		Connections:     t.ConnectionsOpened,
		PeakConnections: v.peak,
		MeanConnections: round3(v.meanPeersUntil(end)),
		Errors:          v.errorCount,
	}
	if v.left {
		at := round6(v.leftAt.Seconds())
		row.LeftSeconds = &at
	}
	return row
}

// fullyDelivered: something was played, and all of it was what the origin made.
func (v *ViewerRecord) fullyDelivered() bool { return v.segmentsPlayed > 0 && v.corruptPlayed == 0 }

func optionalMs(d *time.Duration) *float64 {
	if d == nil {
		return nil
	}
	ms := round3(float64(*d) / float64(time.Millisecond))
	return &ms
}
