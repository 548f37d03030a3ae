package p2pml

import (
	"crypto/sha1" // the library's identifiers are SHA-1; nothing is protected by it
	"encoding/base64"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// StreamFields is what tells one rendition from another. Integrations fill it from the master playlist: for a video rendition
// only Bitrate (BANDWIDTH), Codecs (video codecs only), Width, Height, FrameRate and VideoRange; for audio the others. If there
// is no master playlist (Bitrate 0) all stay empty.
//
// P2P Media Loader 2.3 behaviour: stream identity. Numbers that are zero or negative count as missing, except Bitrate.
type StreamFields struct {
	Bitrate       int64
	Codecs        string // comma separated
	Width, Height int
	Language      string
	Channels      string
	Name          string
	FrameRate     string // as written in the playlist
	VideoRange    string
}

// StreamIndex is the fingerprint by which viewers of the same rendition find each other, whatever its place in the playlist.
func StreamIndex(f StreamFields) string {
	sum := sha1.Sum([]byte(f.canonical())) // see the import
	return base64.StdEncoding.EncodeToString(sum[:])
}

func (f StreamFields) canonical() string {
	return strings.Join([]string{
		strconv.FormatInt(f.Bitrate, 10),
		canonicalCodecs(f.Codecs),
		positive(f.Width),
		positive(f.Height),
		canonicalLanguage(f.Language),
		beforeSlash(f.Channels),
		trimJS(strings.ToLower(f.Name)),
		canonicalFrameRate(f.FrameRate),
		trimJS(strings.ToUpper(f.VideoRange)),
	}, "-")
}

func positive(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func canonicalCodecs(codecs string) string {
	if codecs == "" {
		return ""
	}
	items := strings.Split(codecs, ",")
	for i, c := range items {
		items[i] = canonicalCodec(strings.ToLower(trimJS(c)))
	}
	// The library sorts by UTF-16 units, which differs from byte order only beyond the Basic Multilingual Plane.
	slices.SortFunc(items, func(a, b string) int {
		return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
	})
	return strings.Join(items, ",")
}

// canonicalCodec rewrites the old decimal form avc1.66.30 as avc1.42001e, the form of RFC 6381.
func canonicalCodec(codec string) string {
	parts := strings.Split(codec, ".")
	if len(parts) != 3 || (parts[0] != "avc1" && parts[0] != "avc") {
		return codec
	}
	profile, ok1 := plainDecimal(parts[1])
	level, ok2 := plainDecimal(parts[2])
	if !ok1 || !ok2 {
		return codec
	}
	return fmt.Sprintf("%s.%02x00%02x", parts[0], profile, level)
}

func plainDecimal(s string) (uint64, bool) {
	n, err := strconv.ParseUint(s, 10, 53)
	return n, err == nil && strconv.FormatUint(n, 10) == s
}

func canonicalLanguage(language string) string {
	if language == "und" {
		return ""
	}
	units := utf16.Encode([]rune(language))
	return strings.ToLower(string(utf16.Decode(units[:min(2, len(units))])))
}

func beforeSlash(channels string) string {
	before, _, _ := strings.Cut(channels, "/")
	return before
}

// canonicalFrameRate writes a number in its shortest form, as JavaScript's String(Number(s)) does: 30.000 is 30.
func canonicalFrameRate(s string) string {
	v, err := strconv.ParseFloat(trimJS(s), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func trimJS(s string) string { return strings.TrimSpace(strings.Trim(s, "\ufeff")) }

// SwarmID is a stream type's swarm id: what the page configured, else the manifest's response URL without its query.
func SwarmID(cfg *StreamConfig, manifestURL string) string {
	if cfg.SwarmID != nil {
		return *cfg.SwarmID
	}
	before, _, _ := strings.Cut(manifestURL, "?")
	return before
}

// StreamSwarmID names one rendition's swarm. v2 is the version of the library's protocol.
func StreamSwarmID(swarmID string, t StreamType, index string) string {
	return "v2-" + swarmID + "-" + string(t) + "-" + index
}

// InfoHash is what the tracker is asked for: 15 bytes of the SHA-1 as 20 characters of Base64, and those characters are the info
// hash.
func InfoHash(streamSwarmID string) string {
	sum := sha1.Sum([]byte(streamSwarmID)) // see the import
	return base64.StdEncoding.EncodeToString(sum[:15])
}

// DefaultPeerIDPrefix is the client prefix of every 2.3 release.
const DefaultPeerIDPrefix = "-PM0203-"

const peerIDAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// PeerID makes a peer id: the prefix, filled up to 20 characters. A longer prefix is not cut.
func PeerID(prefix string, r *rand.Rand) string {
	id := []byte(prefix)
	for len(id) < 20 {
		id = append(id, peerIDAlphabet[int(r.Float64()*float64(len(peerIDAlphabet)))])
	}
	return string(id)
}
