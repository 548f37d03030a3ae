package player

import (
	"sync"
	"time"

	"swarmlab/sim/p2pml"
)

// playlist is a parsed media playlist. It never changes, so that viewers can share it.
type playlist struct {
	url            string
	live           bool
	targetDuration float64
	first          int64 // media sequence number of the first segment
	segments       []segment
	duration       float64 // of all segments
}

// segment is one of a playlist's segments. offset is where it begins, from the playlist's beginning.
type segment struct {
	url       string
	runtimeID string
	byteRange *p2pml.ByteRange
	duration  float64
	offset    float64
	gap       bool
	init      *initSection
}

// initSection is an EXT-X-MAP.
type initSection struct {
	url       string
	byteRange *p2pml.ByteRange
}

func (i *initSection) id() string { return runtimeID(i.url, i.byteRange) }

func (l *playlist) last() int64 { return l.first + int64(len(l.segments)) - 1 }

// averageDuration is what bitrate choice takes for a segment's length.
func (l *playlist) averageDuration() float64 {
	if len(l.segments) == 0 {
		return l.targetDuration
	}
	return l.duration / float64(len(l.segments))
}

// details is a playlist in a viewer's own time: hls.js's LevelDetails.
type details struct {
	*playlist
	sliding   float64       // where the playlist begins on the viewer's timeline
	updated   bool          // differs from the one before
	advanced  bool          // ends later than the one before
	misses    int           // loads in a row that brought nothing new, more or less
	advanceAt time.Duration // when the origin last had something new, as far as the viewer knows
	due       time.Duration // when the next load is scheduled
}

// start is where segment i begins on the viewer's timeline.
func (d *details) start(i int) float64 { return d.sliding + d.segments[i].offset }

// end is where segment i ends.
func (d *details) end(i int) float64 { return d.start(i) + d.segments[i].duration }

// edge is where the newest segment ends.
func (d *details) edge() float64 { return d.sliding + d.duration }

// index of a media sequence number; -1 if the playlist does not have it.
func (d *details) index(sequence int64) int {
	if sequence < d.first || sequence > d.last() {
		return -1
	}
	return int(sequence - d.first)
}

// align puts the new details on the old ones' timeline by media sequence (level-helper.ts, adjustSliding). Where the two do
// not overlap the distance is guessed by the average segment.
func (d *details) align(old *details) {
	delta := d.first - old.first
	switch {
	case delta < 0:
		d.sliding = old.sliding
	case delta < int64(len(old.segments)):
		d.sliding = old.start(int(delta))
	case d.first == old.last()+1:
		d.sliding = old.edge()
	default:
		d.sliding = old.sliding + float64(float64(delta)*d.averageDuration())
	}
}

// PlaylistCache shares parsed playlists among viewers who got the same bytes from the same URL. Safe for concurrent use.
type PlaylistCache struct {
	mu    sync.Mutex
	media map[cacheKey]*playlist
	order []cacheKey
}

type cacheKey struct{ url, body string }

// cachedPlaylists bounds the cache: a few variants, each at the few moments that viewers lag behind one another.
const cachedPlaylists = 64

// NewPlaylistCache makes an empty cache.
func NewPlaylistCache() *PlaylistCache { return &PlaylistCache{media: make(map[cacheKey]*playlist)} }

// parse parses, or remembers. A nil cache only parses.
func (c *PlaylistCache) parse(url string, body []byte) (*playlist, error) {
	if c == nil {
		return parsePlaylist(url, body)
	}
	key := cacheKey{url, string(body)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if l := c.media[key]; l != nil {
		return l, nil
	}
	l, err := parsePlaylist(url, body)
	if err != nil {
		return nil, err
	}
	if len(c.order) == cachedPlaylists {
		delete(c.media, c.order[0])
		c.order = c.order[1:]
	}
	c.media[key], c.order = l, append(c.order, key)
	return l, nil
}
