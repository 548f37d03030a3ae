package hls

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func openFolder(t *testing.T, filename string, opt FolderOptions) *Stream {
	t.Helper()
	s, err := Open(filename, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// writeFiles makes a folder; a value of digits only is a file of so many bytes.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		var size int
		if n, _ := fmt.Sscanf(content, "%d", &size); n == 1 {
			content = strings.Repeat(name[:1], size)
		}
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func media(lines ...string) string {
	return "#EXTM3U\n#EXT-X-TARGETDURATION:4\n" + strings.Join(lines, "\n") + "\n#EXT-X-ENDLIST\n"
}

func TestRealStreamWithFilesHasTheRealSizes(t *testing.T) {
	s := openFolder(t, "testdata/ts/master.m3u8", FolderOptions{})
	if s.Live() || s.Tracks() != 2 || s.Variants()[0].Resolution != (Resolution{64, 36}) || s.Variants()[1].Bandwidth != 22000 {
		t.Fatalf("%+v", s.Variants())
	}
	sizes := make(map[int64]bool)
	for v, name := range []string{"high", "low"} {
		for seq := range int64(3) {
			file, err := os.ReadFile(fmt.Sprintf("testdata/ts/%s/seg%d.ts", name, seq))
			if err != nil {
				t.Fatal(err)
			}
			info, ok := s.Segment(v, seq)
			if !ok || info.Size != int64(len(file)) || info.Duration != 2*time.Second || info.Start != time.Duration(seq)*2*time.Second {
				t.Errorf("%s %d: %+v, the file has %d bytes", name, seq, info, len(file))
			}
			data, err := s.Bytes(v, seq)
			if err != nil || !bytes.Equal(data, file) {
				t.Errorf("%s %d: the bytes are not the file's: %v", name, seq, err)
			}
			bad := bytes.Clone(file)
			bad[len(bad)/2] ^= 1
			if s.Verify(v, seq, file) != nil || s.Verify(v, seq, bad) == nil {
				t.Errorf("%s %d: verification is wrong", name, seq)
			}
			sizes[info.Size] = true
		}
	}
	if len(sizes) != 6 {
		t.Errorf("variable bitrate, but the sizes are %v", sizes)
	}
	if problems := CheckMedia(s.MediaPlaylist(0, 0)); problems != nil {
		t.Errorf("%v", problems)
	}
}

func TestRealStreamWithByteRanges(t *testing.T) {
	s := openFolder(t, "testdata/fmp4/master.m3u8", FolderOptions{})
	file, err := os.ReadFile("testdata/fmp4/high/index.m4s")
	if err != nil {
		t.Fatal(err)
	}
	m := parsedAt(t, s, 0, 0)
	if problems := CheckMedia(s.MediaPlaylist(0, 0)); problems != nil || m.Version != 6 || len(m.Segments) != 3 {
		t.Fatalf("%v, version %d, %d segments", problems, m.Version, len(m.Segments))
	}
	end := m.Segments[0].Map.Range.End
	for seq, seg := range m.Segments {
		if seg.Range == nil || seg.Range.Start != end+1 || seg.Map == nil || seg.URI != base+"high/index.m4s" {
			t.Fatalf("segment %d: %+v", seq, seg)
		}
		end = seg.Range.End
		data, err := s.Bytes(0, int64(seq))
		if err != nil || !bytes.Equal(data, file[seg.Range.Start:seg.Range.End+1]) {
			t.Errorf("segment %d: not the bytes of its range: %v", seq, err)
		}
		for _, offset := range []int64{seg.Range.Start, (seg.Range.Start + end) / 2, end} {
			r, ok := s.LocateRange("/high/index.m4s", ByteRange{offset, end})
			if !ok || r.Kind != KindSegment || r.Seq != int64(seq) || r.Variant != 0 {
				t.Errorf("byte %d is in %v, not in segment %d", offset, r, seq)
			}
		}
	}
	if end != int64(len(file))-1 {
		t.Errorf("the segments end at %d, the file has %d bytes", end, len(file))
	}
	if r, _ := s.LocateRange("high/index.m4s", ByteRange{0, 10}); r.Kind != KindInit {
		t.Errorf("byte 0 is in %v", r)
	}
	if r, _ := s.Locate("high/index.m4s"); r.Kind != KindFile {
		t.Errorf("the file is %v", r)
	}
	if r, ok := s.LocateURL("http://o/low/index.m4s?x", &ByteRange{m.Segments[0].Range.Start + 400, 1 << 40}); !ok || r.Variant != 1 {
		t.Errorf("the URL names %v", r)
	}
}

// variedFolder has what packagers do at their worst: durations from 0.2 to 4.4 s, audio that is 13 ms shorter than the video,
// discontinuities (one at the very beginning), an init section that changes, byte ranges.
func variedFolder(t *testing.T) string {
	dir := writeFiles(t, map[string]string{
		"master.m3u8": "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"g\",NAME=\"A\",LANGUAGE=\"en\",URI=\"a/a.m3u8\"\n" +
			"#EXT-X-STREAM-INF:BANDWIDTH=9000,AUDIO=\"g\"\nv.m3u8\n",
		"v.m3u8": media("#EXTINF:3.84,\n1.ts", "#EXTINF:1.2,\n2.ts", "#EXT-X-DISCONTINUITY\n#EXTINF:4.04,\n3.ts", "#EXTINF:0.2,\n4.ts"),
		"a/a.m3u8": media("#EXT-X-MAP:URI=\"i.mp4\"", "#EXT-X-DISCONTINUITY", "#EXTINF:4.4,\n#EXT-X-BYTERANGE:30@10\nall.mp4", "#EXTINF:4.4,\n#EXT-X-BYTERANGE:20\nall.mp4",
			"#EXT-X-MAP:URI=\"j.mp4\"", "#EXTINF:0.467,\n#EXT-X-BYTERANGE:20\nall.mp4"),
		"1.ts": "4000", "2.ts": "1000", "3.ts": "4100", "4.ts": "150", "a/all.mp4": "90", "a/i.mp4": "5", "a/j.mp4": "6",
	})
	return filepath.Join(dir, "master.m3u8")
}

func TestTracksOfDifferentLengthDoNotPart(t *testing.T) {
	s := openFolder(t, variedFolder(t), FolderOptions{Kind: Live, Window: 3})
	video, _ := s.Segment(0, 700*4)
	audio, ok := s.Segment(1, 700*3)
	if !ok || video.Start != audio.Start || video.Start < time.Hour {
		t.Errorf("the 700th time round begins at %v, its audio at %v", video.Start, audio.Start)
	}
	for _, seg := range parsedAt(t, s, 1, time.Hour).Segments {
		want := base + []string{"a/i.mp4", "a/i.mp4", "a/j.mp4"}[seg.Seq%3]
		if seg.Map == nil || seg.Map.URI != want {
			t.Errorf("audio segment %d: init section %+v, want %s", seg.Seq, seg.Map, want)
		}
	}
}

func TestFoldersLoopedAsLiveKeepTheRules(t *testing.T) {
	for _, name := range []string{"testdata/ts/master.m3u8", "testdata/fmp4/master.m3u8", variedFolder(t)} {
		s := openFolder(t, name, FolderOptions{Kind: Live, Window: 3})
		for track := range s.Tracks() {
			first := parsedAt(t, s, track, 0)
			if first.MediaSequence != 0 || len(first.Segments) < 3 || first.Length() < 3*first.TargetDuration || first.EndList {
				t.Errorf("%s: it does not begin with a full window: %+v", name, first)
			}
			if _, seq := watch(t, s, track, 2*time.Hour); seq < 2000 {
				t.Errorf("%s track %d: after two hours the media sequence is %d", name, track, seq)
			}
		}
		first, last, _ := s.Window(0, 2*time.Hour)
		for seq := first; seq <= last; seq++ {
			info, _ := s.Segment(0, seq)
			if late := 2*time.Hour - info.Start - info.Duration; late < 0 || late > 20*time.Second {
				t.Errorf("%s: segment %d of the playlist at 2 h ended %v ago", name, seq, late)
			}
		}
	}
}

func TestEveryTimeRoundHasItsOwnURLsAndTheSameBytes(t *testing.T) {
	s := openFolder(t, "testdata/ts/master.m3u8", FolderOptions{Kind: Live, Window: 3, FirstSequence: 50})
	seen := make(map[string]bool)
	for seq := int64(50); seq < 80; seq++ {
		info, ok := s.Segment(0, seq)
		if !ok || seen[info.URI] {
			t.Fatalf("segment %d: %+v", seq, info)
		}
		seen[info.URI] = true
		if r, ok := s.Locate("/" + info.URI); !ok || r.Kind != KindSegment || r.Seq != seq || r.Variant != 0 {
			t.Errorf("%s is located as %v", info.URI, r)
		}
		if want := seq > 50 && (seq-50)%3 == 0; info.Discontinuity != want {
			t.Errorf("segment %d: discontinuity %v", seq, info.Discontinuity)
		}
		again, err := s.Bytes(0, 50+(seq-50)%3)
		if err != nil || s.Verify(0, seq, again) != nil {
			t.Errorf("segment %d has other bytes than the first time round", seq)
		}
	}
	if _, ok := s.Locate("high/seg0.ts"); ok {
		t.Error("a live segment is to be had without its time round: it could be fetched before it is published")
	}
}

func TestDiscontinuitiesAndSequenceNumbersOfVOD(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"only.m3u8": media("#EXT-X-MEDIA-SEQUENCE:7", "#EXTINF:4,\na.ts", "#EXT-X-DISCONTINUITY\n#EXTINF:2.5,\nsub%20folder/b%231.ts?token=x", "#EXTINF:4,\na.ts"),
		"a.ts":      "4000", "sub folder/b#1.ts": "1250",
	})
	s := openFolder(t, filepath.Join(dir, "only.m3u8"), FolderOptions{})
	m := parsedAt(t, s, 0, 0)
	want := []string{base + "a.ts", base + "sub%20folder/b%231.ts", base + "a.ts"}
	for i, seg := range m.Segments {
		if seg.URI != want[i] || seg.Seq != int64(7+i) || seg.Discontinuity != (i == 1) {
			t.Errorf("segment %d: %+v", i, seg)
		}
	}
	if r, ok := s.Locate("sub folder/b#1.ts"); !ok || r.Seq != 8 {
		t.Errorf("located as %v, %v", r, ok)
	}
	// A lone media playlist gets a master with what was measured: 4000 bytes in 4 s, 9250 in 10.5 s.
	if s.MasterPath() != "master.m3u8" || !IsMaster(s.MasterPlaylist()) {
		t.Errorf("master %s:\n%s", s.MasterPath(), s.MasterPlaylist())
	}
	if v := s.Variants()[0]; v.Bandwidth != 8000 || v.AverageBandwidth != 7048 || v.URI != "only.m3u8" {
		t.Errorf("%+v", v)
	}
}

func TestPeakIsMeasuredOverRunsOfSegments(t *testing.T) {
	seg := func(seconds float64, size int64) folderSegment {
		return folderSegment{size: size, duration: time.Duration(seconds * float64(time.Second))}
	}
	cases := []struct {
		name          string
		segments      []folderSegment
		peak, average int64
	}{
		{"one segment", []folderSegment{seg(4, 1000)}, 2000, 2000},
		{"the largest of three", []folderSegment{seg(4, 1000), seg(4, 3000), seg(4, 500)}, 6000, 3000},
		{"a short leftover alone does not count", []folderSegment{seg(4, 1000), seg(0.5, 1000)}, 3556, 3556},
		{"short ones count together", []folderSegment{seg(1, 1000), seg(1, 1000), seg(4, 100)}, 8000, 2800},
	}
	for _, c := range cases {
		if peak, average := measureBitrates(c.segments, 4*time.Second); peak != c.peak || average != c.average {
			t.Errorf("%s: %d, %d; want %d, %d", c.name, peak, average, c.peak, c.average)
		}
	}
}

func TestOddFoldersAreWarnedOf(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"master.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000\nv.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=99000\nlong.m3u8\n",
		"v.m3u8":      "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:4,\na.ts\n",
		"long.m3u8":   media("#EXTINF:4,\na.ts", "#EXTINF:4,\na.ts", "#EXTINF:4,\na.ts"),
		"a.ts":        "4000",
	})
	warnings := strings.Join(openFolder(t, filepath.Join(dir, "master.m3u8"), FolderOptions{}).Warnings(), "\n")
	for _, want := range []string{"no EXT-X-ENDLIST", "a segment lasts 4s; 4s is used", "peak at 8000 bit/s", "last from 4s to 12s"} {
		if !strings.Contains(warnings, want) {
			t.Errorf("no warning of %q in\n%s", want, warnings)
		}
	}
	if _, err := Open(filepath.Join(dir, "master.m3u8"), FolderOptions{Kind: Live}); err == nil || !strings.Contains(err.Error(), "to be looped as live") {
		t.Errorf("tracks of 4 s and 12 s were looped: %v", err)
	}
	if w := openFolder(t, "testdata/fmp4/master.m3u8", FolderOptions{}).Warnings(); !slices.Equal(w, nil) {
		t.Errorf("nothing is odd, but: %v", w)
	}
}

func TestBrokenFoldersAreRefusedWithFileAndLine(t *testing.T) {
	outside := writeFiles(t, map[string]string{"secret.ts": "100"})
	master := "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000\n"
	cases := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"the folder is empty", nil, "m.m3u8"},
		{"a missing segment", map[string]string{"m.m3u8": media("#EXTINF:4,\ngone.ts")}, `m.m3u8:4: file "gone.ts" does not exist in `},
		{"a missing playlist", map[string]string{"m.m3u8": master + "v/v.m3u8\n"}, "m.m3u8:3: playlist "},
		{"an error in a variant", map[string]string{"m.m3u8": master + "v/v.m3u8\n", "v/v.m3u8": media("#EXTINF:-1,\na")}, `v/v.m3u8:3: EXTINF: "-1" is not`},
		{"an empty segment", map[string]string{"m.m3u8": media("#EXTINF:4,\na.ts"), "a.ts": ""}, `m.m3u8:4: file "a.ts" is empty`},
		{"no segments", map[string]string{"m.m3u8": media("")}, "m.m3u8: no segments"},
		{"a segment of no time", map[string]string{"m.m3u8": media("#EXTINF:0,\na.ts"), "a.ts": "5"}, "m.m3u8:4: the segment lasts 0s"},
		{"a huge duration", map[string]string{"m.m3u8": media("#EXTINF:123456789,\na.ts"), "a.ts": "5"}, "m.m3u8:3: EXTINF: "},
		{"up and out", map[string]string{"m.m3u8": media("#EXTINF:4,\n../secret.ts")}, `m.m3u8:4: "../secret.ts" leads out of the folder`},
		{"up and out, escaped", map[string]string{"m.m3u8": media("#EXTINF:4,\nx/%2e%2e/%2e%2e/secret.ts")}, "m.m3u8:4: "},
		{"up and out, by a variant", map[string]string{"m.m3u8": master + "../v.m3u8\n"}, "m.m3u8:3: "},
		{"up and out, by a map", map[string]string{"m.m3u8": media("#EXT-X-MAP:URI=\"../i\"", "#EXTINF:4,\na.ts"), "a.ts": "5"}, "m.m3u8:3: "},
		{"absolute", map[string]string{"m.m3u8": media("#EXTINF:4,\n/etc/passwd")}, `m.m3u8:4: "/etc/passwd" is an absolute path`},
		{"on the network", map[string]string{"m.m3u8": media("#EXTINF:4,\nhttps://cdn.test/a.ts")}, "m.m3u8:4: \"https://cdn.test/a.ts\" is on the network"},
		{"a file URL", map[string]string{"m.m3u8": media("#EXTINF:4,\nfile:///etc/passwd")}, "m.m3u8:4: "},
		{"a zero byte", map[string]string{"m.m3u8": media("#EXTINF:4,\na%00.ts")}, "m.m3u8:4: "},
		{"a link out of the folder", map[string]string{"m.m3u8": media("#EXTINF:4,\nlink/secret.ts")}, "m.m3u8:4: "},
		{"a folder as segment", map[string]string{"m.m3u8": media("#EXTINF:4,\nd"), "d/x": "5"}, `m.m3u8:4: "d" is not a file`},
		{"a folder as playlist", map[string]string{"m.m3u8": master + "d\n", "d/x": "5"}, "m.m3u8:3: playlist "},
		{"a range too long", map[string]string{"m.m3u8": media("#EXTINF:4,\n#EXT-X-BYTERANGE:10@91\na.ts"), "a.ts": "100"}, `m.m3u8:5: byte range 10@91 ends beyond "a.ts", which has 100 bytes`},
		{"a map too long", map[string]string{"m.m3u8": media("#EXT-X-MAP:URI=\"a.ts\",BYTERANGE=\"101@0\"", "#EXTINF:4,\na.ts"), "a.ts": "100"}, "EXT-X-MAP: byte range"},
		{"encrypted", map[string]string{"m.m3u8": media("#EXT-X-KEY:METHOD=AES-128,URI=\"k\"", "#EXTINF:4,\na.ts"), "a.ts": "5"}, "m.m3u8:5: the segment is encrypted"},
		{"a gap", map[string]string{"m.m3u8": media("#EXT-X-GAP", "#EXTINF:4,\na.ts"), "a.ts": "5"}, "m.m3u8:5: the segment is a gap"},
		{"a master as variant", map[string]string{"m.m3u8": master + "m.m3u8\n"}, "m.m3u8:2: #EXT-X-STREAM-INF belongs in a master"},
		{"too many variants", map[string]string{"m.m3u8": "#EXTM3U\n" + strings.Repeat("#EXT-X-STREAM-INF:BANDWIDTH=1\nv\n", 300)}, "at most 256"},
	}
	for _, c := range cases {
		dir := writeFiles(t, c.files)
		if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
			t.Fatal(err)
		}
		_, err := Open(filepath.Join(dir, "m.m3u8"), FolderOptions{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.name, err, c.want)
		}
	}
	for _, opt := range []FolderOptions{{Kind: "x"}, {Kind: Live, Window: 2}, {FirstSequence: -1}} {
		if _, err := Open("testdata/ts/master.m3u8", opt); err == nil {
			t.Errorf("%+v was accepted", opt)
		}
	}
}

func TestAFileThatChangesDuringARunIsAnError(t *testing.T) {
	dir := writeFiles(t, map[string]string{"m.m3u8": media("#EXTINF:4,\na.ts", "#EXTINF:4,\nb.ts"), "a.ts": "100", "b.ts": "100"})
	s := openFolder(t, filepath.Join(dir, "m.m3u8"), FolderOptions{CacheBytes: 1})
	if _, err := s.Bytes(0, 0); err != nil {
		t.Fatal(err)
	}
	// Longer; and of the same size and time, which only the checksum tells.
	if err := os.WriteFile(filepath.Join(dir, "b.ts"), make([]byte, 101), 0o644); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "a.ts")
	info, err := os.Stat(name)
	if err == nil {
		err = os.WriteFile(name, make([]byte, 100), 0o644)
	}
	if err == nil {
		err = os.Chtimes(name, info.ModTime(), info.ModTime())
	}
	if err != nil {
		t.Fatal(err)
	}
	for seq := range int64(2) {
		if _, err := s.Bytes(0, seq); err == nil || !strings.Contains(err.Error(), "changed while the stream was in use") {
			t.Errorf("segment %d: %v", seq, err)
		}
	}
}

func TestVariantsThatShareAPlaylist(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"m.m3u8": "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"A\"\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"S\",URI=\"s.m3u8\"\n" +
			"#EXT-X-STREAM-INF:BANDWIDTH=9000,AUDIO=\"a\"\nv.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=10000,AUDIO=\"b\"\nv.m3u8\n",
		"v.m3u8": media("#EXTINF:4,\na.ts"), "a.ts": "100",
	})
	s := openFolder(t, filepath.Join(dir, "m.m3u8"), FolderOptions{})
	if r, ok := s.Locate("a.ts"); !ok || r.Kind != KindSegment || r.Variant != 0 {
		t.Errorf("located as %v", r)
	}
	if _, err := s.Bytes(1, 0); err != nil {
		t.Error(err)
	}
	if strings.Contains(string(s.MasterPlaylist())+string(s.MediaPlaylist(0, 0)), "INDEPENDENT") {
		t.Error("the stream promises independent segments, which its owner did not")
	}
	if len(s.AudioRenditions()) != 0 || s.Tracks() != 2 || strings.Contains(string(s.MasterPlaylist()), "SUBTITLES") {
		t.Errorf("%d tracks\n%s", s.Tracks(), s.MasterPlaylist())
	}
}
