package hls

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// OriginConfig is how the origin behaves. The zero value is a perfect server on the wall clock.
type OriginConfig struct {
	// Now is the time since the stream's start. By default it starts when the origin is made; in a synctest bubble that is virtual
	// time.
	Now func() time.Duration
	// Sleep waits, or returns early with the context's error. By default it is a timer.
	Sleep func(context.Context, time.Duration) error
	// ResponseDelay is how long the server thinks before its first byte.
	ResponseDelay time.Duration
	// ErrorRate is the share of requests that are answered with 503, from 0 to 1.
	ErrorRate float64
	// Seed of the draw of those errors.
	Seed uint64
	// NoStore forbids caches to keep segments.
	NoStore bool
}

// Origin serves a stream over HTTP, as a plain static web server with CORS would, and counts what it serves. The master playlist is at
// /master.m3u8 (see [Stream.MasterPath]); mount it deeper with http.StripPrefix.
type Origin struct {
	stream *Stream
	cfg    OriginConfig
	counters

	randMu sync.Mutex
	rand   *rand.Rand
}

// NewOrigin makes the origin of a stream.
func NewOrigin(stream *Stream, cfg OriginConfig) *Origin {
	if cfg.Now == nil {
		start := time.Now()
		cfg.Now = func() time.Duration { return time.Since(start) }
	}
	if cfg.Sleep == nil {
		cfg.Sleep = sleep
	}
	return &Origin{stream: stream, cfg: cfg, rand: rand.New(rand.NewPCG(cfg.Seed, seedOrigin))}
}

// seedOrigin sets the origin's stream of chance apart from others of the same seed.
const seedOrigin = 0x6f726967696e // "origin"

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ServeHTTP implements http.Handler.
func (o *Origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	res, found := o.stream.Locate(r.URL.Path)
	if !found {
		res = Resource{Kind: KindOther}
	}
	if o.cfg.ResponseDelay > 0 {
		if err := o.cfg.Sleep(r.Context(), o.cfg.ResponseDelay); err != nil {
			o.countRequest(res.Kind, StatusGone)
			return
		}
	}
	rec := &recorder{ResponseWriter: w, origin: o, res: res}
	setCORS(w.Header())
	switch {
	case r.Method == http.MethodOptions:
		preflight(rec)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD, OPTIONS")
		fail(rec, r, http.StatusMethodNotAllowed)
	case o.unlucky():
		fail(rec, r, http.StatusServiceUnavailable)
	case !found:
		fail(rec, r, http.StatusNotFound)
	default:
		o.serve(rec, r, res)
	}
}

func (o *Origin) unlucky() bool {
	if o.cfg.ErrorRate <= 0 {
		return false
	}
	o.randMu.Lock()
	defer o.randMu.Unlock()
	return o.rand.Float64() < o.cfg.ErrorRate
}

// serve answers with a resource as it is now, after the delay: a segment that is published while the server thinks is served.
func (o *Origin) serve(w *recorder, r *http.Request, res Resource) {
	now := o.cfg.Now()
	e, err := o.entity(res, now)
	if errors.Is(err, errNoSegment) {
		fail(w, r, http.StatusNotFound)
		return
	}
	if err != nil {
		fail(w, r, http.StatusInternalServerError)
		return
	}
	defer e.close()
	span, ranged := singleRange(r.Header.Values("Range"), e.size)
	// A date cannot match, since no Last-Modified is sent; then the whole is the answer (RFC 9110 section 13.1.5).
	if condition := r.Header.Get("If-Range"); condition != "" && condition != e.etag {
		ranged = false
	}
	asked := (*ByteRange)(nil)
	if ranged {
		// Beyond the end there is nothing to hide: whether it is 404 or 416 goes by the last byte.
		asked = &ByteRange{min(span.Start, max(e.size-1, 0)), min(span.End, max(e.size-1, 0))}
		if part, ok := o.stream.LocateRange(r.URL.Path, *asked); ok {
			w.part = part.Kind // an init section is not a segment, although they share a file
		}
	}
	if !o.stream.availableAt(res, asked, now) {
		fail(w, r, http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", contentType(res.Kind, r.URL.Path))
	h.Set("ETag", e.etag)
	h.Set("Cache-Control", o.cacheControl(res.Kind))
	h.Set("Accept-Ranges", "bytes")
	w.offset = span.Start
	if r.Method == http.MethodGet && r.Header.Get("If-None-Match") == "" && e.preload != nil {
		// Now, while an error can still be said with a status.
		if err := e.preload(); err != nil {
			fail(w, r, http.StatusInternalServerError)
			return
		}
	}
	// Only a range that is understood goes on to net/http, which would answer many ranges with multipart (a player cannot read
	// it, and hundreds of overlapping ranges are an old attack) and an unknown unit with 416 (RFC 9110 section 14.2: ignore it).
	request := r.WithContext(r.Context())
	request.Header = r.Header.Clone()
	request.Header.Del("Range")
	if ranged {
		request.Header.Set("Range", rangeHeader(span))
	}
	http.ServeContent(w, request, "", time.Time{}, e)
}

var errNoSegment = errors.New("the stream has no such segment")

// entity is what stands behind a URL at one moment.
type entity struct {
	io.ReadSeeker
	size  int64
	etag  string // with its quotes
	close func()
	// preload makes the bytes, where they are not at hand.
	preload func() error
}

func (o *Origin) entity(res Resource, now time.Duration) (entity, error) {
	s := o.stream
	switch res.Kind {
	case KindMaster:
		return playlistEntity(s.MasterPlaylist()), nil
	case KindMedia:
		return playlistEntity(s.MediaPlaylist(res.Variant, now)), nil
	case KindSegment:
		_, f, ok := s.look(res.Variant, res.Seq)
		if !ok {
			return entity{}, errNoSegment
		}
		lazy := &lazyReader{size: f.size, load: func() ([]byte, error) { return s.Bytes(res.Variant, res.Seq) }}
		return entity{lazy, f.size, `"` + s.source.etag(res.Variant, res.Seq, f) + `"`, func() {}, lazy.fill}, nil
	default:
		f, err := s.source.open(res)
		if err != nil {
			return entity{}, err
		}
		return entity{f, f.size, `"` + f.etag + `"`, func() { _ = f.Close() }, nil}, nil
	}
}

func playlistEntity(body []byte) entity {
	sum := sha256.Sum256(body)
	return entity{bytes.NewReader(body), int64(len(body)), `"` + hex.EncodeToString(sum[:8]) + `"`, func() {}, nil}
}

// cacheControl: a segment never changes; a live playlist is worth a second (what CDNs are told for live); a VOD's a minute.
func (o *Origin) cacheControl(kind ResourceKind) string {
	switch {
	case kind == KindMedia && o.stream.Live():
		return "public, max-age=1"
	case kind == KindMedia || kind == KindMaster:
		return "public, max-age=60"
	case o.cfg.NoStore:
		return "no-store"
	default:
		return "public, max-age=31536000, immutable"
	}
}

var contentTypes = map[string]string{".ts": "video/mp2t", ".mp4": "video/mp4", ".m4s": "video/mp4", ".m4v": "video/mp4",
	".cmfv": "video/mp4", ".m4a": "audio/mp4", ".cmfa": "audio/mp4", ".aac": "audio/aac", ".mp3": "audio/mpeg", ".vtt": "text/vtt"}

func contentType(kind ResourceKind, urlPath string) string {
	if kind == KindMaster || kind == KindMedia {
		return "application/vnd.apple.mpegurl"
	}
	if known, ok := contentTypes[strings.ToLower(path.Ext(urlPath))]; ok {
		return known
	}
	return "application/octet-stream"
}

// setCORS lets a player on any page read the stream and the headers that P2P Media Loader looks at.
func setCORS(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "Content-Length, Content-Range, ETag")
}

func preflight(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "Range, If-None-Match, If-Range")
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}

func fail(w http.ResponseWriter, r *http.Request, status int) {
	text := http.StatusText(status) + "\n"
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = io.WriteString(w, text)
	}
}

// lazyReader makes a segment's bytes when the first of them is read: a HEAD or a 304 costs nothing.
type lazyReader struct {
	size, at int64
	load     func() ([]byte, error)
	data     []byte
}

func (l *lazyReader) Read(p []byte) (int, error) {
	if l.at >= l.size {
		return 0, io.EOF
	}
	if err := l.fill(); err != nil {
		return 0, err
	}
	n := copy(p, l.data[l.at:])
	l.at += int64(n)
	return n, nil
}

func (l *lazyReader) fill() (err error) {
	if l.data == nil {
		l.data, err = l.load()
	}
	return err
}

func (l *lazyReader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += l.at
	case io.SeekEnd:
		offset += l.size
	}
	if offset < 0 {
		return 0, errors.New("seek before the beginning")
	}
	l.at = offset
	return offset, nil
}
