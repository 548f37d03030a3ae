package hls

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// FolderOptions say how to play a folder. The zero value plays it as VOD.
type FolderOptions struct {
	Kind Kind // VOD if empty; Live repeats the folder for ever, with a discontinuity at the seam
	// Window is the number of segments in a live playlist, DefaultWindow if 0. The playlist grows beyond it where that would be
	// less than three target durations.
	Window        int
	FirstSequence int64 // live: media sequence number of the first segment; a VOD keeps its own
	CacheBytes    int64 // bound of the cache of segment bytes; DefaultCacheBytes if 0
}

func (o FolderOptions) withDefaults() (FolderOptions, error) {
	if o.Window != 0 && o.Window < 3 {
		return o, fmt.Errorf("window of %d segments: use at least 3 (RFC 8216 section 6.2.2)", o.Window)
	}
	// The same fields as a synthetic stream's, so the same defaults and the same complaints.
	cfg := Config{Kind: o.Kind, Window: o.Window, FirstSequence: o.FirstSequence, CacheBytes: o.CacheBytes}.withDefaults()
	err := cfg.validate()
	return FolderOptions{Kind: cfg.Kind, Window: cfg.Window, FirstSequence: cfg.FirstSequence, CacheBytes: cfg.CacheBytes}, err
}

// Open takes an HLS folder: filename is its master playlist, or the only media playlist there is. Everything is checked here, so that
// a run does not fail in the middle; errors name the playlist, the line and what would be right.
func Open(filename string, opt FolderOptions) (*Stream, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("open stream %s: %w", filename, err)
	}
	root, err := os.OpenRoot(filepath.Dir(filename))
	if err != nil {
		return nil, fmt.Errorf("open stream %s: %w", filename, err)
	}
	src := &folder{root: root, live: opt.Kind == Live, files: make(map[string]*file), sums: make(map[cacheKey]uint32)}
	o := &opener{folder: src, shown: filepath.Dir(filename), opt: opt,
		stream: &Stream{kind: opt.Kind, source: src, cache: newByteCache(opt.CacheBytes)}, done: make(map[string]bool)}
	if err := o.open(filepath.Base(filename)); err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("open stream: %w", err)
	}
	return o.stream, nil
}

// opener builds a stream out of a folder.
type opener struct {
	*folder
	shown  string // the folder's name, for people
	opt    FolderOptions
	stream *Stream
	done   map[string]bool // playlists whose segments are in folder.files
	// independent: the master says so for all (the media playlists say it for themselves).
	independent bool
}

func (o *opener) open(name string) error {
	body, err := o.readPlaylist(name)
	if err != nil {
		return err
	}
	s := o.stream
	if IsMaster(body) {
		s.masterPath = name
		if err := o.addMaster(name, body); err != nil {
			return err
		}
	} else if err := o.addOnlyMedia(name, body); err != nil {
		return err
	}
	if err := o.align(); err != nil {
		return err
	}
	s.master = writeMaster(s.variants, s.renditions, o.independent)
	return nil
}

func (o *opener) addMaster(name string, body []byte) error {
	shown := o.display(name)
	m, lines, err := parseMaster(shown, body, o.resolver(name))
	if err != nil {
		return err
	}
	if len(m.Variants)+len(m.Renditions) > maxTracks {
		return &ParseError{URL: shown, Text: fmt.Sprintf("%d variants and renditions; at most %d can be played", len(m.Variants)+len(m.Renditions), maxTracks)}
	}
	s := o.stream
	o.independent = m.IndependentSegments
	for i, v := range m.Variants {
		v.Name = strings.TrimSuffix(v.URI, path.Ext(v.URI))
		// A variant without BANDWIDTH is outside the RFC, but players take AVERAGE-BANDWIDTH for it, and so it is written.
		v.Bandwidth = v.Bitrate()
		v.AverageBandwidth = min(v.AverageBandwidth, v.Bandwidth)
		if err := o.addTrack(v.URI, shown, lines.variants[i]); err != nil {
			return err
		}
		s.variants = append(s.variants, v)
		o.comparePeak(i, v)
	}
	for i, r := range m.Renditions {
		if r.Type != "AUDIO" {
			continue
		}
		if r.URI != "" {
			if err := o.addTrack(r.URI, shown, lines.renditions[i]); err != nil {
				return err
			}
		}
		s.renditions = append(s.renditions, r)
	}
	return nil
}

// addOnlyMedia makes the master playlist that a lone media playlist lacks; its bitrates are measured.
func (o *opener) addOnlyMedia(name string, body []byte) error {
	if err := o.addMedia(name, body); err != nil {
		return err
	}
	s := o.stream
	peak, average := o.bitrates(0)
	s.variants = []Variant{{Name: strings.TrimSuffix(name, path.Ext(name)), URI: name, Bandwidth: peak, AverageBandwidth: average}}
	s.masterPath = "master.m3u8"
	for s.masterPath == name || o.files[s.masterPath] != nil {
		s.masterPath = "main-" + s.masterPath
	}
	return nil
}

// addTrack adds the playlist that a line of the master names.
func (o *opener) addTrack(name, master string, line int) error {
	body, err := o.readPlaylist(name)
	if err != nil {
		return &ParseError{URL: master, Line: line, Text: err.Error()}
	}
	return o.addMedia(name, body)
}

func (o *opener) addMedia(name string, body []byte) error {
	shown := o.display(name)
	m, lines, err := parseMedia(shown, body, o.resolver(name))
	if err != nil {
		return err
	}
	if len(m.Segments) == 0 {
		return &ParseError{URL: shown, Text: "no segments: there is nothing to play"}
	}
	if !m.EndList && !o.live {
		o.warn("%s has no EXT-X-ENDLIST; it is played as if it were complete", shown)
	}
	track := folderTrack{first: m.MediaSequence, seams: []int64{0}}
	if o.live {
		track.first = o.opt.FirstSequence
	}
	index := len(o.tracks)
	for i, seg := range m.Segments {
		added, err := o.addSegment(index, i, seg, !o.done[name])
		if err != nil {
			return &ParseError{URL: shown, Line: lines[i], Text: err.Error()}
		}
		track.segments = append(track.segments, added)
		seams := track.seams[i]
		if seg.Discontinuity {
			seams++
		}
		track.seams = append(track.seams, seams)
	}
	o.done[name] = true
	o.tracks = append(o.tracks, track)
	o.stream.tracks = append(o.stream.tracks, o.newTrack(name, m, track))
	return nil
}

// newTrack is the timeline of a playlist; align completes it when all are known.
func (o *opener) newTrack(name string, m *Media, ft folderTrack) *track {
	t := &track{path: name, independent: m.IndependentSegments}
	t.first, t.window, t.loops = ft.first, o.opt.Window, o.live
	var end time.Duration
	var ends []time.Duration
	for _, s := range ft.segments {
		end += s.duration
		ends = append(ends, end)
	}
	t.setEnds(ends)
	need := targetDuration(t.most)
	t.target = max(m.TargetDuration, need)
	if m.TargetDuration < need {
		o.warn("%s: EXT-X-TARGETDURATION is %v, but a segment lasts %v; %v is used (RFC 8216 section 4.3.3.1)",
			o.display(name), m.TargetDuration, t.most, need)
	}
	// A live window is at least three target durations: a target out of all proportion would make it endless.
	if o.live && t.target > 4*need {
		o.warn("%s: EXT-X-TARGETDURATION is %v, but no segment lasts longer than %v; %v is used", o.display(name), t.target, t.most, need)
		t.target = need
	}
	return t
}

// addSegment checks one segment against its file. Where register is false (a playlist listed before, say for another audio
// group), its files are known already and keep their first owner.
func (o *opener) addSegment(track, index int, seg MediaSegment, register bool) (folderSegment, error) {
	s := folderSegment{path: seg.URI, byteRange: seg.Range, duration: seg.Duration, discontinuity: seg.Discontinuity}
	switch {
	case seg.Encrypted:
		return s, errors.New("the segment is encrypted (EXT-X-KEY); package the stream without encryption")
	case seg.Gap:
		return s, errors.New("the segment is a gap (EXT-X-GAP); remove it or supply the file")
	case seg.Duration < time.Millisecond:
		return s, fmt.Errorf("the segment lasts %v (EXTINF); a segment lasts at least 1 ms", seg.Duration)
	}
	whole, err := o.span(seg.URI, seg.Range)
	if err != nil {
		return s, err
	}
	if s.size = whole.Len(); s.size > maxSegmentBytes {
		return s, fmt.Errorf("the segment has %d bytes; at most %d are played", s.size, int64(maxSegmentBytes))
	}
	if seg.Map != nil {
		s.init = &initSection{path: seg.Map.URI, byteRange: seg.Map.Range}
		span, err := o.span(seg.Map.URI, seg.Map.Range)
		if err != nil {
			return s, fmt.Errorf("EXT-X-MAP: %w", err)
		}
		o.addInit(s.init.path, part{KindInit, track, 0, span})
	}
	if register {
		o.files[s.path].parts = append(o.files[s.path].parts, part{KindSegment, track, index, whole})
	}
	return s, nil
}

// addInit lists an init section once, however many segments share it.
func (o *opener) addInit(name string, p part) {
	for _, known := range o.files[name].parts {
		if known.kind == KindInit && known.span == p.span {
			return
		}
	}
	o.files[name].parts = append(o.files[name].parts, p)
}

// span is the part of a file that a range means, if the file is there and long enough.
func (o *opener) span(name string, r *ByteRange) (ByteRange, error) {
	f, err := o.file(name)
	if err != nil {
		return ByteRange{}, err
	}
	if r == nil {
		return ByteRange{0, f.size - 1}, nil
	}
	if r.End >= f.size {
		return ByteRange{}, fmt.Errorf("byte range %d@%d ends beyond %s, which has %d bytes", r.Len(), r.Start, quote(name), f.size)
	}
	return *r, nil
}

func (o *opener) file(name string) (*file, error) {
	if f, ok := o.files[name]; ok {
		return f, nil
	}
	info, err := o.root.Stat(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("file %s does not exist in %s", quote(name), o.shown)
	case err != nil:
		return nil, fmt.Errorf("file %s cannot be used: %w", quote(name), err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a file", quote(name))
	case info.Size() == 0:
		return nil, fmt.Errorf("file %s is empty", quote(name))
	}
	f := &file{size: info.Size(), modTime: info.ModTime()}
	o.files[name] = f
	return f, nil
}

func (o *opener) readPlaylist(name string) ([]byte, error) {
	info, err := o.root.Stat(name) // before opening: to open a named pipe would wait for ever
	if err != nil {
		return nil, fmt.Errorf("playlist %s: %w", o.display(name), errors.Unwrap(err))
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("playlist %s is not a file", o.display(name))
	}
	f, err := o.root.Open(name)
	if err != nil {
		return nil, fmt.Errorf("playlist %s: %w", o.display(name), err)
	}
	defer func() { _ = f.Close() }() // only read: nothing to lose

	return io.ReadAll(io.LimitReader(f, MaxPlaylistBytes+1)) // one more, so that the reader sees that it is too much
}

// resolver turns a URI of a playlist into a path below the folder, or says why it is none.
func (o *opener) resolver(playlist string) func(string) (string, error) {
	return func(text string) (string, error) {
		u, err := parseURI(text)
		switch {
		case err != nil:
			return "", err
		case u.Scheme != "" || u.Host != "":
			return "", fmt.Errorf("%s is on the network; put the file beside the playlist and name it by a relative path", quote(text))
		case strings.HasPrefix(u.Path, "/"):
			return "", fmt.Errorf("%s is an absolute path; name the file relative to the playlist", quote(text))
		case u.Path == "":
			return "", fmt.Errorf("%s names no file", quote(text))
		}
		name := path.Join(path.Dir(playlist), u.Path)
		if !filepath.IsLocal(filepath.FromSlash(name)) || strings.ContainsAny(name, "\x00\r\n") {
			return "", fmt.Errorf("%s leads out of the folder %s; everything must be inside it", quote(text), o.shown)
		}
		return name, nil
	}
}

func (o *opener) display(name string) string { return filepath.Join(o.shown, filepath.FromSlash(name)) }

func (o *opener) warn(format string, args ...any) {
	o.stream.warnings = append(o.stream.warnings, fmt.Sprintf(format, args...))
}
