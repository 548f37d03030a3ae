package hls

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// folder is the source that reads somebody's own files. Every file it serves was named by a playlist when the stream was
// opened; a URL is looked up in that list and never becomes a path, so there is nothing for "../" to escape from. Files are
// opened through an os.Root all the same, so that a symbolic link cannot leave the folder either.
type folder struct {
	root   *os.Root
	live   bool
	tracks []folderTrack
	files  map[string]*file

	mu   sync.Mutex
	sums map[cacheKey]uint32 // of the segments read so far: a file that changes during a run is an error, not another segment
}

type folderTrack struct {
	first    int64
	segments []folderSegment
	seams    []int64 // seams[i]: discontinuities before segment i, the first time round
}

type folderSegment struct {
	path          string
	byteRange     *ByteRange
	size          int64
	duration      time.Duration
	discontinuity bool
	init          *initSection
}

// file is a file that the stream serves, and what is in it.
type file struct {
	size    int64
	modTime time.Time
	parts   []part
}

type part struct {
	kind    ResourceKind // KindSegment or KindInit
	variant int
	index   int // of the segment in its track's cycle
	span    ByteRange
}

func (p part) contains(offset int64) bool { return p.span.Start <= offset && offset <= p.span.End }
func (p part) overlaps(r ByteRange) bool  { return p.span.Start <= r.End && r.Start <= p.span.End }

func (f *folder) facts(track int, _ int64, p place) facts {
	s := f.tracks[track].segments[p.index]
	return facts{path: f.urlPath(s.path, p.loop), size: s.size, byteRange: s.byteRange, init: s.init,
		discontinuity: s.discontinuity || f.seam(p), content: int64(p.index)}
}

// seam: every time round but the first begins where the last segment does not continue.
func (f *folder) seam(p place) bool { return p.index == 0 && p.loop > 0 }

func (f *folder) discontinuitiesBefore(track int, p place) int64 {
	t := f.tracks[track]
	firstRound := t.seams[len(t.segments)]
	if p.loop == 0 {
		return t.seams[p.index]
	}
	seam := int64(1)
	if t.segments[0].discontinuity {
		seam = 0 // counted in seams already
	}
	n := firstRound + (p.loop-1)*(firstRound+seam) + t.seams[p.index]
	if p.index > 0 {
		n += seam
	}
	return n
}

func (f *folder) seq(p part, loop int64) int64 {
	t := f.tracks[p.variant]
	return t.first + max(loop, 0)*int64(len(t.segments)) + int64(p.index)
}

// notLooped is Resource.loop of what keeps its URL for ever: everything in a VOD, init sections in a live stream.
const notLooped = -1

// urlPath gives every time round its own URLs. P2P Media Loader knows a segment by its URL: the same URL under a new sequence
// number would be the old segment to it, and a browser would take it from its cache.
func (f *folder) urlPath(name string, loop int64) string {
	if !f.live {
		return name
	}
	return path.Join(path.Dir(name), loopFolder+strconv.FormatInt(loop, 10), path.Base(name))
}

const loopFolder = "loop"

// cutLoop undoes urlPath.
func cutLoop(urlPath string) (name string, loop int64, ok bool) {
	folder := path.Dir(urlPath)
	digits, ok := strings.CutPrefix(path.Base(folder), loopFolder)
	loop, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || loop < 0 || loop > maxSequence/maxSegments || strconv.FormatInt(loop, 10) != digits {
		return "", 0, false
	}
	return path.Join(path.Dir(folder), path.Base(urlPath)), loop, path.Clean(urlPath) == urlPath
}

func (f *folder) locate(urlPath string) (Resource, bool) {
	if f.live {
		if name, loop, ok := cutLoop(urlPath); ok {
			if r, ok := f.resource(Resource{path: name, loop: loop}); ok {
				return r, true
			}
		}
	}
	return f.resource(Resource{path: urlPath, loop: notLooped})
}

// resource says what a file is: a whole segment, a whole init section, or something that ranges tell apart.
func (f *folder) resource(r Resource) (Resource, bool) {
	parts := f.partsOf(r)
	if len(parts) == 0 {
		return Resource{}, false
	}
	first, size := parts[0], f.files[r.path].size
	for _, p := range parts {
		if p.kind != first.kind || p.span != first.span || p.span.Len() != size {
			r.Kind = KindFile
			return r, true
		}
	}
	r.Kind = first.kind
	if r.Kind == KindSegment {
		r.Variant, r.Seq = first.variant, f.seq(first, r.loop)
	}
	return r, true
}

// partsOf are the parts of a file that may be served under a resource's URL: in a live stream segments are under their loop's
// URLs only, so that nobody gets at what is not published.
func (f *folder) partsOf(r Resource) []part {
	file, ok := f.files[r.path]
	if !ok {
		return nil
	}
	if !f.live {
		return file.parts
	}
	want := KindSegment
	if r.loop == notLooped {
		want = KindInit
	}
	var parts []part
	for _, p := range file.parts {
		if p.kind == want {
			parts = append(parts, p)
		}
	}
	return parts
}

// available: each part that the range touches must be. A part may be listed more than once (a slate between programmes, say);
// one published listing is enough.
func (f *folder) available(res Resource, r *ByteRange, published func(variant int, seq int64) bool) bool {
	if !f.live {
		return true
	}
	whole := ByteRange{0, f.files[res.path].size - 1}
	if r == nil {
		r = &whole
	}
	open := make(map[ByteRange]bool)
	for _, p := range f.partsOf(res) {
		if p.overlaps(*r) {
			inside := p.span.Start <= r.Start && r.End <= p.span.End
			ok := p.kind == KindInit && inside || p.kind == KindSegment && published(p.variant, f.seq(p, res.loop))
			open[p.span] = open[p.span] || ok
		}
	}
	for _, ok := range open {
		if !ok {
			return false
		}
	}
	return len(open) > 0
}

func (f *folder) etag(track int, _ int64, facts facts) string {
	s := f.tracks[track].segments[facts.content]
	return f.fileTag(s.path, s.byteRange)
}

// fileTag names a file's content as web servers do, by size and time of change: nobody wants to read a folder of gigabytes
// before the first request.
func (f *folder) fileTag(name string, r *ByteRange) string {
	file := f.files[name]
	span := ByteRange{}
	if r != nil {
		span = *r
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %d %v", name, file.size, file.modTime.UnixNano(), span))
	return hex.EncodeToString(sum[:8])
}

func (f *folder) load(track int, seq int64, facts facts) ([]byte, error) {
	s := f.tracks[track].segments[facts.content]
	data, err := f.read(s)
	if err != nil {
		return nil, fmt.Errorf("segment %d: %w", seq, err)
	}
	key, sum := cacheKey{track, facts.content}, crc32.ChecksumIEEE(data)
	f.mu.Lock()
	defer f.mu.Unlock()
	if before, ok := f.sums[key]; ok && before != sum {
		return nil, fmt.Errorf("segment %d: %s changed while the stream was in use; run again", seq, s.path)
	}
	f.sums[key] = sum
	return data, nil
}

func (f *folder) read(s folderSegment) ([]byte, error) {
	opened, err := f.openFile(s.path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = opened.Close() }() // only read: nothing to lose
	offset := int64(0)
	if s.byteRange != nil {
		offset = s.byteRange.Start
	}
	data := make([]byte, s.size)
	if _, err := opened.ReadAt(data, offset); err != nil && len(data) > 0 {
		return nil, err
	}
	return data, nil
}

// openFile opens one of the stream's files and makes sure that it is still the one that the playlists were checked against.
func (f *folder) openFile(name string) (*openFile, error) {
	known, ok := f.files[name]
	if !ok {
		return nil, fmt.Errorf("%s is not part of the stream", name)
	}
	opened, err := f.root.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := opened.Stat()
	if err != nil || info.Size() != known.size || !info.ModTime().Equal(known.modTime) {
		_ = opened.Close()
		return nil, fmt.Errorf("%s changed while the stream was in use; run again", name)
	}
	return &openFile{File: opened, size: known.size, etag: f.fileTag(name, nil)}, nil
}

// openFile is an open file of the stream.
type openFile struct {
	*os.File
	size int64
	etag string
}

func (f *folder) open(r Resource) (*openFile, error) { return f.openFile(r.path) }
func (f *folder) close() error                       { return f.root.Close() }
