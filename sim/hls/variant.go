package hls

import (
	"fmt"
	"strconv"
	"strings"
)

// Variant is one EXT-X-STREAM-INF: a way to watch the stream at one bitrate. The same type configures a synthetic stream and
// comes back from the reader, so that what is written and what is read can be compared.
//
// FrameRate and VideoRange are the attributes' raw text, because P2P Media Loader fingerprints a rendition by raw text
// (P2P Media Loader 2.3 behaviour: stream index).
type Variant struct {
	// Name is the variant's folder in the URLs of a synthetic stream; "v0", "v1", ... if empty. A playlist does not carry it.
	Name string
	// URI of the media playlist: absolute from the reader, relative to the master playlist from a Stream. Not for configuring.
	URI string
	// Bandwidth is BANDWIDTH, the peak in bit/s.
	Bandwidth int64
	// AverageBandwidth is AVERAGE-BANDWIDTH in bit/s; 0 if absent.
	AverageBandwidth int64
	Resolution       Resolution
	// Codecs is CODECS as written, such as "avc1.42c01e,mp4a.40.2".
	Codecs     string
	FrameRate  string
	VideoRange string
	// AudioGroup is AUDIO: the GroupID of the renditions that go with this variant.
	AudioGroup string
}

// VideoCodecs are the video codecs of the variant, in the order written.
func (v Variant) VideoCodecs() []string { return codecsOf(v.Codecs, videoSampleEntries) }

// AudioCodecs are the audio codecs of the variant, in the order written.
func (v Variant) AudioCodecs() []string { return codecsOf(v.Codecs, audioSampleEntries) }

// Bitrate is what a player takes for the variant's bitrate: hls.js uses BANDWIDTH and falls back on AVERAGE-BANDWIDTH.
func (v Variant) Bitrate() int64 {
	if v.Bandwidth > 0 {
		return v.Bandwidth
	}
	return v.AverageBandwidth
}

// Rendition is one EXT-X-MEDIA.
type Rendition struct {
	Type     string // AUDIO, VIDEO, SUBTITLES or CLOSED-CAPTIONS
	GroupID  string
	Name     string
	Language string
	Channels string
	// URI of the media playlist, absolute from the reader; empty if the rendition is inside the variant's own segments.
	URI        string
	Default    bool
	Autoselect bool
}

// Resolution is a picture's size in pixels; the zero value means unknown.
type Resolution struct{ Width, Height int }

// maxPixels bounds a side of the picture: beyond it the attribute is a mistake, and 16 bits are what codecs carry.
const maxPixels = 65535

// ParseResolution reads the form "640x360".
func ParseResolution(text string) (Resolution, error) {
	w, h, ok := strings.Cut(text, "x")
	width, errW := parseDecimal(w)
	height, errH := parseDecimal(h)
	if !ok || errW != nil || errH != nil || width == 0 || height == 0 || width > maxPixels || height > maxPixels {
		return Resolution{}, fmt.Errorf("resolution %s is not of the form 640x360", quote(text))
	}
	return Resolution{Width: int(width), Height: int(height)}, nil
}

// String gives the form "640x360", or nothing for the zero value.
func (r Resolution) String() string {
	if r == (Resolution{}) {
		return ""
	}
	return strconv.Itoa(r.Width) + "x" + strconv.Itoa(r.Height)
}

// Sample entries by which hls.js 1.6 tells a video codec from an audio codec (its utils/codecs table, after the MP4
// registration authority). The first four characters decide, case and all.
var (
	videoSampleEntries = sampleEntries("av01 avc1 avc2 avc3 avc4 avcp dav1 drac dva1 dvav dvh1 dvhe encv hev1 hvc1 mjp2 " +
		"mp4v mvc1 mvc2 mvc3 mvc4 resv rv60 s263 svc1 svc2 vc-1 vp08 vp09")
	audioSampleEntries = sampleEntries("a3ds ac-3 ac-4 alac alaw dra1 dts+ dts- dtsc dtse dtsh ec-3 enca fLaC flac FLAC " +
		"g719 g726 m4ae mha1 mha2 mhm1 mhm2 mlpa mp4a Opus opus samr sawb sawp sevc sqcp ssmv twos ulaw")
)

func sampleEntries(list string) map[string]bool {
	set := make(map[string]bool)
	for _, name := range strings.Fields(list) {
		set[name] = true
	}
	return set
}

func codecsOf(codecs string, entries map[string]bool) []string {
	var found []string
	for _, codec := range strings.FieldsFunc(codecs, func(r rune) bool { return r == ',' || r == ' ' }) {
		if len(codec) >= 4 && entries[codec[:4]] {
			found = append(found, codec)
		}
	}
	return found
}
