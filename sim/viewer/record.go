package viewer

import (
	"swarmlab/results"
	"swarmlab/sim/p2pml"
)

// recorder writes what the core tells into the viewer's record.
type recorder struct {
	*results.ViewerRecord
	reasons   map[string]p2pml.StartReason // by segment: why its running HTTP attempt began
	tried     map[string]p2pml.StartReason // by segment: why the last one that came to nothing did, if some of its bytes may be held
	uploaders uploaders
}

func newRecorder(r *results.ViewerRecord) recorder {
	return recorder{ViewerRecord: r, reasons: map[string]p2pml.StartReason{}, tried: map[string]p2pml.StartReason{}, uploaders: uploaders{}}
}

// segmentID is the same for every viewer: the rendition's URL, and the id that goes over the wire.
func segmentID(s *p2pml.Segment) results.SegmentID {
	return results.SegmentID{Stream: s.Stream.RuntimeID, Sequence: s.ExternalID}
}

func (r recorder) OnSegmentStart(e p2pml.SegmentStart) {
	r.uploaders.start(e)
	if e.Source == p2pml.HTTP {
		r.reasons[e.Segment.RuntimeID] = e.Reason
	}
}

func (r recorder) OnSegmentLoaded(e p2pml.SegmentLoaded) {
	r.Request(source(e.Source), results.OutcomeLoaded)
	r.SegmentLoaded(results.Load{
		Segment: segmentID(e.Segment), Source: source(e.Source), Latency: e.Latency,
		HTTPBytes: e.BytesHTTP, P2PBytes: e.BytesP2P,
	})
	for _, part := range r.uploaders.loaded(e) {
		r.ReceivedFrom(part.peer, part.bytes)
	}
	r.ended(e.Segment, e.Source, e.BytesHTTP)
	if why, ok := r.tried[e.Segment.RuntimeID]; ok {
		delete(r.tried, e.Segment.RuntimeID)
		if e.Source != p2pml.HTTP { // a part came over HTTP, and the rest of a peer
			r.HTTPReasonBytes(httpReason(why), e.BytesHTTP)
		}
	}
}

func (r recorder) OnSegmentError(e p2pml.SegmentError) {
	r.Request(source(e.Source), string(e.Type))
	r.failed(e.Segment, e.Source)
}

func (r recorder) OnSegmentAbort(e p2pml.SegmentAbort) {
	r.Request(source(e.Source), results.OutcomeAborted)
	r.failed(e.Segment, e.Source)
}

// failed: of an HTTP attempt nothing came yet, but what it brought may become a part of the segment.
func (r recorder) failed(s *p2pml.Segment, from p2pml.Source) {
	if why, ok := r.reasons[s.RuntimeID]; ok && from == p2pml.HTTP {
		r.tried[s.RuntimeID] = why
	}
	r.ended(s, from, 0)
}

// ended accounts for an HTTP attempt's reason: one request, and the bytes that came of it.
func (r recorder) ended(s *p2pml.Segment, from p2pml.Source, bytes int64) {
	if from != p2pml.HTTP {
		return
	}
	if why, ok := r.reasons[s.RuntimeID]; ok {
		delete(r.reasons, s.RuntimeID)
		r.HTTPReason(httpReason(why), bytes)
	}
}

func (r recorder) OnChunkDownloaded(e p2pml.ChunkDownloaded) {
	r.ChunkDownloaded(source(e.Source), int64(e.Bytes))
	if e.Useless {
		r.Wasted(source(e.Source), results.WasteStale, int64(e.Bytes))
	}
}

func (r recorder) OnBytesDiscarded(e p2pml.BytesDiscarded) {
	r.uploaders.discarded(e)
	if e.BytesHTTP > 0 {
		delete(r.tried, e.Segment.RuntimeID)
	}
	r.Wasted(results.HTTP, wasteCause(e.Cause), e.BytesHTTP)
	r.Wasted(results.P2P, wasteCause(e.Cause), e.BytesP2P)
}

func (r recorder) OnChunkUploaded(e p2pml.ChunkUploaded) { r.ChunkUploaded(int64(e.Bytes)) }

func (r recorder) OnPeerConnect(e p2pml.PeerConnect) {
	r.PeerConnected(e.At, peerKey(e.Type, e.PeerID))
	r.Met(e.PeerID)
}

func (r recorder) OnPeerClose(e p2pml.PeerClose) {
	if !e.Again {
		r.PeerClosed(e.At, peerKey(e.Type, e.PeerID))
	}
}

func (r recorder) OnPeerError(p2pml.PeerError)           { r.Error("peer") }
func (r recorder) OnTrackerError(p2pml.TrackerError)     { r.Error("tracker") }
func (r recorder) OnTrackerWarning(p2pml.TrackerWarning) { r.Error("tracker-warning") }

// peerKey tells a viewer's connections apart: the same person may be a peer of two renditions.
func peerKey(t p2pml.StreamType, id string) string { return string(t) + " " + id }
