package results

import (
	"fmt"
	"strings"
)

// An invariant looks at a result and says in a sentence what it found.
type invariant struct {
	name string
	// closed: it needs to see every viewer and the origin, so it says nothing of an open swarm.
	closed bool
	check  func(r *Result) (ok bool, detail string)
}

// What must hold of every run, whatever the scenario. They are functions of the stored result alone, so that anybody can
// check a result they were given.
var invariants = []invariant{
	{"segmentsIntact", false, segmentsIntact},
	{"bytesAddUp", false, bytesAddUp},
	{"uploadsArrive", true, uploadsArrive},
	{"originServedEverySegment", true, originServedEverySegment},
	{"originServedWhatHTTPBrought", true, originServedWhatHTTPBrought},
	{"firstCopyOverHTTP", true, firstCopyOverHTTP},
	{"p2pRatioWithinBound", true, p2pRatioWithinBound},
	{"timelineAddsUp", false, timelineAddsUp},
	{"peersAddUp", false, peersAddUp},
	{"overlayAddsUp", false, overlayAddsUp},
}

// CheckInvariants checks all of them, in a fixed order.
func CheckInvariants(r *Result) []Check {
	checks := make([]Check, 0, len(invariants))
	for _, inv := range invariants {
		c := Check{Name: inv.name, OK: true, Detail: "not checked: the swarm is open, so not everything is seen"}
		if !inv.closed || !r.Run.OpenSwarm {
			c.OK, c.Detail = inv.check(r)
		}
		checks = append(checks, c)
	}
	return checks
}

// Breaches are the checks that did not hold.
func (r *Result) Breaches() []Check {
	var out []Check
	for _, c := range r.Invariants {
		if !c.OK {
			out = append(out, c)
		}
	}
	return out
}

func segmentsIntact(r *Result) (bool, string) {
	s := r.Summary
	loaded := s.SegmentsLoaded.HTTP + s.SegmentsLoaded.P2P + s.SegmentsLoaded.Mixed
	return s.CorruptSegments == 0, fmt.Sprintf("%d of %d segments loaded differ from what the origin made", s.CorruptSegments, loaded)
}

// bytesAddUp: what arrived became part of a segment, was thrown away, or was unfinished at the end.
func bytesAddUp(r *Result) (bool, string) {
	s := r.Summary
	var byCause int64
	for _, n := range s.WastedByCause {
		byCause += n
	}
	for _, p := range r.Peers {
		if p.P2PChunkBytes < p.P2PBytes || p.HTTPChunkBytes < p.HTTPBytes ||
			p.P2PChunkBytes+p.HTTPChunkBytes < p.P2PBytes+p.HTTPBytes+p.WastedBytes {
			return false, fmt.Sprintf("viewer %s has more bytes than arrived: p2p %d in segments of %d, http %d of %d, %d wasted",
				p.Name, p.P2PBytes, p.P2PChunkBytes, p.HTTPBytes, p.HTTPChunkBytes, p.WastedBytes)
		}
	}
	ok := s.UnfinishedBytes >= 0 && byCause == s.WastedBytes && noneNegative(s)
	return ok, fmt.Sprintf("%d bytes arrived = %d in segments + %d wasted (%d by cause) + %d unfinished",
		s.P2PChunkBytes+s.HTTPChunkBytes, s.P2PBytes+s.HTTPBytes, s.WastedBytes, byCause, s.UnfinishedBytes)
}

func noneNegative(s Summary) bool {
	return min(s.P2PBytes, s.HTTPBytes, s.P2PChunkBytes, s.HTTPChunkBytes, s.UploadedBytes, s.WastedBytes, s.OriginBytes, s.HTTPCachedBytes) >= 0
}

// uploadsArrive: bytes uploaded = bytes received from peers + bytes in flight at the end.
func uploadsArrive(r *Result) (bool, string) {
	s := r.Summary
	missing := s.UploadedBytes - s.P2PChunkBytes
	if s.InFlightBytes == nil {
		return missing >= 0, fmt.Sprintf("%d bytes uploaded, %d received from peers (those in flight were not measured)",
			s.UploadedBytes, s.P2PChunkBytes)
	}
	return missing == *s.InFlightBytes && missing >= 0, fmt.Sprintf("%d bytes uploaded = %d received from peers + %d in flight or lost with a connection",
		s.UploadedBytes, s.P2PChunkBytes, *s.InFlightBytes)
}

func originServedEverySegment(r *Result) (bool, string) {
	s := r.Summary
	return s.OriginBytes >= s.DistinctSegmentBytes,
		fmt.Sprintf("the origin served %d bytes; one copy of every segment played is %d", s.OriginBytes, s.DistinctSegmentBytes)
}

// originServedWhatHTTPBrought: a byte cannot arrive that was not sent, or kept since it was.
func originServedWhatHTTPBrought(r *Result) (bool, string) {
	s := r.Summary
	ok := s.OriginBytes >= s.HTTPChunkBytes-s.HTTPCachedBytes && s.HTTPCachedBytes <= s.HTTPChunkBytes
	if s.HTTPCachedBytes == 0 {
		return ok, fmt.Sprintf("the origin served %d bytes; viewers received %d over HTTP", s.OriginBytes, s.HTTPChunkBytes)
	}
	return ok, fmt.Sprintf("the origin served %d bytes; viewers received %d over HTTP, and %d more out of their browsers' caches",
		s.OriginBytes, s.HTTPChunkBytes-s.HTTPCachedBytes, s.HTTPCachedBytes)
}

// firstCopyOverHTTP is the bound on the ratio in bytes: only whole segments are shared, so whoever was the first to have one
// had all of it from the origin.
func firstCopyOverHTTP(r *Result) (bool, string) {
	s := r.Summary
	return s.HTTPBytes >= s.DistinctLoadedBytes,
		fmt.Sprintf("%d bytes of segments came over HTTP; the first copy of every segment loaded is %d", s.HTTPBytes, s.DistinctLoadedBytes)
}

// p2pRatioWithinBound: (N-1)/N. Of N viewers who loaded each segment at most once no more than N-1 can have had it from another,
// so the bound holds for viewers who watched only a part as well.
func p2pRatioWithinBound(r *Result) (bool, string) {
	s := r.Summary
	const rounding = 1e-6 // both figures are rounded to six digits
	return s.P2PRatio <= s.P2PRatioBound+rounding,
		fmt.Sprintf("P2P ratio %.4f; %d viewers can reach %.4f", s.P2PRatio, s.Peers, s.P2PRatioBound)
}

// sum is one total and what its parts add up to.
type sum struct {
	name         string
	total, parts int64
}

// addUp says which sums do not hold.
func addUp(of string, sums []sum) (bool, string) {
	var wrong, names []string
	for _, s := range sums {
		names = append(names, s.name)
		if s.total != s.parts {
			wrong = append(wrong, fmt.Sprintf("%s is %d, but its parts add up to %d", s.name, s.total, s.parts))
		}
	}
	if len(wrong) > 0 {
		return false, of + ": " + strings.Join(wrong, "; ")
	}
	return true, of + " add up: " + strings.Join(names, ", ")
}

func timelineAddsUp(r *Result) (bool, string) {
	var parts Sample
	for _, t := range r.Timeline {
		parts.P2PBytes += t.P2PBytes
		parts.HTTPBytes += t.HTTPBytes
		parts.P2PChunkBytes += t.P2PChunkBytes
		parts.HTTPChunkBytes += t.HTTPChunkBytes
		parts.UploadedBytes += t.UploadedBytes
		parts.WastedBytes += t.WastedBytes
		parts.OriginBytes += t.OriginBytes
		parts.Stalls += t.Stalls
		parts.TrackerAnnounces += t.TrackerAnnounces
	}
	s := r.Summary
	return addUp("seconds", []sum{
		{"p2pBytes", s.P2PBytes, parts.P2PBytes},
		{"httpBytes", s.HTTPBytes, parts.HTTPBytes},
		{"p2pChunkBytes", s.P2PChunkBytes, parts.P2PChunkBytes},
		{"httpChunkBytes", s.HTTPChunkBytes, parts.HTTPChunkBytes},
		{"uploadedBytes", s.UploadedBytes, parts.UploadedBytes},
		{"wastedBytes", s.WastedBytes, parts.WastedBytes},
		{"originBytes", s.OriginBytes, parts.OriginBytes},
		{"stalls", s.Stalls, parts.Stalls},
		{"trackerAnnounces", s.TrackerAnnounces, parts.TrackerAnnounces},
	})
}

func peersAddUp(r *Result) (bool, string) {
	var parts PeerRow
	for _, p := range r.Peers {
		parts.P2PBytes += p.P2PBytes
		parts.HTTPBytes += p.HTTPBytes
		parts.P2PChunkBytes += p.P2PChunkBytes
		parts.HTTPChunkBytes += p.HTTPChunkBytes
		parts.UploadedBytes += p.UploadedBytes
		parts.WastedBytes += p.WastedBytes
		parts.SegmentsLoaded += p.SegmentsLoaded
		parts.SegmentsPlayed += p.SegmentsPlayed
		parts.CorruptSegments += p.CorruptSegments
		parts.Stalls += p.Stalls
	}
	s := r.Summary
	loaded := s.SegmentsLoaded.HTTP + s.SegmentsLoaded.P2P + s.SegmentsLoaded.Mixed
	return addUp("viewers", []sum{
		{"peers", int64(s.Peers), int64(len(r.Peers))},
		{"p2pBytes", s.P2PBytes, parts.P2PBytes},
		{"httpBytes", s.HTTPBytes, parts.HTTPBytes},
		{"p2pChunkBytes", s.P2PChunkBytes, parts.P2PChunkBytes},
		{"httpChunkBytes", s.HTTPChunkBytes, parts.HTTPChunkBytes},
		{"uploadedBytes", s.UploadedBytes, parts.UploadedBytes},
		{"wastedBytes", s.WastedBytes, parts.WastedBytes},
		{"segmentsLoaded", loaded, parts.SegmentsLoaded},
		{"segmentsPlayed", s.SegmentsPlayed, parts.SegmentsPlayed},
		{"corruptSegments", s.CorruptSegments, parts.CorruptSegments},
		{"stalls", s.Stalls, parts.Stalls},
	})
}

// overlayAddsUp: every useful byte from a peer has an uploader, and nobody got more from another than that one uploaded.
func overlayAddsUp(r *Result) (bool, string) {
	o := r.Overlay
	if o == nil {
		return true, "who uploads to whom was not recorded"
	}
	given := make([]int64, len(r.Peers))
	for _, l := range o.Links {
		if l.A >= l.B || l.B >= len(r.Peers) {
			return false, fmt.Sprintf("a link between viewers %d and %d of %d", l.A, l.B, len(r.Peers))
		}
		given[l.A] += l.AToB
		given[l.B] += l.BToA
	}
	for i, p := range r.Peers {
		if given[i] > p.UploadedBytes {
			return false, fmt.Sprintf("viewer %s uploaded %d bytes; others had %d of use from it", p.Name, p.UploadedBytes, given[i])
		}
	}
	return o.Bytes+o.OutsideBytes == r.Summary.P2PBytes, fmt.Sprintf("%d bytes of P2P = %d from viewers + %d from others",
		r.Summary.P2PBytes, o.Bytes, o.OutsideBytes)
}
