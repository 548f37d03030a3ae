package player

import (
	"fmt"

	"swarmlab/sim/hls"
	"swarmlab/sim/p2pml"
)

// parsePlaylist reads a media playlist into the form that the player works with.
func parsePlaylist(url string, body []byte) (*playlist, error) {
	m, err := hls.ParseMedia(url, body)
	if err != nil {
		return nil, err
	}
	l := &playlist{
		url:            url,
		live:           !m.EndList,
		targetDuration: m.TargetDuration.Seconds(),
		first:          m.MediaSequence,
		segments:       make([]segment, len(m.Segments)),
	}
	var maps mapSections
	for i, s := range m.Segments {
		r := engineRange(s.Range)
		l.segments[i] = segment{
			url:       s.URI,
			runtimeID: runtimeID(s.URI, r),
			byteRange: r,
			duration:  s.Duration.Seconds(),
			offset:    l.duration,
			gap:       s.Gap,
			init:      maps.of(s.Map),
		}
		l.duration += l.segments[i].duration
	}
	return l, nil
}

// mapSections gives segments that share an EXT-X-MAP one initSection.
type mapSections struct {
	last *hls.Map
	init *initSection
}

func (c *mapSections) of(m *hls.Map) *initSection {
	if m != c.last {
		c.last, c.init = m, nil
		if m != nil {
			c.init = &initSection{url: m.URI, byteRange: engineRange(m.Range)}
		}
	}
	return c.init
}

func engineRange(r *hls.ByteRange) *p2pml.ByteRange {
	if r == nil {
		return nil
	}
	return &p2pml.ByteRange{Start: r.Start, End: r.End}
}

// runtimeID is how the integration names a segment in its page.
func runtimeID(url string, r *p2pml.ByteRange) string {
	if r == nil {
		return url
	}
	return fmt.Sprintf("%s|%d-%d", url, r.Start, r.End)
}
