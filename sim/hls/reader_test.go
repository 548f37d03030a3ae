package hls

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// vector is testdata/hls-manifest.json: playlists, and what P2P Media Loader with hls.js made of them.
type vector struct {
	MasterURL, Master string
	Streams           []struct{ RuntimeID, Type, Index string }
	Media             []struct {
		Playlist string
		Live     bool
		Segments []struct {
			RuntimeID, URL     string
			ExternalID         int64
			StartTime, EndTime float64
			ByteRange          *struct{ Start, End int64 }
		}
	}
}

func readVector(t *testing.T) (v vector) {
	t.Helper()
	data, err := os.ReadFile("testdata/hls-manifest.json")
	if err == nil {
		err = json.Unmarshal(data, &v)
	}
	if err != nil || len(v.Streams) != 5 || len(v.Media) != 3 {
		t.Fatalf("the vector has %d streams and %d playlists: %v", len(v.Streams), len(v.Media), err)
	}
	return v
}

// fingerprint is the stream index of P2P Media Loader 2.3: the proof that the reader gives a player every fact it needs, raw
// where it must be raw.
func fingerprint(bitrate int64, codecs []string, fields ...string) string {
	for i, c := range codecs {
		if part := strings.Split(strings.ToLower(c), "."); len(part) == 3 && part[0] == "avc1" {
			profile, _ := strconv.Atoi(part[1])
			level, _ := strconv.Atoi(part[2])
			c = fmt.Sprintf("avc1.%02x00%02x", profile, level)
		}
		codecs[i] = strings.ToLower(c)
	}
	slices.Sort(codecs)
	text := strings.Join(append([]string{strconv.FormatInt(bitrate, 10), strings.Join(codecs, ",")}, fields...), "-")
	sum := sha1.Sum([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func TestMasterGivesTheIdentitiesThatTheLibraryMade(t *testing.T) {
	vec := readVector(t)
	m, err := ParseMaster(vec.MasterURL, []byte(vec.Master))
	if err != nil {
		t.Fatal(err)
	}
	if !IsMaster([]byte(vec.Master)) || len(m.Variants) != 3 || len(m.Renditions) != 2 {
		t.Fatalf("%d variants, %d renditions", len(m.Variants), len(m.Renditions))
	}
	var got [][3]string
	for _, v := range m.Variants {
		width, height, _ := strings.Cut(v.Resolution.String(), "x")
		rate := ""
		if f, err := strconv.ParseFloat(v.FrameRate, 64); err == nil {
			rate = strconv.FormatFloat(f, 'f', -1, 64)
		}
		got = append(got, [3]string{v.URI, "main", fingerprint(v.Bitrate(), v.VideoCodecs(), width, height, "", "", "", rate, strings.ToUpper(v.VideoRange))})
	}
	for _, r := range m.Renditions {
		got = append(got, [3]string{r.URI, "secondary", fingerprint(0, m.AudioCodecs(r), "", "", strings.ToLower(r.Language[:2]), r.Channels, strings.ToLower(r.Name), "", "")})
	}
	for i, want := range vec.Streams {
		if got[i] != [3]string{want.RuntimeID, want.Type, want.Index} {
			t.Errorf("stream %d: %v, the library has %+v", i, got[i], want)
		}
	}
	if !m.Renditions[0].Default || m.Renditions[1].Default || m.Variants[2].AudioGroup != "" || m.Variants[0].AudioGroup != "aud" {
		t.Errorf("%+v, %+v", m.Renditions, m.Variants)
	}
}

func TestMediaGivesTheSegmentsThatTheLibrarySaw(t *testing.T) {
	for i, want := range readVector(t).Media {
		m, err := ParseMedia("http://origin.test/live/v/720.m3u8", []byte(want.Playlist))
		if err != nil {
			t.Fatal(err)
		}
		if IsMaster([]byte(want.Playlist)) || m.EndList == want.Live || len(m.Segments) != len(want.Segments) || m.TargetDuration != 4*time.Second {
			t.Fatalf("playlist %d: %+v", i, m)
		}
		start := 0.0
		for j, w := range want.Segments {
			s := m.Segments[j]
			id := int64(j)
			if want.Live {
				id = s.Seq
			}
			end := start + s.Duration.Seconds()
			if s.URI != w.URL || id != w.ExternalID || start != w.StartTime || end != w.EndTime {
				t.Errorf("playlist %d segment %d: %+v, the library has %+v", i, j, s, w)
			}
			if (s.Range == nil) != (w.ByteRange == nil) || s.Range != nil && *s.Range != ByteRange(*w.ByteRange) {
				t.Errorf("playlist %d segment %d: range %v, the library has %v", i, j, s.Range, w.ByteRange)
			}
			start = end
		}
	}
}

func TestMediaTags(t *testing.T) {
	m, err := ParseMedia("http://h/a/b.m3u8?token=1", []byte("#EXTM3U\r\n# a comment\r\n\r\n#EXT-X-VERSION:7\r\n#EXT-X-TARGETDURATION:5\r\n"+
		"#EXT-X-MEDIA-SEQUENCE:9007199254740000\n#EXT-X-DISCONTINUITY-SEQUENCE:3\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-INDEPENDENT-SEGMENTS\n"+
		"#EXT-X-SOMETHING-NEW:1\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXT-X-MAP:URI=\"i.mp4\",BYTERANGE=\"720\"\n"+
		"#EXTINF:4.004,title, with comma\n#EXT-X-BYTERANGE:10@720\n../c/s.mp4\n"+
		"#EXT-X-DISCONTINUITY\n#EXT-X-KEY:METHOD=NONE\n#EXT-X-PROGRAM-DATE-TIME:2020-01-01T00:00:00Z\n#EXTINF: 3 ,\n#EXT-X-BYTERANGE:5\n/a/../c/s.mp4\n"+
		"#EXT-X-GAP\n#EXTINF:.5\nhttps://cdn.test/x?y=1&z\n"))
	if err != nil {
		t.Fatal(err)
	}
	init := Map{URI: "http://h/a/i.mp4", Range: &ByteRange{0, 719}}
	want := []MediaSegment{
		{Seq: 9007199254740000, URI: "http://h/c/s.mp4", Duration: 4004 * time.Millisecond, Range: &ByteRange{720, 729}, Encrypted: true},
		{Seq: 9007199254740001, URI: "http://h/c/s.mp4", Duration: 3 * time.Second, Range: &ByteRange{730, 734}, Discontinuity: true},
		{Seq: 9007199254740002, URI: "https://cdn.test/x?y=1&z", Duration: 500 * time.Millisecond, Gap: true},
	}
	for i, w := range want {
		g := m.Segments[i]
		if g.Map == nil || g.Map.URI != init.URI || !sameRange(g.Map.Range, init.Range) {
			t.Errorf("segment %d: map %+v", i, g.Map)
		}
		if !sameRange(g.Range, w.Range) {
			t.Errorf("segment %d: range %+v, want %+v", i, g.Range, w.Range)
		}
		if g.Map, g.Range, w.Range = nil, nil, nil; g != w {
			t.Errorf("segment %d: %+v, want %+v", i, g, w)
		}
	}
	if m.Version != 7 || m.DiscontinuitySequence != 3 || m.PlaylistType != "EVENT" || !m.IndependentSegments || m.EndList {
		t.Errorf("%+v", m)
	}
}

func TestBrokenPlaylistsAreRefusedWithTheLine(t *testing.T) {
	media := func(text string) string { return "#EXTM3U\n#EXT-X-TARGETDURATION:4\n" + text }
	cases := []struct{ name, body, want string }{
		{"nothing", "", ":0: "},
		{"a web page", "<html>", `:1: begins with "<html>"; the first line of a playlist is #EXTM3U`},
		{"a byte order mark", "\xef\xbb\xbf#EXTM3U\n", ":1: begins with a byte order mark"},
		{"not text", "#EXTM3U\n\xff\xfe", "not UTF-8"},
		{"no target", "#EXTM3U\n#EXTINF:4,\na.ts\n", "EXT-X-TARGETDURATION is missing"},
		{"target 0", "#EXTM3U\n#EXT-X-TARGETDURATION:0\n", ":2: EXT-X-TARGETDURATION: 0 s; use 1"},
		{"target with a point", "#EXTM3U\n#EXT-X-TARGETDURATION:4.5\n", `:2: EXT-X-TARGETDURATION: "4.5" is not a whole number`},
		{"target twice", media("#EXT-X-TARGETDURATION:4\n"), ":3: #EXT-X-TARGETDURATION is given twice"},
		{"negative duration", media("#EXTINF:-4,\na.ts\n"), `:3: EXTINF: "-4" is not a number of seconds`},
		{"NaN", media("#EXTINF:NaN,\na.ts\n"), ":3: EXTINF"},
		{"infinity", media("#EXTINF:Inf,\na.ts\n"), ":3: EXTINF"},
		{"exponent", media("#EXTINF:1e9,\na.ts\n"), ":3: EXTINF"},
		{"empty duration", media("#EXTINF:,\na.ts\n"), ":3: EXTINF"},
		{"huge duration", media("#EXTINF:99999999,\na.ts\n"), ":3: EXTINF: 27777h46m39s is too long"},
		{"beyond numbers", media("#EXTINF:99999999999999999999,\na.ts\n"), ":3: EXTINF"},
		{"no URI", media("#EXTINF:4,\n"), ":3: the playlist ends after EXTINF"},
		{"no URI in between", media("#EXTINF:4,\n#EXTINF:4,\na.ts\n"), ":4: EXTINF: two in a row"},
		{"no EXTINF", media("a.ts\n"), `:3: URI "a.ts" without an EXTINF`},
		{"bad URI", media("#EXTINF:4,\n100%.ts\n"), `:4: URI "100%.ts" is wrong`},
		{"sequence too late", media("#EXTINF:4,\na.ts\n#EXT-X-MEDIA-SEQUENCE:3\n"), ":5: EXT-X-MEDIA-SEQUENCE: must stand before the first segment"},
		{"sequence beyond JavaScript", media("#EXT-X-MEDIA-SEQUENCE:9007199254740993\n"), ":3: EXT-X-MEDIA-SEQUENCE: 9007199254740993 is more than 2^53"},
		{"range without offset", media("#EXTINF:4,\n#EXT-X-BYTERANGE:5\na.ts\n"), ":5: EXT-X-BYTERANGE: byte range \"5\" has no offset"},
		{"range carried over to another file", media("#EXTINF:4,\n#EXT-X-BYTERANGE:5@0\na.ts\n#EXTINF:4,\n#EXT-X-BYTERANGE:5\nb.ts\n"), ":8: "},
		{"range carried over a whole file", media("#EXTINF:4,\na.ts\n#EXTINF:4,\n#EXT-X-BYTERANGE:5\na.ts\n"), ":7: "},
		{"empty range", media("#EXTINF:4,\n#EXT-X-BYTERANGE:0@0\na.ts\n"), "no bytes"},
		{"range overflow", media("#EXTINF:4,\n#EXT-X-BYTERANGE:9007199254740992@9007199254740992\na.ts\n"), "beyond 2^53"},
		{"map without URI", media("#EXT-X-MAP:BYTERANGE=\"5@0\"\n"), ":3: EXT-X-MAP: URI is missing"},
		{"open quote", media("#EXT-X-MAP:URI=\"a\n"), ":3: EXT-X-MAP: attribute URI: the closing quote is missing"},
		{"wrong type", media("#EXT-X-PLAYLIST-TYPE:LIVE\n"), `:3: EXT-X-PLAYLIST-TYPE: "LIVE"; use VOD or EVENT`},
		{"a master", media("#EXT-X-STREAM-INF:BANDWIDTH=1\na\n"), ":3: #EXT-X-STREAM-INF belongs in a master"},
		{"variables", media("#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\"\n"), ":3: EXT-X-DEFINE: variable substitution is not supported"},
		{"a long line", media("#EXT-X-FOO:" + strings.Repeat("x", maxLineBytes)), ":3: the line has"},
		{"too many segments", media(strings.Repeat("#EXTINF:1,\na\n", maxSegments+1)), ": more than 200000 segments"},
		{"too much", media(strings.Repeat("\n", MaxPlaylistBytes)), "too much for a playlist"},
		{"too long in all", media(strings.Repeat("#EXTINF:86400,\na\n", 4000)), "is too long"},
	}
	for _, c := range cases {
		_, err := ParseMedia("p", []byte(c.body))
		checkRefusal(t, c.name, err, c.want)
	}
}

func TestBrokenMastersAreRefusedWithTheLine(t *testing.T) {
	cases := []struct{ name, body, want string }{
		{"no variants", "#EXTM3U\n", "no variants"},
		{"no bandwidth", "#EXTM3U\n#EXT-X-STREAM-INF:CODECS=\"a\"\nv\n", ":2: EXT-X-STREAM-INF: BANDWIDTH is missing"},
		{"bandwidth in words", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=fast\nv\n", `:2: EXT-X-STREAM-INF: BANDWIDTH: "fast" is not a whole number`},
		{"resolution", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=640*360\nv\n", "not of the form 640x360"},
		{"no URI", "#EXTM3U\n\n#EXT-X-STREAM-INF:BANDWIDTH=1\n", ":3: the playlist ends after EXT-X-STREAM-INF"},
		{"a tag between", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv\n", ":3: "},
		{"a URI alone", "#EXTM3U\nv\n", `:2: URI "v" without`},
		{"no equals sign", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH\nv\n", "expected an attribute like NAME=value"},
		{"said twice", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,BANDWIDTH=2\nv\n", "BANDWIDTH is given twice"},
		{"no comma", "#EXTM3U\n#EXT-X-STREAM-INF:CODECS=\"a\"BANDWIDTH=2\nv\n", "expected a comma"},
		{"media without group", "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,NAME=\"a\"\n", ":2: EXT-X-MEDIA: GROUP-ID is missing"},
		{"media of no type", "#EXTM3U\n#EXT-X-MEDIA:TYPE=SMELL,GROUP-ID=\"a\"\n", `:2: EXT-X-MEDIA: TYPE is "SMELL"`},
		{"a media playlist", "#EXTM3U\n#EXT-X-TARGETDURATION:4\n", ":2: #EXT-X-TARGETDURATION belongs in a media playlist"},
	}
	for _, c := range cases {
		_, err := ParseMaster("p", []byte(c.body))
		checkRefusal(t, c.name, err, c.want)
	}
	if _, err := ParseMaster("http://[bad", nil); err == nil {
		t.Error("a URL that is none was accepted")
	}
}

func checkRefusal(t *testing.T, name string, err error, want string) {
	t.Helper()
	var parse *ParseError
	switch {
	case !errors.As(err, &parse):
		t.Errorf("%s: %v is not a *ParseError", name, err)
	case !strings.Contains(fmt.Sprintf(":%d: %s", parse.Line, parse.Text), want):
		t.Errorf("%s: %v; want %q", name, err, want)
	case len(err.Error()) > 400:
		t.Errorf("%s: a message of %d bytes helps nobody", name, len(err.Error()))
	}
}

func TestTheCheckerFindsWhatIsWrong(t *testing.T) {
	good := "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXTINF:4.4,\na\n#EXTINF:4.0,\nb\n#EXTINF:4.0,\nc\n"
	if problems := CheckMedia([]byte(good)); problems != nil {
		t.Errorf("nothing is wrong, but: %v", problems)
	}
	cases := []struct{ name, from, to, section string }{
		{"too long a segment", "4.4", "4.5", "4.3.3.1"},
		{"too short a live playlist", "#EXTINF:4.0,\nc\n", "", "6.2.2"},
		{"a fraction in version 2", "VERSION:3", "VERSION:2", "7"},
		{"a map in version 5", "#EXTINF:4.4", "#EXT-X-MAP:URI=\"i\"\n#EXTINF:4.4", "7"},
		{"a range in version 3", "#EXTINF:4.4,", "#EXTINF:4.4,\n#EXT-X-BYTERANGE:4@0", "7"},
		{"something after the end", "#EXTINF:4.0,\nc\n", "#EXT-X-ENDLIST\n#EXTINF:4.0,\nc\n", "4.3.3.4"},
		{"a VOD without an end", "#EXTINF:4.4", "#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:4.4", "4.3.3.5"},
		{"not a playlist", "#EXTM3U", "", "4"},
	}
	for _, c := range cases {
		problems := CheckMedia([]byte(strings.Replace(good, c.from, c.to, 1)))
		if len(problems) == 0 || problems[0].Section != c.section {
			t.Errorf("%s: %v, want section %s", c.name, problems, c.section)
		}
	}
}

func TestTheCheckerComparesReloads(t *testing.T) {
	parse := func(sequence int, tags string, segments ...string) *Media {
		text := fmt.Sprintf("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:%d\n%s", sequence, tags)
		for _, s := range segments {
			text += strings.ReplaceAll(s, "D", "#EXT-X-DISCONTINUITY\n#EXTINF:4,\n") + "\n"
		}
		m, err := ParseMedia("p", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	inf := func(uri string) string { return "#EXTINF:4,\n" + uri }
	before := parse(5, "", inf("a"), "Db", inf("c"))
	cases := []struct {
		name  string
		after *Media
		want  string
	}{
		{"the same", before, ""},
		{"one on", parse(6, "", "Db", inf("c"), inf("d")), ""},
		{"the discontinuity has gone by", parse(7, "#EXT-X-DISCONTINUITY-SEQUENCE:1\n", inf("c"), inf("d"), inf("e")), ""},
		{"a long gap", parse(90, "#EXT-X-DISCONTINUITY-SEQUENCE:4\n", inf("x")), ""},
		{"back", parse(4, "", inf("z"), inf("a"), "Db", inf("c")), "went back from 5 to 4"},
		{"the end taken away", parse(5, "", inf("a"), "Db"), "segment 7 was taken"},
		{"another segment", parse(6, "", "Db", inf("x")), "segment 7 changed"},
		{"the discontinuity lost", parse(6, "", inf("b"), inf("c")), "segment 6 changed"},
		{"the discontinuity not counted", parse(7, "", inf("c"), inf("d")), "discontinuity sequence is 0, not 1"},
	}
	for _, c := range cases {
		problems := CheckReload(before, c.after)
		if (c.want == "") != (len(problems) == 0) || c.want != "" && !strings.Contains(problems[0].Text, c.want) {
			t.Errorf("%s: %v, want %q", c.name, problems, c.want)
		}
	}
	ended := parse(5, "", inf("a"), inf("b"))
	ended.EndList = true
	if problems := CheckReload(ended, parse(5, "", inf("a"), inf("b"), inf("c"))); len(problems) != 1 {
		t.Errorf("a playlist that goes on after its end: %v", problems)
	}
	slower := *before
	slower.TargetDuration++
	if problems := CheckReload(before, &slower); len(problems) != 1 || problems[0].Section != "6.2.1" {
		t.Errorf("another target duration: %v", problems)
	}
}
