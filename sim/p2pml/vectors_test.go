package p2pml

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"
)

func vector[T any](t *testing.T, key string) T {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	var v T
	if err := json.Unmarshal(all[key], &v); err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return v
}

func TestStreamIndexVectors(t *testing.T) {
	type input struct {
		Bitrate       int64
		Codecs        string
		Width, Height int
		Language      string
		Channels      string
		Name          string
		FrameRate     any
		VideoRange    string
	}
	type row struct {
		Name, CanonicalString, Index string
		Input                        input
	}
	for _, v := range vector[[]row](t, "streamShortIds") {
		in := v.Input
		f := StreamFields{
			Bitrate: in.Bitrate, Codecs: in.Codecs, Width: in.Width, Height: in.Height, Language: in.Language,
			Channels: in.Channels, Name: in.Name, VideoRange: in.VideoRange,
		}
		if in.FrameRate != nil {
			f.FrameRate = fmt.Sprint(in.FrameRate)
		}
		if got := f.canonical(); got != v.CanonicalString {
			t.Errorf("%s: %q, want %q", v.Name, got, v.CanonicalString)
		}
		if got := StreamIndex(f); got != v.Index {
			t.Errorf("%s: %s, want %s", v.Name, got, v.Index)
		}
	}
}

func TestSwarmIDVectors(t *testing.T) {
	type row struct {
		SwarmID string
		Stream  struct {
			Type  StreamType
			Index string
		}
		StreamSwarmID, InfoHashASCII string
	}
	for _, v := range vector[[]row](t, "streamSwarmIds") {
		id := StreamSwarmID(v.SwarmID, v.Stream.Type, v.Stream.Index)
		if id != v.StreamSwarmID {
			t.Errorf("stream swarm id %q, want %q", id, v.StreamSwarmID)
		}
		if got := InfoHash(id); got != v.InfoHashASCII {
			t.Errorf("info hash of %q: %s, want %s", id, got, v.InfoHashASCII)
		}
	}
}

func TestInfoHashVectors(t *testing.T) {
	type row struct {
		Input         json.RawMessage
		InfoHashASCII string
	}
	for _, v := range vector[[]row](t, "infoHashes") {
		var s string
		if json.Unmarshal(v.Input, &s) != nil {
			var r struct {
				Repeat string
				Count  int
			}
			if err := json.Unmarshal(v.Input, &r); err != nil {
				t.Fatal(err)
			}
			for range r.Count {
				s += r.Repeat
			}
		}
		if got := InfoHash(s); got != v.InfoHashASCII {
			t.Errorf("%.20q: %s, want %s", s, got, v.InfoHashASCII)
		}
	}
}

func TestPeerIDVectors(t *testing.T) {
	v := vector[struct {
		DefaultPrefix       string
		CustomPrefixSamples [][2]string
		Deterministic       struct {
			RandomSequence []float64
			PeerID         string
		}
	}](t, "peerIds")
	r, s := scriptedRand(v.Deterministic.RandomSequence...)
	s.up = true // the sequence holds n/62, which must not become less
	if got := PeerID(v.DefaultPrefix, r); got != v.Deterministic.PeerID {
		t.Errorf("%s, want %s", got, v.Deterministic.PeerID)
	}
	if s.calls != 12 {
		t.Errorf("%d draws, want 12", s.calls)
	}
	if v.DefaultPrefix != DefaultPeerIDPrefix {
		t.Errorf("prefix %s", DefaultPeerIDPrefix)
	}
	for _, sample := range v.CustomPrefixSamples {
		got := PeerID(sample[0], rand.New(rand.NewPCG(1, 1)))
		if len(got) != len(sample[1]) || got[:len(sample[0])] != sample[0] {
			t.Errorf("prefix %q: %q, the library made %q", sample[0], got, sample[1])
		}
	}
}

// The identity part of the manifests that went through the real hls.js.
func TestManifestVectors(t *testing.T) {
	v := vector[struct {
		MasterURL string
		Streams   []struct {
			Type                           StreamType
			Index, StreamSwarmID, InfoHash string
		}
	}](t, "hlsManifest")
	fields := []StreamFields{
		{Bitrate: 2149280, Codecs: "avc1.64001f", Width: 1280, Height: 720, FrameRate: "30.000", VideoRange: "SDR"},
		{Bitrate: 800000, Codecs: "avc1.66.30", Width: 640, Height: 360},
		{Bitrate: 300000},
		{Codecs: "mp4a.40.2", Language: "en-US", Channels: "2", Name: "English"},
		{Codecs: "mp4a.40.2", Language: "de", Channels: "6", Name: "Deutsch"},
	}
	cfg := Default()
	for i, s := range v.Streams {
		if got := StreamIndex(fields[i]); got != s.Index {
			t.Errorf("stream %d: index %s, want %s", i, got, s.Index)
		}
		id := StreamSwarmID(SwarmID(&cfg.Main, v.MasterURL+"?token=1?2"), s.Type, s.Index)
		if id != s.StreamSwarmID || InfoHash(id) != s.InfoHash {
			t.Errorf("stream %d: %s %s", i, id, InfoHash(id))
		}
	}
}

func TestConfiguredSwarmIDIsUsedAsItIs(t *testing.T) {
	empty := ""
	if got := SwarmID(&StreamConfig{SwarmID: &empty}, "http://a/m.m3u8"); got != "" {
		t.Errorf("an empty swarm id became %q", got)
	}
}

// vectorWindows are the windows of a vector, in seconds.
type vectorWindows struct{ HighDemandTimeWindow, HTTPDownloadTimeWindow, P2PDownloadTimeWindow float64 }

func (v vectorWindows) config() *StreamConfig {
	d := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	return &StreamConfig{
		HighDemandTimeWindow: d(v.HighDemandTimeWindow), HTTPDownloadTimeWindow: d(v.HTTPDownloadTimeWindow),
		P2PDownloadTimeWindow: d(v.P2PDownloadTimeWindow),
	}
}

// peersHave is "all" or a list of ids.
func peersHave(t *testing.T, raw json.RawMessage) func(int64) bool {
	t.Helper()
	var ids []int64
	if json.Unmarshal(raw, &ids) == nil {
		return func(id int64) bool { return slices.Contains(ids, id) }
	}
	if string(raw) != `"all"` {
		t.Fatalf("peersHave %s", raw)
	}
	return func(int64) bool { return true }
}

// playlistOf makes n segments of d seconds with the ids from first on.
func playlistOf(first, n int64, d float64) []Segment {
	var out []Segment
	for i := first; i < first+n; i++ {
		url := fmt.Sprintf("seg%d", i)
		out = append(out, Segment{RuntimeID: url, URL: url, ExternalID: i, Start: float64(i) * d, End: float64(i+1) * d})
	}
	return out
}

func renditionOf(n int64) *rendition {
	r := newRendition(Stream{RuntimeID: "r", Type: Main, Index: "i"})
	r.update(playlistOf(0, n, 4), nil)
	return r
}

func TestSegmentStatusVectors(t *testing.T) {
	type row struct {
		Position, Rate, AvailableStoragePercent float64
		Windows                                 vectorWindows
		PeersHave                               json.RawMessage
		HighDemand, HTTP, P2P                   []int64
	}
	for i, v := range vector[[]row](t, "segmentStatuses") {
		w := newWindows(v.Windows.config(), v.Position, v.Rate, v.AvailableStoragePercent)
		var high, http, p2p []int64
		for _, s := range renditionOf(20).segments {
			st := w.statuses(s, peersHave(t, v.PeersHave))
			if st.highDemand {
				high = append(high, s.ExternalID)
			}
			if st.http {
				http = append(http, s.ExternalID)
			}
			if st.p2p {
				p2p = append(p2p, s.ExternalID)
			}
		}
		if !slices.Equal(high, v.HighDemand) || !slices.Equal(http, v.HTTP) || !slices.Equal(p2p, v.P2P) {
			t.Errorf("row %d: high %v, http %v, p2p %v\nwant %v %v %v", i, high, http, p2p, v.HighDemand, v.HTTP, v.P2P)
		}
	}
}

func TestQueueVectors(t *testing.T) {
	type row struct {
		Name           string
		LastRequested  int64
		Position, Rate float64
		Windows        vectorWindows
		PeersHave      json.RawMessage
		Queue          [][2]any
	}
	for _, v := range vector[[]row](t, "queues") {
		r := renditionOf(20)
		requested := r.byID[fmt.Sprintf("seg%d", v.LastRequested)]
		if v.Name == "requested segment removed from playlist" {
			r.update(nil, []string{fmt.Sprintf("seg%d", v.LastRequested)})
		}
		w := newWindows(v.Windows.config(), v.Position, v.Rate, 100)
		got := make([][2]any, 0)
		for _, it := range appendQueue(nil, r.from(requested), &w, peersHave(t, v.PeersHave)) {
			flags := []byte("---")
			for i, on := range []bool{it.highDemand, it.http, it.p2p} {
				if on {
					flags[i] = "HTP"[i]
				}
			}
			got = append(got, [2]any{float64(it.seg.ExternalID), string(flags)})
		}
		if !slices.Equal(got, v.Queue) {
			t.Errorf("%s:\n got %v\nwant %v", v.Name, got, v.Queue)
		}
	}
}

func TestBandwidthVectors(t *testing.T) {
	type op struct {
		T  float64
		Op string
		N  int
	}
	v := vector[struct {
		Ops         []op
		Evaluations []struct {
			AfterOps          int
			Now               float64
			LoadingOnly, Wall map[string]float64
		}
	}](t, "bandwidthCalculator")
	at := func(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
	for _, e := range v.Evaluations {
		var m bandwidthMeter
		for _, o := range v.Ops[:e.AfterOps] {
			switch o.Op {
			case "startLoading":
				m.startLoading(at(o.T))
			case "stopLoading":
				m.stopLoading(at(o.T))
			case "addBytes":
				m.addBytes(o.N, at(o.T))
			}
		}
		check := func(kind, seconds string, got, want float64) {
			if math.Abs(got-want) > 1e-9*math.Max(1, want) {
				t.Errorf("after %d ops, %s(%s): %v, want %v", e.AfterOps, kind, seconds, got, want)
			}
		}
		for s, want := range e.LoadingOnly {
			var n float64
			fmt.Sscan(s, &n)
			check("loadingOnly", s, m.loadingOnly(n), want)
		}
		for s, want := range e.Wall {
			var n float64
			fmt.Sscan(s, &n)
			check("wall", s, m.wall(n, 0, at(e.Now)), want)
		}
	}
}

func TestBandwidthOverTimeForgetsTheLastLevel(t *testing.T) {
	var m bandwidthMeter
	m.startLoading(0)
	m.addBytes(1_000_000, time.Second)
	m.addBytes(1000, 3*time.Second)
	if got := m.wall(30, 2*time.Second, 4*time.Second); got != 8000 {
		t.Errorf("%v bit/s since the level changed, want 8000", got)
	}
}

func TestWeightedPickVectors(t *testing.T) {
	type row struct {
		Weights []float64
		Random  float64
		Picked  int
	}
	for _, v := range vector[[]row](t, "weightedPick") {
		r, _ := scriptedRand(v.Random)
		if got := weightedPick(v.Weights, r); got != v.Picked {
			t.Errorf("weights %v, random %v: %d, want %d", v.Weights, v.Random, got, v.Picked)
		}
	}
}

// drawn runs one firing of the random prefetch over n candidates.
func drawn(n, peers, limit, busy int, r *rand.Rand) []int64 {
	started := make([]int64, 0)
	if busy >= limit || peers == 0 {
		return started // as randomPrefetch.run does, see TestPrefetchConditions
	}
	drawPrefetch(slices.Clone(renditionOf(int64(n)).segments), peers, limit, &busy, r, func(s *segment) {
		busy++
		started = append(started, s.ExternalID)
	})
	return started
}

func TestRandomPrefetchVectors(t *testing.T) {
	type row struct {
		Candidates, ConnectedPeers, SimultaneousHTTPDownloads, ExecutingHTTP, RandomCallsUsed int
		Randoms                                                                               []float64
		Started                                                                               []int64
	}
	for i, v := range vector[[]row](t, "randomHttp") {
		r, s := scriptedRand(v.Randoms...)
		got := drawn(v.Candidates, v.ConnectedPeers, v.SimultaneousHTTPDownloads, v.ExecutingHTTP, r)
		if !slices.Equal(got, v.Started) || s.calls != v.RandomCallsUsed {
			t.Errorf("row %d: started %v with %d draws, want %v with %d", i, got, s.calls, v.Started, v.RandomCallsUsed)
		}
	}
}

func TestRandomPrefetchMonteCarlo(t *testing.T) {
	type row struct {
		Candidates, ConnectedPeers, SimultaneousHTTPDownloads, Trials int
		MeanStarted                                                   float64
	}
	for i, v := range vector[[]row](t, "randomHttpMonteCarlo") {
		r := rand.New(rand.NewPCG(1, uint64(i)))
		total := 0
		for range v.Trials {
			total += len(drawn(v.Candidates, v.ConnectedPeers, v.SimultaneousHTTPDownloads, 0, r))
		}
		mean := float64(total) / float64(v.Trials)
		// Two independent estimates: five standard deviations of a difference of means, at a variance of at most 1.
		if math.Abs(mean-v.MeanStarted) > 5*math.Sqrt(2*math.Max(0.01, v.MeanStarted)/float64(v.Trials)) {
			t.Errorf("row %d: %.3f started on the average, the library %.3f", i, mean, v.MeanStarted)
		}
	}
}
