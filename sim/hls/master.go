package hls

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// Master is a master playlist as a player understands it.
type Master struct {
	URL                 string
	IndependentSegments bool
	Variants            []Variant
	Renditions          []Rendition
}

// IsMaster tells a master playlist from a media playlist, by what only a master has.
func IsMaster(body []byte) bool {
	r, err := newLineReader("", body)
	for err == nil {
		tag, _, ok, lineErr := r.next()
		switch {
		case !ok:
			return false
		case tag == "#EXT-X-STREAM-INF" || tag == "#EXT-X-MEDIA" || tag == "#EXT-X-I-FRAME-STREAM-INF":
			return true
		case tag == "#EXTINF" || tag == "#EXT-X-TARGETDURATION":
			return false
		}
		err = lineErr
	}
	return false
}

// ParseMaster reads a master playlist; url is where it was loaded from, and URIs come back absolute. Errors are *ParseError.
func ParseMaster(url string, body []byte) (*Master, error) {
	resolve, err := resolver(url)
	if err != nil {
		return nil, err
	}
	m, _, err := parseMaster(url, body, resolve)
	return m, err
}

// masterLines are the lines of the URIs in a master, for errors found later.
type masterLines struct{ variants, renditions []int }

type masterParser struct {
	*lineReader
	resolve func(string) (string, error)
	master  *Master
	lines   masterLines
	pending *Variant // an EXT-X-STREAM-INF that waits for its URI
}

func parseMaster(url string, body []byte, resolve func(string) (string, error)) (*Master, masterLines, error) {
	lines, err := newLineReader(url, body)
	if err != nil {
		return nil, masterLines{}, err
	}
	p := &masterParser{lineReader: lines, resolve: resolve, master: &Master{URL: url}}
	for {
		tag, value, ok, err := p.next()
		if err != nil {
			return nil, masterLines{}, err
		}
		if !ok {
			break
		}
		if err := p.take(tag, value); err != nil {
			return nil, masterLines{}, p.errorf("%s", err)
		}
	}
	if p.pending != nil {
		return nil, masterLines{}, p.errorf("the playlist ends after EXT-X-STREAM-INF; the variant's URI must follow")
	}
	if len(p.master.Variants) == 0 {
		p.line = 0
		return nil, masterLines{}, p.errorf("no variants: a master playlist has at least one EXT-X-STREAM-INF")
	}
	return p.master, p.lines, nil
}

func (p *masterParser) take(tag, value string) error {
	if p.pending != nil && tag != "" {
		return fmt.Errorf("%s stands between EXT-X-STREAM-INF and the variant's URI, which must follow at once", tag)
	}
	switch tag {
	case "":
		return p.uri(value)
	case "#EXT-X-STREAM-INF":
		return p.streamInf(value)
	case "#EXT-X-MEDIA":
		return p.media(value)
	case "#EXT-X-INDEPENDENT-SEGMENTS":
		p.master.IndependentSegments = true
	case "#EXT-X-DEFINE":
		return fmt.Errorf("EXT-X-DEFINE (variable substitution) is not supported; write the values out")
	case "#EXTINF", "#EXT-X-TARGETDURATION", "#EXT-X-MEDIA-SEQUENCE", "#EXT-X-ENDLIST":
		return fmt.Errorf("%s belongs in a media playlist, not in a master", tag)
	}
	return nil
}

func (p *masterParser) uri(text string) error {
	if p.pending == nil {
		return fmt.Errorf("URI %s without an EXT-X-STREAM-INF before it", quote(text))
	}
	uri, err := p.resolve(text)
	if err != nil {
		return err
	}
	p.pending.URI = uri
	p.master.Variants = append(p.master.Variants, *p.pending)
	p.lines.variants = append(p.lines.variants, p.line)
	p.pending = nil
	return nil
}

var rawAttribute = regexp.MustCompile(`^[!-~]{1,64}$`)

func (p *masterParser) streamInf(text string) error {
	if len(p.master.Variants) >= maxRenditions {
		return fmt.Errorf("more than %d variants", maxRenditions)
	}
	a, err := parseAttributes(text)
	if err != nil {
		return fmt.Errorf("EXT-X-STREAM-INF: %w", err)
	}
	v := Variant{Codecs: a["CODECS"], FrameRate: a["FRAME-RATE"], VideoRange: a["VIDEO-RANGE"], AudioGroup: a["AUDIO"]}
	if v.Bandwidth, err = a.decimal("BANDWIDTH"); err != nil {
		return fmt.Errorf("EXT-X-STREAM-INF: %w", err)
	}
	if v.AverageBandwidth, err = a.decimal("AVERAGE-BANDWIDTH"); err != nil {
		return fmt.Errorf("EXT-X-STREAM-INF: %w", err)
	}
	if v.Bitrate() == 0 {
		return fmt.Errorf("EXT-X-STREAM-INF: BANDWIDTH is missing or 0 (RFC 8216 section 4.3.4.2)")
	}
	if text, ok := a["RESOLUTION"]; ok {
		if v.Resolution, err = ParseResolution(text); err != nil {
			return fmt.Errorf("EXT-X-STREAM-INF: %w", err)
		}
	}
	for _, raw := range []string{v.FrameRate, v.VideoRange} {
		if raw != "" && !rawAttribute.MatchString(raw) {
			return fmt.Errorf("EXT-X-STREAM-INF: %s is no frame rate or video range", quote(raw))
		}
	}
	p.pending = &v
	return nil
}

func (p *masterParser) media(text string) error {
	if len(p.master.Renditions) >= maxRenditions {
		return fmt.Errorf("more than %d renditions", maxRenditions)
	}
	a, err := parseAttributes(text)
	if err != nil {
		return fmt.Errorf("EXT-X-MEDIA: %w", err)
	}
	r := Rendition{Type: a["TYPE"], GroupID: a["GROUP-ID"], Name: a["NAME"], Language: a["LANGUAGE"], Channels: a["CHANNELS"],
		Default: a["DEFAULT"] == "YES", Autoselect: a["AUTOSELECT"] == "YES"}
	switch r.Type {
	case "AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS":
	default:
		return fmt.Errorf("EXT-X-MEDIA: TYPE is %s; use AUDIO, VIDEO, SUBTITLES or CLOSED-CAPTIONS", quote(r.Type))
	}
	if r.GroupID == "" {
		return fmt.Errorf("EXT-X-MEDIA: GROUP-ID is missing (RFC 8216 section 4.3.4.1)")
	}
	if uri := a["URI"]; uri != "" {
		if r.URI, err = p.resolve(uri); err != nil {
			return fmt.Errorf("EXT-X-MEDIA: %w", err)
		}
	}
	p.master.Renditions = append(p.master.Renditions, r)
	p.lines.renditions = append(p.lines.renditions, p.line)
	return nil
}

// AudioCodecs are the codecs that hls.js gives an audio rendition: the audio codecs of the first variant of its group, or else
// of the first variant (P2P Media Loader 2.3 behaviour: stream index of secondary streams).
func (m *Master) AudioCodecs(r Rendition) []string {
	for _, v := range m.Variants {
		if v.AudioGroup == r.GroupID {
			return v.AudioCodecs()
		}
	}
	return m.Variants[0].AudioCodecs()
}

// resolver makes URIs absolute against the playlist's own URL.
func resolver(base string) (func(string) (string, error), error) {
	b, err := url.Parse(base)
	if err != nil {
		return nil, &ParseError{URL: base, Text: fmt.Sprintf("the playlist's own URL is wrong: %v", err)}
	}
	return func(text string) (string, error) {
		u, err := parseURI(text)
		if err != nil {
			return "", err
		}
		return b.ResolveReference(u).String(), nil
	}, nil
}

func parseURI(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return nil, fmt.Errorf("URI %s is wrong: escape what is special in it, such as %%25 for %%", quote(text))
	}
	return u, nil
}
