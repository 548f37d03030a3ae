package hls

import (
	"testing"
	"time"

	"swarmlab/sim/hls/testcard"
)

func TestWhatIsInASegmentGoesByItsVariant(t *testing.T) {
	big := func(v Variant) Variant { v.Bandwidth = 2_000_000; return v }
	for _, c := range []struct {
		name    string
		variant Variant
		card    string
		codecs  string
	}{
		{"nothing said", Variant{}, "50 pictures of 640x360, and audio", "avc1.42c016,mp4a.40.2"},
		{"codecs and resolution", Variant{Codecs: "avc1.42c00d,mp4a.40.2", Resolution: Resolution{320, 180}}, "50 pictures of 320x180, and audio", "avc1.42c00d,mp4a.40.2"},
		{"odd sides", Variant{Resolution: Resolution{427, 239}}, "50 pictures of 428x240, and audio", "avc1.42c015,mp4a.40.2"},
		{"a frame rate", Variant{FrameRate: "29.970"}, "120 pictures of 640x360, and audio", "avc1.42c01e,mp4a.40.2"},
		{"more pictures than a screen shows", Variant{FrameRate: "240"}, "240 pictures of 640x360, and audio", "avc1.42c01f,mp4a.40.2"},
		{"a frame rate of nothing", Variant{FrameRate: "0"}, "50 pictures of 640x360, and audio", "avc1.42c016,mp4a.40.2"},
		{"audio only", Variant{Codecs: "mp4a.40.2"}, "audio", "mp4a.40.2"},
		{"video only", Variant{Codecs: "avc1.64001f"}, "50 pictures of 640x360", "avc1.64001f"},
		{"codecs that this is not", Variant{Codecs: "hvc1.1.6.L93.B0,ac-3"}, "50 pictures of 640x360, and audio", "avc1.42c016,mp4a.40.2"},
		{"pictures beyond every level", Variant{Resolution: Resolution{65535, 65535}}, "audio", "mp4a.40.2"},
		{"a bitrate too low for pictures", Variant{Bandwidth: 30_000}, "audio", "mp4a.40.2"},
		{"a bitrate too low for anything", Variant{Bandwidth: 10_000}, "padding only", ""},
	} {
		if c.variant.Bandwidth == 0 {
			c.variant = big(c.variant)
		}
		s := newStream(t, Config{Variants: []Variant{c.variant}})
		card, ok := s.Card(0, 7)
		if !ok || card.String() != c.card || card.Codecs() != c.codecs {
			t.Errorf("%s: %v, %s; want %s, %s", c.name, card, card.Codecs(), c.card, c.codecs)
		}
		if data, err := s.Bytes(0, 7); err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if id, err := VerifySynthetic(data); err != nil || id.Card != card {
			t.Errorf("%s: the bytes say %+v, %v", c.name, id.Card, err)
		}
	}
	if card, ok := newStream(t, Config{}).Card(0, 40); ok {
		t.Errorf("a segment that does not exist has %v", card)
	}
	if card, ok := openFolder(t, "testdata/ts/master.m3u8", FolderOptions{}).Card(0, 0); ok {
		t.Errorf("a folder's segment has %v", card)
	}
}

// TestTheDefaultsCodecsAreTrue: what the master playlist promises by default is what the segments hold.
func TestTheDefaultsCodecsAreTrue(t *testing.T) {
	s := newStream(t, Config{})
	if card, _ := s.Card(0, 0); card.Codecs() != s.Variants()[0].Codecs || card.Width != s.Variants()[0].Resolution.Width {
		t.Errorf("%s, %v; promised %+v", card.Codecs(), card, s.Variants()[0])
	}
}

func TestTheLastSegmentOfAVODIsShorter(t *testing.T) {
	s := newStream(t, Config{Length: 10500 * time.Millisecond, FirstSequence: 5})
	want := testcard.Card{Start: 8 * time.Second, Duration: 2500 * time.Millisecond, Number: 7, Pictures: 32, Width: 640, Height: 360,
		AVC: 0x42c01e, Audio: true, Last: true}
	if card, _ := s.Card(0, 7); card != want {
		t.Errorf("%+v, want %+v", card, want)
	}
	if card, _ := s.Card(0, 6); card.Last {
		t.Error("the last but one says that it is the last")
	}
}

// TestAnETagNamesWhatIsShown: two streams whose segments have the same names and sizes, and different bytes.
func TestAnETagNamesWhatIsShown(t *testing.T) {
	tags := map[string]bool{}
	for _, c := range []Config{{}, {SegmentDuration: 2 * time.Second, Variants: []Variant{{Bandwidth: 1_600_000}}}, {Length: 161 * time.Second, FirstSequence: 1},
		{Variants: []Variant{{Bandwidth: 800_000, Resolution: Resolution{320, 180}}}}, {Variants: []Variant{{Bandwidth: 800_000, Codecs: "mp4a.40.2"}}}} {
		s := newStream(t, c)
		_, f, _ := s.look(0, 3)
		if f.size != 400_064 {
			t.Fatalf("%d bytes", f.size)
		}
		tags[s.source.etag(0, 3, f)] = true
	}
	if len(tags) != 5 {
		t.Errorf("five streams, ETags %v", tags)
	}
}
