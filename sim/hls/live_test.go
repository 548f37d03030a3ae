package hls

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const base = "http://origin.test/live/"

func parsedAt(t *testing.T, s *Stream, variant int, at time.Duration) *Media {
	t.Helper()
	m, err := ParseMedia(base+s.MediaPath(variant), s.MediaPlaylist(variant, at))
	if err != nil {
		t.Fatalf("at %v: %v", at, err)
	}
	return m
}

func TestSegmentsArePublishedExactlyWhenTheirTimeHasPassed(t *testing.T) {
	d := 2 * time.Second
	s := newStream(t, Config{Kind: Live, SegmentDuration: d, Window: 8, FirstSequence: 1000})
	cases := []struct {
		name        string
		at          time.Duration
		first, last int64
	}{
		{"the window is full at the start", 0, 1000, 1007},
		{"before the start it is as at the start", -time.Hour, 1000, 1007},
		{"a nanosecond early nothing is new", d - 1, 1000, 1007},
		{"then the next is there", d, 1001, 1008},
		{"an hour later", time.Hour - 1, 2799, 2806},
		{"and a nanosecond", time.Hour, 2800, 2807},
	}
	for _, c := range cases {
		m := parsedAt(t, s, 0, c.at)
		first, last := m.Segments[0].Seq, m.Segments[len(m.Segments)-1].Seq
		if first != c.first || last != c.last || m.MediaSequence != c.first || m.EndList || m.PlaylistType != "" {
			t.Errorf("%s: playlist %d..%d (media sequence %d), want %d..%d", c.name, first, last, m.MediaSequence, c.first, c.last)
		}
		if f, l, ok := s.Window(0, c.at); !ok || f != c.first || l != c.last {
			t.Errorf("%s: Window says %d..%d", c.name, f, l)
		}
		if info, _ := s.Segment(0, last); info.Start+info.Duration > max(c.at, 0) || info.Start+2*info.Duration <= c.at {
			t.Errorf("%s: the newest segment ends at %v", c.name, info.Start+info.Duration)
		}
	}
	if info, _ := s.Segment(0, 1000); info.Start != -16*time.Second {
		t.Errorf("the first segment starts at %v, want -16s", info.Start)
	}
}

func TestSegmentsStayForAWhileAfterTheyLeaveThePlaylist(t *testing.T) {
	s := newStream(t, Config{Kind: Live, SegmentDuration: 2 * time.Second, Window: 4})
	// Segment 0 leaves at 2 s. It must stay for its own 2 s and the longest playlist, at least 8 s (RFC 8216 section 6.2.2).
	for _, c := range []struct {
		seq  int64
		at   time.Duration
		want bool
	}{
		{0, 0, true}, {3, 0, true}, {4, 0, false}, {4, 2*time.Second - 1, false}, {4, 2 * time.Second, true},
		{0, 12*time.Second - 1, true}, {0, 12 * time.Second, false}, {-1, 0, false}, {1 << 60, time.Hour, false},
	} {
		if got := s.Available(0, c.seq, c.at); got != c.want {
			t.Errorf("segment %d at %v: available %v, want %v", c.seq, c.at, got, c.want)
		}
	}
	if s.Available(1, 0, 0) || s.Available(-1, 0, 0) || s.MediaPlaylist(7, 0) != nil || s.MediaPath(-1) != "" {
		t.Error("there is only one variant")
	}
}

// watch loads a variant's playlist over and over, as players at odd moments do, and holds every step against RFC 8216.
func watch(t *testing.T, s *Stream, variant int, until time.Duration) (reloads int, seen int64) {
	t.Helper()
	step := 1217 * time.Millisecond
	var before *Media
	for at := time.Duration(0); at < until; at += step {
		playlist := s.MediaPlaylist(variant, at)
		if problems := CheckMedia(playlist); problems != nil {
			t.Fatalf("at %v: %v\n%s", at, problems, playlist)
		}
		m := parsedAt(t, s, variant, at)
		if before != nil {
			if problems := CheckReload(before, m); problems != nil {
				t.Fatalf("at %v: %v\n%s", at, problems, playlist)
			}
		}
		before = m
		reloads++
	}
	return reloads, before.MediaSequence
}

func TestLiveKeepsTheRulesOverHours(t *testing.T) {
	for _, cfg := range []Config{
		{SegmentDuration: 6 * time.Second, Window: 6},
		{SegmentDuration: 2 * time.Second, Window: 8},
		{SegmentDuration: 2002 * time.Millisecond, Window: 3},
		{SegmentDuration: 2500 * time.Millisecond, Window: 4},
		{SegmentDuration: 333 * time.Millisecond, Window: 10},
	} {
		cfg.Kind = Live
		s := newStream(t, cfg)
		reloads, seq := watch(t, s, 0, 3*time.Hour)
		if want := int64(3*time.Hour/cfg.SegmentDuration) - 1; reloads < 8_000 || seq < want-1 || seq > want+1 {
			t.Errorf("%v: after %d reloads the media sequence is %d, want %d", cfg.SegmentDuration, reloads, seq, want)
		}
	}
}

func TestVODIsCompleteAndNeverChanges(t *testing.T) {
	s := newStream(t, Config{SegmentDuration: 3 * time.Second, Length: 100 * time.Second})
	playlist := s.MediaPlaylist(0, 0)
	if problems := CheckMedia(playlist); problems != nil {
		t.Errorf("%v", problems)
	}
	m := parsedAt(t, s, 0, 0)
	if len(m.Segments) != 34 || !m.EndList || m.PlaylistType != "VOD" || m.Length() != 100*time.Second || m.TargetDuration != 3*time.Second {
		t.Errorf("%d segments, %v, endlist %v, type %q", len(m.Segments), m.Length(), m.EndList, m.PlaylistType)
	}
	if !m.IndependentSegments || m.Version != 3 {
		t.Errorf("independent %v, version %d", m.IndependentSegments, m.Version)
	}
	if string(s.MediaPlaylist(0, time.Hour)) != string(playlist) {
		t.Error("the playlist changed")
	}
	if s.Live() || !s.Available(0, 33, 0) || s.Available(0, 34, time.Hour) {
		t.Error("a VOD has all its segments from the beginning, and no more")
	}
}

func TestAskingAboutThePastDoesNotDisturbThePresent(t *testing.T) {
	s := newStream(t, Config{Kind: Live})
	past := string(s.MediaPlaylist(0, 0))
	present := string(s.MediaPlaylist(0, time.Minute))
	if past == present || string(s.MediaPlaylist(0, 0)) != past || string(s.MediaPlaylist(0, time.Minute)) != present {
		t.Error("a playlist depends on who asked before")
	}
}

func TestTheEndOfTime(t *testing.T) {
	s := newStream(t, Config{Kind: Live})
	for _, at := range []time.Duration{1<<63 - 1, -1 << 63, maxClock, maxClock - 1} {
		s.MediaPlaylist(0, at)
		s.Available(0, 1<<62, at)
	}
	for _, seq := range []int64{1<<63 - 1, -1 << 63, maxSequence, maxSequence + 1} {
		if _, ok := s.Segment(0, seq); ok && seq > maxSequence {
			t.Errorf("there is a segment %d", seq)
		}
	}
}

func TestWhatTheStreamWritesTheReaderReadsBack(t *testing.T) {
	variants := []Variant{
		{Name: "low", Bandwidth: 300_000},
		{Name: "mid", Bandwidth: 800_000, AverageBandwidth: 700_000, Resolution: Resolution{640, 360}, Codecs: "avc1.42c01e,mp4a.40.2", FrameRate: "29.970", VideoRange: "SDR"},
	}
	s := newStream(t, Config{Kind: Live, SegmentDuration: 2002 * time.Millisecond, Variants: variants})
	m, err := ParseMaster(base+s.MasterPath(), s.MasterPlaylist())
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range s.Variants() {
		v.Name, v.URI = "", base+v.URI
		if m.Variants[i] != v {
			t.Errorf("variant %d: read %+v, wrote %+v", i, m.Variants[i], v)
		}
		media := parsedAt(t, s, i, 20*time.Second)
		for _, got := range media.Segments {
			want, ok := s.Segment(i, got.Seq)
			if !ok || got.Duration != want.Duration || got.URI != base+want.URI || got.Range != nil {
				t.Errorf("segment: read %+v, wrote %+v", got, want)
			}
			if r, ok := s.Locate(strings.TrimPrefix(got.URI, base)); !ok || r != (Resource{Kind: KindSegment, Variant: i, Seq: got.Seq}) {
				t.Errorf("%s is located as %v, %v", got.URI, r, ok)
			}
		}
	}
	if !slices.Equal(m.Variants[1].VideoCodecs(), []string{"avc1.42c01e"}) || !slices.Equal(m.Variants[1].AudioCodecs(), []string{"mp4a.40.2"}) {
		t.Errorf("codecs %q, %q", m.Variants[1].VideoCodecs(), m.Variants[1].AudioCodecs())
	}
}
