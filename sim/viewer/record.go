package viewer

import (
	"swarmlab/results"
	"swarmlab/sim/p2pml"
)

// recorder writes what the core tells into the viewer's record.
type recorder struct {
	*results.ViewerRecord
	reasons   map[string]p2pml.StartReason // by segment that is not there yet: why the last HTTP attempt at it began
	uploaders uploaders
}

func newRecorder(r *results.ViewerRecord) recorder {
	return recorder{ViewerRecord: r, reasons: map[string]p2pml.StartReason{}, uploaders: uploaders{}}
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
	if why, ok := r.reasons[e.Segment.RuntimeID]; ok {
		delete(r.reasons, e.Segment.RuntimeID)
		if e.Source == p2pml.HTTP {
			r.HTTPReason(httpReason(why), e.BytesHTTP)
		} else { // its bytes, if there are any, are of an attempt that failed
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

// failed: nothing came of an HTTP attempt yet, but what it brought may become a part of the segment.
func (r recorder) failed(s *p2pml.Segment, from p2pml.Source) {
	if why, ok := r.reasons[s.RuntimeID]; ok && from == p2pml.HTTP {
		r.HTTPReason(httpReason(why), 0)
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
