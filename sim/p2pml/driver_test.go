package p2pml

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

// viewer drives a Core as the recorded traces' driver did: a tick each 250 ms moves the playhead, and asks for the next segment
// when less than 15 s are buffered.
type viewer struct {
	NoEvents
	env      *fakeEnv
	core     *Core
	segments []Segment
	playing  bool
	play     func(*viewer) // instead of a playback that is told in these turns
	position float64
	next     int
	pending  bool
	got      []int64
	failed   []error
	log      []string
	at       []time.Duration // of each line of log
	run      struct{ n, bytes int }

	// Sums of the events, to check conservation.
	chunks     map[Source]int64
	useless    int64
	loaded     map[Source]int64
	dropped    map[Source]int64
	uploaded   int64
	closes     map[string]int
	connected  map[string]int
	errors     []SegmentError
	reasons    map[StartReason]int
	running    map[Source]int // downloads
	mostAtOnce map[Source]int
	loads      int
	lost       int64 // uploaded bytes that never left
	why        map[int64]StartReason
}

func testConfig() Config {
	cfg := Default()
	cfg.Main.AnnounceTrackers = []string{"ws://tracker"}
	cfg.Secondary.AnnounceTrackers = cfg.Main.AnnounceTrackers
	return cfg
}

const manifest = "http://origin/master.m3u8"

func newViewer(w *world, name string, cfg Config, segments []Segment) *viewer {
	v := &viewer{
		env: w.env(name), segments: segments, chunks: map[Source]int64{}, loaded: map[Source]int64{}, dropped: map[Source]int64{},
		closes: map[string]int{}, connected: map[string]int{}, reasons: map[StartReason]int{}, why: map[int64]StartReason{},
		running: map[Source]int{}, mostAtOnce: map[Source]int{},
	}
	v.core = New(v.env, cfg, v)
	v.core.SetManifestURL(manifest)
	v.core.AddStream(Stream{RuntimeID: "main", Type: Main, Index: "index"})
	v.core.UpdateStream("main", segments, nil)
	return v
}

// join starts it and ticks for ever.
func (v *viewer) join(at time.Duration) {
	v.env.w.at(at, func() { v.env.do(v.request); v.tick() })
}

func (v *viewer) tick() {
	v.env.w.at(v.env.w.now+250*time.Millisecond, func() {
		if v.core.destroyed {
			return
		}
		v.env.do(func() {
			switch {
			case v.playing && v.play != nil:
				v.play(v)
			case v.playing:
				v.position += 0.25
				v.core.UpdatePlayback(v.position, 1)
			}
			if !v.pending && v.next < len(v.segments) && v.segments[v.next].Start-v.position < 15 {
				v.request()
			}
		})
		v.tick()
	})
}

func (v *viewer) request() {
	v.pending = true
	v.core.LoadSegment(v.segments[v.next].RuntimeID, v)
}

func (v *viewer) SegmentLoaded(Loaded) {
	v.got = append(v.got, v.segments[v.next].ExternalID)
	v.pending, v.playing = false, true
	v.next++
}

func (v *viewer) SegmentFailed(err error) { v.failed = append(v.failed, err); v.pending = false }

func (v *viewer) line(format string, args ...any) {
	v.log = append(v.log, fmt.Sprintf(format, args...))
	v.at = append(v.at, v.env.w.now)
}

func (v *viewer) start(src Source) {
	v.running[src]++
	v.mostAtOnce[src] = max(v.mostAtOnce[src], v.running[src])
}

func (v *viewer) OnSegmentStart(e SegmentStart) {
	v.start(e.Source)
	v.reasons[e.Reason]++
	v.why[e.Segment.ExternalID] = e.Reason
	v.line("start %d %s", e.Segment.ExternalID, e.Source)
}

func (v *viewer) OnSegmentLoaded(e SegmentLoaded) {
	v.running[e.Source]--
	v.loads++
	v.loaded[HTTP] += e.BytesHTTP
	v.loaded[P2P] += e.BytesP2P
	v.line("loaded %d %s", e.Segment.ExternalID, e.Source)
}

func (v *viewer) OnSegmentError(e SegmentError) {
	v.running[e.Source]--
	v.errors = append(v.errors, e)
	v.line("error %d %s %s", e.Segment.ExternalID, e.Source, e.Type)
}

func (v *viewer) OnSegmentAbort(e SegmentAbort) {
	v.running[e.Source]--
	v.line("abort %d %s", e.Segment.ExternalID, e.Source)
}

func (v *viewer) OnChunkDownloaded(e ChunkDownloaded) {
	v.chunks[e.Source] += int64(e.Bytes)
	if e.Useless {
		v.useless += int64(e.Bytes)
	}
}
func (v *viewer) OnChunkUploaded(e ChunkUploaded) { v.uploaded += int64(e.Bytes) }
func (v *viewer) OnUploadLost(e UploadLost)       { v.lost += e.Bytes }
func (v *viewer) OnPeerConnect(e PeerConnect)     { v.connected[e.PeerID]++; v.line("connect") }
func (v *viewer) OnPeerClose(e PeerClose)         { v.closes[e.PeerID]++; v.line("close") }
func (v *viewer) OnBytesDiscarded(e BytesDiscarded) {
	v.dropped[HTTP] += e.BytesHTTP
	v.dropped[P2P] += e.BytesP2P
}

// sent logs what goes over the data channel as the traces do: commands without their request ids, data in runs.
func (v *viewer) sent(m webtorrent.Message) {
	if m.Bytes == nil || !wire.IsCommand(m.Bytes) {
		v.run.n++
		v.run.bytes += m.Size
		return
	}
	if v.run.n > 0 {
		v.line("tx data x%d %dB", v.run.n, v.run.bytes)
		v.run.n, v.run.bytes = 0, 0
	}
	v.line("tx %s", describe(m.Bytes))
}

// describe is a command without its request id.
func describe(frame []byte) string {
	c, err := wire.Decode(frame[4 : len(frame)-4])
	if err != nil {
		return fmt.Sprintf("%x", frame)
	}
	c.Request = 0
	return fmt.Sprintf("%+v", c)
}

// traced is one line of a recorded trace.
type traced struct {
	at         time.Duration
	who, text  string
	seg        int64
	kind, from string
}

func readTrace(t *testing.T, file string) []traced {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var raw struct{ Events [][4]any }
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	var out []traced
	for _, e := range raw.Events {
		l := traced{at: time.Duration(e[0].(float64)) * time.Millisecond, who: e[1].(string)}
		text := e[3].(string)
		switch e[2] {
		case "ENGINE":
			l.kind, _, _ = strings.Cut(text, " ")
			fmt.Sscanf(text, "got %d", &l.seg)
		case "DC":
			l.text = text[:max(strings.LastIndex(text, " ba="), 0)]
			if strings.HasPrefix(text, "tx data") {
				l.text = text
				break
			}
			var frame []byte
			fmt.Sscanf(l.text, "tx %x", &frame)
			l.text = "tx " + describe(frame)
		case "EV":
			l.parse(t, text)
		}
		out = append(out, l)
	}
	return out
}

func (l *traced) parse(t *testing.T, text string) {
	name, body, _ := strings.Cut(text, " ")
	var f struct {
		Seg      any
		Src, Err string
	}
	if err := json.Unmarshal([]byte(body), &f); err != nil {
		t.Fatal(text, err)
	}
	switch s := f.Seg.(type) {
	case float64:
		l.seg = int64(s)
	case string:
		fmt.Sscanf(s, "seg%d", &l.seg)
	}
	l.from = f.Src
	l.kind = map[string]string{
		"onSegmentStart": "start", "onSegmentLoaded": "loaded", "onSegmentAbort": "abort", "onSegmentError": "error",
		"onPeerConnect": "connect", "onPeerClose": "close",
	}[name]
	l.text = l.kind
	if l.from != "" {
		l.text = fmt.Sprintf("%s %d %s", l.kind, l.seg, l.from)
	}
	if f.Err != "" {
		l.text += " " + f.Err
	}
}

// conserved checks that every byte received is accounted for.
func (v *viewer) conserved(t *testing.T) {
	t.Helper()
	held := map[Source]int64{}
	for _, l := range v.core.loaders {
		if l == nil {
			continue
		}
		for _, r := range l.requests {
			if r.status != succeeded {
				held[HTTP] += r.heldHTTP
				held[P2P] += r.heldP2P
			}
		}
	}
	for _, src := range []Source{HTTP, P2P} {
		got := v.loaded[src] + v.dropped[src] + held[src]
		if src == P2P {
			got += v.useless
		}
		if v.chunks[src] != got {
			t.Errorf("%s: received %d by %s, but loaded %d + discarded %d + useless + held %d = %d", v.env.name, v.chunks[src], src,
				v.loaded[src], v.dropped[src], held[src], got)
		}
	}
}
