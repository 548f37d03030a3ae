package testcard_test

import (
	"slices"
	"testing"
	"time"

	"swarmlab/sim/hls"
	"swarmlab/sim/hls/testcard"
)

// The streams that all tests of this package play.
var (
	low    = hls.Variant{Name: "low", Bandwidth: 408_000, Resolution: hls.Resolution{Width: 320, Height: 180}, Codecs: "avc1.42c00d,mp4a.40.2"}
	odd    = hls.Variant{Name: "odd", Bandwidth: 900_000, Resolution: hls.Resolution{Width: 641, Height: 361}}
	high   = hls.Variant{Name: "high", Bandwidth: 4_000_000, Resolution: hls.Resolution{Width: 1920, Height: 1080}, Codecs: "avc1.640028,mp4a.40.2", FrameRate: "29.970"}
	medium = hls.Variant{Name: "main", Bandwidth: 730_000, Resolution: hls.Resolution{Width: 640, Height: 360}, Codecs: "avc1.4d401e,mp4a.40.2", FrameRate: "25.000"}

	picturesOnly = hls.Variant{Name: "pictures", Bandwidth: 300_000, Codecs: "avc1.42c01e"}
	soundOnly    = hls.Variant{Name: "sound", Bandwidth: 64_000, Codecs: "mp4a.40.2"}
)

var streams = map[string]hls.Config{
	"the zero value":         {},
	"a ladder":               {Seed: 1, Length: 30 * time.Second, Variants: []hls.Variant{low, medium, odd, high}},
	"a VOD with a short end": {Length: 17300 * time.Millisecond, Variants: []hls.Variant{low}},
	"sizes that vary":        {SizeSigma: 0.4, Variants: []hls.Variant{medium}},
	"live":                   {Kind: hls.Live, SegmentDuration: 2 * time.Second, Window: 8, Variants: []hls.Variant{low, high}},
	"live, odd duration":     {Kind: hls.Live, SegmentDuration: 2002 * time.Millisecond, Window: 8, FirstSequence: 123456, Variants: []hls.Variant{low, odd}},
	"live, a third":          {Kind: hls.Live, SegmentDuration: time.Second / 3, Window: 12, Variants: []hls.Variant{medium}},
	"ten minutes a segment":  {SegmentDuration: 10 * time.Minute, Length: 20 * time.Minute, Variants: []hls.Variant{{Bandwidth: 64_000}}},
	"pictures only":          {Variants: []hls.Variant{picturesOnly}},
	"sound only":             {Variants: []hls.Variant{soundOnly}},
}

func open(t *testing.T, cfg hls.Config) *hls.Stream {
	t.Helper()
	s, err := hls.NewSynthetic(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// stretches are where a test looks into a stream: its beginning, and for a live one hours and days after it, among them
// where the 33 bits of the clock come round after 26.5 hours.
func stretches(cfg hls.Config, s *hls.Stream) []int64 {
	from := []int64{cfg.FirstSequence}
	if s.Live() {
		wraps := (1<<33/90_000 - 1) * time.Second / cfg.SegmentDuration
		from = append(from, cfg.FirstSequence+int64(7*time.Hour/cfg.SegmentDuration), cfg.FirstSequence+int64(wraps)-3,
			cfg.FirstSequence+int64(900*24*time.Hour/cfg.SegmentDuration))
	}
	return from
}

const atOnce = 8 // segments that a test joins

func TestSegmentsJoin(t *testing.T) {
	for name, cfg := range streams {
		s := open(t, cfg)
		for variant := range s.Variants() {
			for _, from := range stretches(cfg, s) {
				checkStretch(t, name, s, func(int64) int { return variant }, from)
			}
		}
	}
}

func TestAPlayerMaySwitchVariantsAtAnySegment(t *testing.T) {
	s := open(t, streams["a ladder"])
	checkStretch(t, "a ladder", s, func(seq int64) int { return int(seq*3) % 4 }, 0)
}

// checkStretch reads segments in a row as one stream.
func checkStretch(t *testing.T, name string, s *hls.Stream, variantOf func(seq int64) int, from int64) {
	t.Helper()
	r := &stretch{t: t, demuxer: newDemuxer(t), nextAudio: -1}
	for seq := from; seq < from+atOnce; seq++ {
		info, ok := s.Segment(variantOf(seq), seq)
		if !ok {
			break
		}
		data, err := s.Bytes(variantOf(seq), seq)
		if err != nil || int64(len(data)) != info.Size {
			t.Fatalf("%s, segment %d: %d bytes of %d, %v", name, seq, len(data), info.Size, err)
		}
		card, _ := s.Card(variantOf(seq), seq)
		r.segment(card, data)
		if t.Failed() {
			t.Fatalf("%s, variant %d, segment %d: %v", name, variantOf(seq), seq, card)
		}
	}
}

// stretch is what a player knows that began to read somewhere.
type stretch struct {
	t *testing.T
	*demuxer
	nextAudio int64 // PTS; -1: not known yet
	lastPCR   int64 // 27 MHz, of the segment read before; 0: none
}

const (
	clock = 1 << 33
	video = 0x1b
	audio = 0x0f
)

// since is the time from one PTS to another, round the clock.
func since(pts, before int64) int64 { return (pts-before+clock+clock/2)%clock - clock/2 }

func ticks(d time.Duration) int64 { return int64(d/1000) * 9 / 100 } // good for durations of whole microseconds

func (r *stretch) segment(card testcard.Card, data []byte) {
	r.t.Helper()
	r.slots, r.tables = 0, nil
	units := r.read(data)
	if !slices.Equal(r.tables, []int{0, r.pmt}) {
		r.t.Errorf("begins with PIDs %v, not with PAT and PMT", r.tables)
	}
	pictures, frames := 0, 0
	for _, u := range units {
		switch r.types[u.pid] {
		case video:
			r.picture(card, u, pictures)
			pictures++
		case audio:
			frames += r.sound(card, u)
		}
	}
	r.clock(card, units, len(data)/188)
	if pictures != card.Pictures || (frames > 0) != card.Audio {
		r.t.Errorf("%d pictures, %d frames of audio; the card says %v", pictures, frames, card)
	}
}

// startOf is the first PTS that is in the segment: 1 s after the stream's clock. Thirds of a second are rounded somehow.
func startOf(card testcard.Card) int64 { return (ticks(card.Start) + 90_000) % clock }

func (r *stretch) picture(card testcard.Card, u pes, n int) {
	r.t.Helper()
	want := startOf(card) + ticks(card.Duration)*int64(n)/int64(card.Pictures)
	if d := since(u.pts, want); d < -1 || d > 1 {
		r.t.Errorf("picture %d is shown at %d, not at %d", n, u.pts, want)
	}
	types := []byte{9, 1}
	if n == 0 {
		types = []byte{9, 7, 8, 5} // access unit delimiter, SPS, PPS, IDR
	}
	if got := nalTypes(u.data); !slices.Equal(got, types) || u.random != (n == 0) {
		r.t.Errorf("picture %d: NAL units %v, random access %v", n, got, u.random)
	}
}

// sound checks that audio goes on without a gap, and that its frames are in the segment that contains their time.
func (r *stretch) sound(card testcard.Card, u pes) int {
	r.t.Helper()
	n := adtsFrames(r.t, u.data)
	if r.nextAudio >= 0 && u.pts != r.nextAudio {
		r.t.Errorf("audio at %d, not at %d", u.pts, r.nextAudio)
	}
	last := u.pts + int64(n-1)*1920
	if since(u.pts, startOf(card)) < -1 || since(last, startOf(card)) > ticks(card.Duration) {
		r.t.Errorf("audio from %d to %d is not of the segment from %d for %v", u.pts, last, startOf(card), card.Duration)
	}
	r.nextAudio = (last + 1920) % clock
	return n
}

// clock checks the PCRs: where they must be, that they tell one constant bitrate, and that nothing is shown before it came.
func (r *stretch) clock(card testcard.Card, units []pes, packets int) {
	r.t.Helper()
	const second = 27_000_000
	for _, u := range units {
		if (u.pcr >= 0) != (u.pid == r.pcrPID) {
			r.t.Errorf("packet %d of PID %#x: PCR %d, but it belongs to PID %#x", u.slot, u.pid, u.pcr, r.pcrPID)
		}
		if u.pcr < 0 {
			continue
		}
		begin := (startOf(card)*300 - second*7/10 + clock*300) % (clock * 300)
		want := begin + ticks(card.Duration)*300*int64(u.slot)/int64(packets)
		if d := u.pcr - want; (d < -600 || d > 600) && d > -clock*300+600 {
			r.t.Errorf("packet %d: PCR %d, not %d", u.slot, u.pcr, want)
		}
		if ahead := since(u.pts, u.pcr/300); ahead < 0 || ahead > 90_000 {
			r.t.Errorf("packet %d is decoded %d ticks after it came", u.slot, ahead)
		}
		// Section 2.7.2. With fewer than the default's 12.5 pictures a second they are as rare as the pictures, and below 300 kbit/s a
		// packet in the way costs more than what is left.
		gap := (u.pcr - r.lastPCR + clock*300) % (clock * 300)
		if r.lastPCR > 0 && float64(card.Pictures) >= card.Duration.Seconds()*12.5 && float64(packets) > card.Duration.Seconds()*200 && gap > second/10 {
			r.t.Errorf("packet %d: a PCR after %d", u.slot, gap)
		}
		r.lastPCR = u.pcr
	}
}
