package hls

import (
	"math"
	"strconv"
	"time"

	"swarmlab/sim/hls/testcard"
)

// What is shown where a variant does not say.
const (
	defaultWidth      = 640
	defaultHeight     = 360
	defaultMilliHertz = 12_500 // motion enough, and a PCR at least every 100 ms (ISO/IEC 13818-1, section 2.7.2)
	maxMilliHertz     = 60_000
)

// Card tells what is to be seen and heard in a synthetic segment: less than its variant asks for where the bitrate is too small
// (see testcard.Fit). ok is false if there is no such segment, or if it comes from a folder.
func (s *Stream) Card(variant int, seq int64) (card testcard.Card, ok bool) {
	src, ok := s.source.(*synthetic)
	if !ok {
		return testcard.Card{}, false
	}
	_, f, ok := s.look(variant, seq)
	if !ok {
		return testcard.Card{}, false
	}
	return src.card(variant, seq, f), true
}

func (s *synthetic) card(track int, seq int64, f facts) testcard.Card {
	card := testcard.Fit(s.wanted(track, seq), int(f.size/testcard.PacketBytes))
	if card.Empty() {
		return testcard.Card{}
	}
	return card
}

// wanted is what a segment should show if there is room. Both video and audio, unless CODECS names one and not the other.
func (s *synthetic) wanted(track int, seq int64) testcard.Card {
	v := s.cfg.Variants[track]
	card := testcard.Card{Start: time.Duration(seq-s.cfg.FirstSequence) * s.cfg.SegmentDuration, Duration: s.cfg.SegmentDuration, Number: seq}
	if s.cfg.Kind == VOD {
		card.Duration = min(card.Duration, s.cfg.Length-card.Start)
		card.Last = card.Start+card.Duration == s.cfg.Length
	}
	video, audio := len(v.VideoCodecs()) > 0, len(v.AudioCodecs()) > 0
	card.Audio = audio || !video
	if !video && audio {
		return card
	}
	size := v.Resolution
	if size == (Resolution{}) {
		size = Resolution{defaultWidth, defaultHeight}
	}
	// 4:2:0 has no odd sides.
	width, height := size.Width+size.Width%2, size.Height+size.Height%2
	rate := v.milliHertz()
	if avc := testcard.AVC(v.Codecs, width, height, rate); avc != 0 {
		card.Width, card.Height, card.AVC = width, height, avc
		card.Pictures, card.Colour = testcard.Pictures(card.Duration, rate), track%testcard.Colours
	}
	return card
}

// milliHertz is the variant's frame rate, up to that of any television.
func (v Variant) milliHertz() int {
	hertz, err := strconv.ParseFloat(v.FrameRate, 64)
	if err != nil || hertz <= 0 {
		return defaultMilliHertz
	}
	return min(max(int(math.Round(hertz*1000)), 1), maxMilliHertz)
}
