package hls

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func newStream(t *testing.T, cfg Config) *Stream {
	t.Helper()
	s, err := NewSynthetic(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Sizes are bandwidth * duration / 8, to the nearest packet of 188 bytes.
func TestSyntheticSizesAreBandwidthTimesDuration(t *testing.T) {
	cases := []struct {
		name     string
		cfg      Config
		seq      int64
		size     int64
		duration time.Duration
	}{
		{"the zero value has 40 segments of 4 s at 800 kbit/s", Config{}, 39, 2128 * 188, 4 * time.Second}, // 400,000 bytes are 2127.7
		{"the last of a VOD takes what is left", Config{Length: 10 * time.Second}, 2, 1064 * 188, 2 * time.Second},
		{"a length shorter than a segment is one segment", Config{Length: time.Second}, 0, 532 * 188, time.Second},
		{"whole packets are exact", Config{Variants: []Variant{{Bandwidth: 376_000}}}, 0, 188_000, 4 * time.Second},
		{"a bit/s less than half a packet more is rounded down", Config{Variants: []Variant{{Bandwidth: 376_187}}}, 0, 188_000, 4 * time.Second},
		{"half a packet more is rounded up", Config{Variants: []Variant{{Bandwidth: 376_188}}}, 0, 188_188, 4 * time.Second},
		{"odd durations are exact", Config{SegmentDuration: 2002 * time.Millisecond}, 0, 1065 * 188, 2002 * time.Millisecond},
		{"AVERAGE-BANDWIDTH is the average where given", Config{Variants: []Variant{{Bandwidth: 900_000, AverageBandwidth: 600_000}}}, 0, 1596 * 188, 4 * time.Second},
		{"no overflow at 10 Gbit/s", Config{SegmentDuration: 400 * time.Millisecond, Variants: []Variant{{Bandwidth: 10_000_000_000}}}, 3, 2_659_574 * 188, 400 * time.Millisecond},
		{"never less than a packet", Config{Variants: []Variant{{Bandwidth: 2}}}, 0, 188, 4 * time.Second},
	}
	for _, c := range cases {
		s := newStream(t, c.cfg)
		got, ok := s.Segment(0, c.seq)
		if !ok || got.Size != c.size || got.Duration != c.duration {
			t.Errorf("%s: got %+v, %v; want %d bytes, %v", c.name, got, ok, c.size, c.duration)
		}
	}
	if _, beyond := newStream(t, Config{}).Segment(0, 40); beyond {
		t.Error("there is a segment beyond the end")
	}
}

func TestEverySegmentNamesAndProvesItself(t *testing.T) {
	s := newStream(t, Config{Kind: Live, Seed: 7, FirstSequence: 100, Variants: []Variant{{Name: "low", Bandwidth: 50_000}, {Bandwidth: 90_000}}})
	data, err := s.Bytes(0, 123)
	if err != nil {
		t.Fatal(err)
	}
	const size = 133 * 188 // 25,000 bytes are 132.98 packets
	if info, _ := s.Segment(0, 123); int64(len(data)) != info.Size || info.Size != size {
		t.Errorf("%d bytes, want %d", len(data), info.Size)
	}
	card, ok := s.Card(0, 123)
	if !ok || card.Number != 123 || card.Start != 23*4*time.Second || card.Empty() {
		t.Errorf("the card is %+v, %v", card, ok)
	}
	id, err := VerifySynthetic(data)
	if want := (SyntheticID{Stream: 7, Variant: "low", Seq: 123, Bytes: size, Card: card}); err != nil || id != want {
		t.Errorf("the segment says %+v, %v; want %+v", id, err, want)
	}
	if line := "swarmlab-segment v2 stream=7 variant=low seq=123 bytes=25004\n"; !bytes.Contains(data[:1000], []byte(line)) {
		t.Errorf("the line %q is not at the beginning of the segment", line)
	}
	if err := s.Verify(0, 123, bytes.Clone(data)); err != nil {
		t.Error(err)
	}
}

func TestOneFlippedBitIsFoundWhereverItIs(t *testing.T) {
	s := newStream(t, Config{Variants: []Variant{{Bandwidth: 40_000}, {Bandwidth: 4_000}}})
	for variant, empty := range []bool{false, true} {
		if card, _ := s.Card(variant, 5); card.Empty() != empty {
			t.Fatalf("variant %d has %v", variant, card)
		}
		data, err := s.Bytes(variant, 5)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(data); i += 1 + i/1000*2 { // in the lines every byte, then fewer and fewer
			bad := bytes.Clone(data)
			bad[i] ^= 1 << (i % 8)
			if err := s.Verify(variant, 5, bad); !errors.Is(err, ErrCorrupt) {
				t.Fatalf("byte %d: Verify says %v", i, err)
			}
			if _, err := VerifySynthetic(bad); err == nil {
				t.Fatalf("byte %d: VerifySynthetic is content", i)
			}
		}
		for name, bad := range map[string][]byte{"cut short": data[:len(data)-1], "a packet less": data[:len(data)-188], "half": data[:len(data)/2],
			"too long": append(bytes.Clone(data), 0), "a packet more": append(bytes.Clone(data), data[:188]...),
			"a packet left out": append(bytes.Clone(data[:188*5]), data[188*6:]...), "empty": nil} {
			if err := s.Verify(variant, 5, bad); !errors.Is(err, ErrCorrupt) {
				t.Errorf("%s: Verify says %v", name, err)
			}
			if _, err := VerifySynthetic(bad); err == nil {
				t.Errorf("%s: VerifySynthetic is content", name)
			}
		}
	}
	if err := s.Verify(0, 40, nil); err == nil {
		t.Error("a segment that does not exist was verified")
	}
}

// TestPacketsInTheWrongPlaceAreFound: padding looks alike, but is not.
func TestPacketsInTheWrongPlaceAreFound(t *testing.T) {
	s := newStream(t, Config{Variants: []Variant{{Bandwidth: 400_000}, {Bandwidth: 400_000}}})
	here, err := s.Bytes(0, 5)
	if err != nil {
		t.Fatal(err)
	}
	const from, to = 400 * 188, 410 * 188
	swapped := bytes.Clone(here)
	copy(swapped[from:to], here[from+10*188:to+10*188])
	copy(swapped[from+10*188:to+10*188], here[from:to])
	bad := map[string][]byte{"another place's": swapped}
	for name, at := range map[string][2]int64{"the next segment's": {0, 6}, "the other variant's": {1, 5}} {
		other, err := s.Bytes(int(at[0]), at[1])
		if err != nil {
			t.Fatal(err)
		}
		bad[name] = append(append(bytes.Clone(here[:from]), other[from:to]...), here[to:]...)
	}
	for name, data := range bad {
		if err := s.Verify(0, 5, data); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s packets: Verify says %v", name, err)
		}
		if _, err := VerifySynthetic(data); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s packets: VerifySynthetic says %v", name, err)
		}
	}
}

func TestForgedLinesCostNothing(t *testing.T) {
	null := func(text string) string {
		return "\x47\x1f\xff\x10" + text + strings.Repeat("x", max(184-len(text), 0))
	}
	tables := strings.Repeat("\x47\x40\x00\x10"+strings.Repeat("\xff", 184), 2)
	honest := "swarmlab-segment v2 stream=1 variant=v0 seq=1 bytes=752\n"
	for _, forged := range []string{
		null("swarmlab-segment v2 stream=1 variant=v0 seq=1 bytes=9000000000000000000\n"),
		null("swarmlab-segment v2 stream=1 variant=v0 seq=1 bytes=-5\n"),
		null("swarmlab-segment v2 stream=01 variant=v0 seq=1 bytes=188\n"),
		null("swarmlab-segment v1 stream=1 variant=v0 seq=1 bytes=188\n"),
		null("swarmlab-segment v2 " + strings.Repeat("a", 1<<16)),
		null("swarmlab-segment v2 stream=1 variant=v0 seq=1 bytes=188\n"), // the keystream is missing
		tables + null(honest) + null("swarmlab-card v1 start=0 duration=1 pictures=9000000000000000000 size=65536x65536 avc1=42c01e colour=0 audio=true last=false\n"),
		tables + null(honest) + null("swarmlab-card v1 start=0 duration=3600000000000 pictures=0 size=0x0 avc1=000000 colour=0 audio=true last=true\n"),
		tables + null(honest) + null("swarmlab-card v1 start=0 duration=0 pictures=0 size=0x0 avc1=000000 colour=0 audio=false last=false\n"),
		tables + null(honest) + null("\n"),
		tables, "\n", "",
	} {
		if _, err := VerifySynthetic([]byte(forged)); err == nil {
			t.Errorf("%.40q was accepted", forged)
		}
	}
}

func TestBytesDependOnStreamVariantAndSequenceOnly(t *testing.T) {
	cfg := Config{Seed: 1, Variants: []Variant{{Bandwidth: 8_000}, {Bandwidth: 8_000}}}
	one, again := newStream(t, cfg), newStream(t, cfg)
	cfg.Seed = 2
	other := newStream(t, cfg)
	tail := func(s *Stream, variant int, seq int64) string {
		data, err := s.Bytes(variant, seq)
		if err != nil {
			t.Fatal(err)
		}
		return string(data[188:]) // what the line says of itself is in the first packet
	}
	base := tail(one, 0, 3)
	if tail(again, 0, 3) != base {
		t.Error("the same stream twice has different bytes")
	}
	if tail(other, 0, 3) == base || tail(one, 1, 3) == base || tail(one, 0, 4) == base {
		t.Error("two different segments have the same bytes")
	}
}

func TestSizeSigmaVariesSizesRepeatably(t *testing.T) {
	cfg := Config{Length: 4000 * time.Second, SizeSigma: 0.3, Variants: []Variant{{Bandwidth: 800_000}, {Bandwidth: 900_000, AverageBandwidth: 800_000}}}
	a, b := newStream(t, cfg), newStream(t, cfg)
	var sum, squares [2]float64
	for v := range 2 {
		for seq := range int64(1000) {
			x, _ := a.Segment(v, seq)
			if y, _ := b.Segment(v, seq); x.Size != y.Size {
				t.Fatalf("segment %d has %d bytes, and then %d", seq, x.Size, y.Size)
			}
			if v == 1 && x.Size > 450_000 {
				t.Fatalf("segment %d has %d bytes, more than BANDWIDTH gives", seq, x.Size)
			}
			ratio := float64(x.Size) / 400_000
			sum[v] += ratio
			squares[v] += math.Log(ratio) * math.Log(ratio)
		}
	}
	// 1000 draws: the mean's standard error is about 0.01.
	if mean := sum[0] / 1000; mean < 0.96 || mean > 1.04 {
		t.Errorf("the mean size is %.3f of bandwidth * duration", mean)
	}
	if sigma := math.Sqrt(squares[0]/1000 - 0.045*0.045); sigma < 0.27 || sigma > 0.33 {
		t.Errorf("sigma of the sizes is %.3f, want 0.3", sigma)
	}
	data, err := a.Bytes(0, 17)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := VerifySynthetic(data); err != nil {
		t.Error(err)
	}
}

func TestSegmentsTooSmallForAnythingStillVerify(t *testing.T) {
	s := newStream(t, Config{Length: 4001 * time.Millisecond}) // the last has 1 ms, 100 bytes; at 20 kbit/s it would have 2
	tiny := newStream(t, Config{Length: 4001 * time.Millisecond, Variants: []Variant{{Bandwidth: 20_000}}})
	for _, s := range []*Stream{s, tiny} {
		data, err := s.Bytes(0, 1)
		if err != nil || len(data) != 188 || s.Verify(0, 1, bytes.Clone(data)) != nil {
			t.Errorf("%d bytes, %v; want a packet that verifies", len(data), err)
		}
		if id, err := VerifySynthetic(data); err != nil || id.Seq != 1 || !id.Card.Empty() {
			t.Errorf("%+v, %v", id, err)
		}
	}
}

// TestEveryNameHasRoomInAPacket: the longest line there can be.
func TestEveryNameHasRoomInAPacket(t *testing.T) {
	s := newStream(t, Config{Kind: Live, Seed: math.MaxUint64, FirstSequence: maxSequence / 2, Variants: []Variant{{Name: strings.Repeat("n", 64), Bandwidth: 100_000}}})
	data, err := s.Bytes(0, maxSequence/2)
	if err != nil {
		t.Fatal(err)
	}
	if id, err := VerifySynthetic(data); err != nil || id.Variant != strings.Repeat("n", 64) || id.Card.Pictures == 0 {
		t.Errorf("%+v, %v", id, err)
	} else if id.Bytes = maxSegmentBytes; len(id.line()) > 184 {
		t.Errorf("%q does not fit", id.line())
	}
}

func TestBadConfigSaysWhatWouldBeRight(t *testing.T) {
	v := func(v Variant) Config { return Config{Variants: []Variant{v}} }
	cases := []struct {
		cfg  Config
		want string
	}{
		{Config{Kind: "dvr"}, `kind "dvr": use "vod" or "live"`},
		{Config{SegmentDuration: -1}, "segment duration -1ns: use 10ms"},
		{Config{SegmentDuration: time.Hour}, "segment duration 1h0m0s"},
		{Config{Length: -time.Second}, "length -1s"},
		{Config{Length: 1000 * time.Hour}, "length 1000h0m0s"},
		{Config{Length: 160 * time.Hour, SegmentDuration: 10 * time.Millisecond}, "in at most 200000 segments"},
		{Config{Kind: Live, Window: 2}, "use at least 3"},
		{Config{Kind: Live, Window: 3, SegmentDuration: 2500 * time.Millisecond}, "use at least 4"},
		{Config{Kind: Live, Window: -1}, "use at least 3"},
		{Config{Kind: Live, Window: 1 << 30}, "use at most"},
		{Config{SizeSigma: math.NaN()}, "size sigma NaN"},
		{Config{FirstSequence: -1}, "first sequence number -1"},
		{Config{CacheBytes: -1}, "cache of -1 bytes"},
		{v(Variant{}), "bandwidth 0"},
		{v(Variant{Bandwidth: -5}), "bandwidth -5"},
		{v(Variant{Bandwidth: math.MaxInt64}), "bandwidth 9223372036854775807"},
		{v(Variant{Bandwidth: 1}), "segments of 0 bytes"},
		{v(Variant{Bandwidth: 9_000_000_000}), "segments of 4500000000 bytes"},
		{v(Variant{Bandwidth: 8000, AverageBandwidth: 9000}), "average bandwidth 9000"},
		{v(Variant{Bandwidth: 8000, Name: "../x"}), `name "../x"`},
		{v(Variant{Bandwidth: 8000, Codecs: "a\"\n#EXT"}), "no quotes"},
		{v(Variant{Bandwidth: 8000, FrameRate: "fast"}), "frame rate"},
		{v(Variant{Bandwidth: 8000, VideoRange: "a,b"}), "video range"},
		{v(Variant{Bandwidth: 8000, AudioGroup: "a"}), "audio group"},
		{v(Variant{Bandwidth: 8000, Resolution: Resolution{-1, 5}}), "resolution -1x5"},
		{Config{Variants: []Variant{{Name: "a", Bandwidth: 8000}, {Name: "A", Bandwidth: 8000}}}, `variant 1: the name "A" is taken`},
	}
	for _, c := range cases {
		if _, err := NewSynthetic(c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v; want %q", c.cfg, err, c.want)
		}
	}
	_, err := NewSynthetic(Config{Kind: "x", SizeSigma: -1})
	if err == nil || !strings.Contains(err.Error(), "kind") || !strings.Contains(err.Error(), "sigma") {
		t.Errorf("two mistakes, but: %v", err)
	}
}
