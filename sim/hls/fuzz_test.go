package hls

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

func FuzzParseMaster(f *testing.F) {
	f.Add([]byte("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"avc1.42c01e,mp4a.40.2\",RESOLUTION=1x1,AUDIO=\"a\"\nv\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",URI=\"u\"\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := ParseMaster(base, body)
		if err != nil {
			checkParseError(t, err, body)
			return
		}
		if !IsMaster(body) {
			t.Fatal("the reader reads a master where IsMaster sees none")
		}
		for _, v := range m.Variants {
			if v.URI == "" || v.Bitrate() <= 0 || v.Resolution.Width < 0 || len(v.VideoCodecs())+len(v.AudioCodecs()) > len(v.Codecs) {
				t.Fatalf("%+v", v)
			}
		}
		for _, r := range m.Renditions {
			m.AudioCodecs(r)
		}
		// What was read can be written and read again, as a folder's master is.
		for i := range m.Variants {
			m.Variants[i].URI = "v"
			m.Variants[i].Bandwidth = m.Variants[i].Bitrate()
		}
		for i := range m.Renditions {
			m.Renditions[i].URI = "r"
		}
		again, err := ParseMaster(base, writeMaster(m.Variants, m.Renditions, m.IndependentSegments))
		if err != nil {
			t.Fatalf("written and read again: %v", err)
		}
		for i, v := range again.Variants {
			if v.URI = "v"; v != m.Variants[i] {
				t.Fatalf("%+v became %+v", m.Variants[i], v)
			}
		}
	})
}

func FuzzParseMedia(f *testing.F) {
	f.Add([]byte("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-MAP:URI=\"i\",BYTERANGE=\"5@0\"\n#EXTINF:4.2,\n#EXT-X-BYTERANGE:5@5\na\n#EXTINF:3,\n#EXT-X-BYTERANGE:6\na\n#EXT-X-ENDLIST\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		CheckMedia(body)
		m, err := ParseMedia(base, body)
		if err != nil {
			checkParseError(t, err, body)
			return
		}
		if m.TargetDuration <= 0 || m.Length() < 0 || m.Length() > maxTotal || m.MediaSequence < 0 {
			t.Fatalf("%+v", m)
		}
		for i, s := range m.Segments {
			if s.Seq != m.MediaSequence+int64(i) || s.URI == "" || s.Duration < 0 {
				t.Fatalf("segment %d: %+v", i, s)
			}
			if s.Range != nil && (s.Range.Start < 0 || s.Range.Len() <= 0) {
				t.Fatalf("segment %d: range %+v", i, s.Range)
			}
		}
		if problems := CheckReload(m, m); problems != nil {
			t.Fatalf("a playlist that did not change: %v", problems)
		}
	})
}

// FuzzVerifySynthetic: no bytes make the verification panic, or eat more memory than a few times their own; and what it is
// content with is what its lines make.
func FuzzVerifySynthetic(f *testing.F) {
	for _, c := range []Config{
		{Length: 4010 * time.Millisecond},                                         // the last has 10 ms: padding
		{Length: 4040 * time.Millisecond},                                         // 40 ms: a few pictures
		{SegmentDuration: 100 * time.Millisecond, Length: 200 * time.Millisecond}, // audio
		{SegmentDuration: 20 * time.Millisecond, Length: 40 * time.Millisecond, Variants: []Variant{{Bandwidth: 6_000_000, Resolution: Resolution{32, 32}}}},
		{SegmentDuration: 20 * time.Millisecond, Length: 40 * time.Millisecond, Variants: []Variant{{Bandwidth: 5_000_000, Codecs: "mp4a.40.2"}}},
	} {
		s, err := NewSynthetic(c)
		if err != nil {
			f.Fatal(err)
		}
		data, err := s.Bytes(0, 1)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		id, err := VerifySynthetic(data)
		if err != nil {
			return
		}
		if id.Bytes != int64(len(data)) || id.Bytes%188 != 0 {
			t.Fatalf("%+v for %d bytes", id, len(data))
		}
		if again, err := syntheticBytes(id); err != nil || !bytes.Equal(again, data) {
			t.Fatalf("%+v makes other bytes: %v", id, err)
		}
	})
}

func checkParseError(t *testing.T, err error, body []byte) {
	t.Helper()
	var parse *ParseError
	if !errors.As(err, &parse) || parse.Line < 0 || parse.Line > strings.Count(string(body), "\n")+1 {
		t.Fatalf("%v: the line does not exist", err)
	}
}
