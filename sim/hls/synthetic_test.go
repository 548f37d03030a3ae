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

func TestSyntheticSizesAreBandwidthTimesDuration(t *testing.T) {
	cases := []struct {
		name     string
		cfg      Config
		seq      int64
		size     int64
		duration time.Duration
	}{
		{"the zero value has 40 segments of 4 s at 800 kbit/s", Config{}, 39, 400_000, 4 * time.Second},
		{"the last of a VOD takes what is left", Config{Length: 10 * time.Second}, 2, 200_000, 2 * time.Second},
		{"a length shorter than a segment is one segment", Config{Length: time.Second}, 0, 100_000, time.Second},
		{"fractions of a byte are dropped", Config{Variants: []Variant{{Bandwidth: 1_000_003}}}, 0, 500_001, 4 * time.Second},
		{"odd durations are exact", Config{SegmentDuration: 2002 * time.Millisecond}, 0, 200_200, 2002 * time.Millisecond},
		{"AVERAGE-BANDWIDTH is the average where given", Config{Variants: []Variant{{Bandwidth: 900_000, AverageBandwidth: 600_000}}}, 0, 300_000, 4 * time.Second},
		{"no overflow at 10 Gbit/s", Config{SegmentDuration: 400 * time.Millisecond, Variants: []Variant{{Bandwidth: 10_000_000_000}}}, 3, 500_000_000, 400 * time.Millisecond},
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
	if info, _ := s.Segment(0, 123); int64(len(data)) != info.Size || info.Size != 25_000 {
		t.Errorf("%d bytes, want %d", len(data), info.Size)
	}
	id, err := VerifySynthetic(data)
	if want := (SyntheticID{Stream: 7, Variant: "low", Seq: 123, Bytes: 25_000}); err != nil || id != want {
		t.Errorf("the segment says %+v, %v; want %+v", id, err, want)
	}
	if err := s.Verify(0, 123, bytes.Clone(data)); err != nil {
		t.Error(err)
	}
}

func TestOneFlippedBitIsFoundWhereverItIs(t *testing.T) {
	s := newStream(t, Config{Variants: []Variant{{Bandwidth: 4_000}}})
	data, err := s.Bytes(0, 5)
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		bad := bytes.Clone(data)
		bad[i] ^= 1 << (i % 8)
		if err := s.Verify(0, 5, bad); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("byte %d: Verify says %v", i, err)
		}
		if _, err := VerifySynthetic(bad); err == nil {
			t.Fatalf("byte %d: VerifySynthetic is content", i)
		}
	}
	for name, bad := range map[string][]byte{"cut short": data[:len(data)-1], "too long": append(bytes.Clone(data), 0), "empty": nil} {
		if err := s.Verify(0, 5, bad); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: Verify says %v", name, err)
		}
		if _, err := VerifySynthetic(bad); err == nil {
			t.Errorf("%s: VerifySynthetic is content", name)
		}
	}
	if err := s.Verify(0, 40, data); err == nil {
		t.Error("a segment that does not exist was verified")
	}
}

func TestForgedFirstLineCostsNothing(t *testing.T) {
	for _, forged := range []string{
		"swarmlab-segment v1 stream=1 variant=v0 seq=1 bytes=9000000000000000000\nx",
		"swarmlab-segment v1 stream=1 variant=v0 seq=1 bytes=-5\n",
		"swarmlab-segment v1 stream=01 variant=v0 seq=1 bytes=61\n" + strings.Repeat("x", 9),
		"swarmlab-segment v1 " + strings.Repeat("a", 1<<16), "\n", "",
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
		return string(data[bytes.IndexByte(data, '\n'):])
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

func TestSegmentsTooSmallForTheirNameStillVerify(t *testing.T) {
	s := newStream(t, Config{Length: 4001 * time.Millisecond}) // the last has 1 ms, 100 bytes; at 20 kbit/s it would have 2
	tiny := newStream(t, Config{Length: 4001 * time.Millisecond, Variants: []Variant{{Bandwidth: 20_000}}})
	for _, c := range []struct {
		s    *Stream
		size int
	}{{s, 100}, {tiny, 2}} {
		data, err := c.s.Bytes(0, 1)
		if err != nil || len(data) != c.size || c.s.Verify(0, 1, bytes.Clone(data)) != nil {
			t.Errorf("%d bytes, %v; want %d that verify", len(data), err, c.size)
		}
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
