package hls

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// ResourceKind is what a URL of the stream names.
type ResourceKind string

// The kinds of resources that the origin counts apart: a swarm saves segments and nothing else.
const (
	KindMaster  ResourceKind = "master"
	KindMedia   ResourceKind = "media"
	KindSegment ResourceKind = "segment"
	KindInit    ResourceKind = "init"
	// KindFile is a file that holds several segments, which byte ranges tell apart; see [Stream.LocateRange].
	KindFile ResourceKind = "file"
	// KindOther is what the origin counts requests under that name nothing.
	KindOther ResourceKind = "other"
)

// Resource is what a URL names. Variant and Seq are 0 where they do not apply.
type Resource struct {
	Kind    ResourceKind
	Variant int
	Seq     int64

	path string // of the file on disk, where there is one
	loop int64  // which time round, of a file that is looped as live
}

// Locate tells what a URL path names, as the origin sees it: unescaped, with or without the slash in front, relative to the folder
// of the master playlist. Whether a segment is published is another question: see [Stream.Available].
func (s *Stream) Locate(urlPath string) (Resource, bool) {
	path := strings.TrimPrefix(urlPath, "/")
	if path == s.masterPath {
		return Resource{Kind: KindMaster}, true
	}
	// A handful of tracks: a loop is as fast as a map, and the first of two with one path wins, as in the library.
	for i, t := range s.tracks {
		if path == t.path {
			return Resource{Kind: KindMedia, Variant: i}, true
		}
	}
	return s.source.locate(path)
}

// LocateRange is Locate for a part of what the URL names: in a file of several segments it finds the segment in which the part
// begins. That need not be where the segment begins; a player that resumes a download asks for the rest.
func (s *Stream) LocateRange(urlPath string, r ByteRange) (Resource, bool) {
	found, ok := s.Locate(urlPath)
	if !ok || found.Kind != KindFile {
		return found, ok
	}
	f, isFolder := s.source.(*folder)
	if !isFolder {
		return Resource{}, false
	}
	for _, p := range f.partsOf(found) {
		if p.contains(r.Start) {
			return Resource{Kind: p.kind, Variant: p.variant, Seq: f.seq(p, found.loop), path: found.path, loop: found.loop}, true
		}
	}
	return Resource{}, false
}

// LocateURL is Locate, or with a range LocateRange, for a whole URL of an origin that serves the stream at its root.
func (s *Stream) LocateURL(rawURL string, r *ByteRange) (Resource, bool) {
	u, err := url.Parse(rawURL)
	switch {
	case err != nil:
		return Resource{}, false
	case r == nil:
		return s.Locate(u.Path)
	default:
		return s.LocateRange(u.Path, *r)
	}
}

// availableAt reports whether the origin would serve the bytes r (nil: all of it) of a resource at a time.
func (s *Stream) availableAt(res Resource, r *ByteRange, at time.Duration) bool {
	if f, ok := s.source.(*folder); ok && res.path != "" {
		return f.available(res, r, func(variant int, seq int64) bool { return s.Available(variant, seq, at) })
	}
	return res.Kind != KindSegment || s.Available(res.Variant, res.Seq, at)
}

// eachPart tells which segments and init sections the bytes r of a file of several are in. Bytes that belong to nothing (an
// index between the segments) or twice to the same are told once, to the first.
func (s *Stream) eachPart(res Resource, r ByteRange, tell func(kind ResourceKind, variant int, seq, bytes int64)) {
	f, ok := s.source.(*folder)
	if !ok {
		return
	}
	told := make(map[ByteRange]bool)
	for _, p := range f.partsOf(res) {
		if p.overlaps(r) && !told[p.span] {
			told[p.span] = true
			tell(p.kind, p.variant, f.seq(p, res.loop), min(p.span.End, r.End)-max(p.span.Start, r.Start)+1)
		}
	}
}

func (r Resource) String() string {
	switch r.Kind {
	case KindSegment:
		return fmt.Sprintf("segment %d of variant %d", r.Seq, r.Variant)
	case KindMedia:
		return fmt.Sprintf("playlist of variant %d", r.Variant)
	default:
		return string(r.Kind)
	}
}
