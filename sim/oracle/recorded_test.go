package oracle

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/player"
	"swarmlab/sim/webtorrent"
)

// TestRecordedTraces lets the released core go through what two of its kind were recorded at, in another world and under a
// virtual clock. What it does, and in which order, must be what was recorded, up to the first random timer: so the process, its
// page and this side of the pipe add nothing of their own. Package p2pml does the same with our core.
func TestRecordedTraces(t *testing.T) {
	for _, c := range []struct {
		file     string
		segments int
		rate     float64
		until    time.Duration
	}{
		{"trace.json", 30, 4e6, 7 * time.Second},
		{"trace-slow-link.json", 12, 60_000, 5 * time.Second},
	} {
		t.Run(c.file, func(t *testing.T) {
			p := start(t)
			replay(t, p, readTrace(t, "../p2pml/testdata/"+c.file), c.segments, c.rate, c.until)
			finish(t, p)
		})
	}
}

// traced is one line of a recorded trace.
type recordedLine struct {
	at              time.Duration
	who, kind, text string
	segment         int
	from            string
}

func readTrace(t *testing.T, file string) (lines []recordedLine) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct{ Events [][4]any }
	if err := json.Unmarshal(data, &recorded); err != nil {
		t.Fatal(err)
	}
	for _, e := range recorded.Events {
		l := recordedLine{at: time.Duration(e[0].(float64)) * time.Millisecond, who: e[1].(string)}
		text := e[3].(string)
		switch e[2] {
		case "ENGINE":
			l.kind, _, _ = strings.Cut(text, " ")
		case "DC":
			l.text = sentLine(text)
		case "EV":
			l.parse(t, text)
		}
		lines = append(lines, l)
	}
	return lines
}

func sentLine(text string) string {
	var frame []byte
	if _, err := fmt.Sscanf(text, "tx %x", &frame); err != nil || strings.HasPrefix(text, "tx data") {
		return text
	}
	return "tx " + withoutRequestID(frame)
}

func withoutRequestID(frame []byte) string {
	c, err := wire.Decode(frame[4 : len(frame)-4])
	if err != nil {
		return fmt.Sprintf("%x", frame)
	}
	c.Request = 0
	return fmt.Sprintf("%+v", c)
}

func (l *recordedLine) parse(t *testing.T, text string) {
	name, body, _ := strings.Cut(text, " ")
	var f struct {
		Seg      any
		Src, Err string
	}
	if err := json.Unmarshal([]byte(body), &f); err != nil {
		t.Fatal(text, err)
	}
	fmt.Sscanf(strings.TrimPrefix(fmt.Sprint(f.Seg), "seg"), "%d", &l.segment)
	l.kind, l.from = strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(name, "onSegment"), "onPeer")), f.Src
	l.text = l.kind
	if f.Src != "" {
		l.text = fmt.Sprintf("%s %d %s", l.kind, l.segment, f.Src)
	}
	if f.Err != "" {
		l.text += " " + f.Err
	}
}

// driver is the recorded traces' player: a tick each 250 ms moves the playhead, and asks for the next segment when less than
// 15 s are buffered.
type driver struct {
	p2pml.NoEvents
	*scriptedViewer
	engine   player.Engine
	segments []p2pml.Segment
	next     int
	pending  bool
	playing  bool
	position float64
	lines    []string
	run      struct{ messages, bytes int }
}

func newDriver(w *scripted, p *Process, name string, segments []p2pml.Segment) *driver {
	h := fnv.New64a()
	h.Write([]byte(name))
	d := &driver{scriptedViewer: &scriptedViewer{w: w, name: name, rand: rand.New(rand.NewPCG(h.Sum64(), 7))}, segments: segments}
	cfg := p2pml.Default()
	cfg.Main.AnnounceTrackers = []string{"ws://tracker"}
	d.turn(func() {
		d.engine = p.NewEngine(d, cfg, d)
		d.engine.SetManifestURL("http://origin/master.m3u8")
		d.engine.AddStream(p2pml.Stream{RuntimeID: "main", Type: p2pml.Main, Index: "index"})
		d.engine.UpdateStream("main", segments, nil)
	})
	return d
}

func (d *driver) tick() {
	d.later(250*time.Millisecond, func() {
		if d.playing {
			d.position += 0.25
			d.engine.UpdatePlayback(d.position, 1)
		}
		if !d.pending && d.next < len(d.segments) && d.segments[d.next].Start-d.position < 15 {
			d.request()
		}
		d.tick()
	})
}

func (d *driver) request() {
	d.pending = true
	d.engine.LoadSegment(d.segments[d.next].RuntimeID, d)
}

func (d *driver) SegmentLoaded(p2pml.Loaded) { d.pending, d.playing, d.next = false, true, d.next+1 }
func (d *driver) SegmentFailed(error)        { d.pending = false }

func (d *driver) line(format string, args ...any) {
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

func (d *driver) OnSegmentStart(e p2pml.SegmentStart) {
	d.line("start %d %s", e.Segment.ExternalID, e.Source)
}
func (d *driver) OnSegmentLoaded(e p2pml.SegmentLoaded) {
	d.line("loaded %d %s", e.Segment.ExternalID, e.Source)
}
func (d *driver) OnSegmentAbort(e p2pml.SegmentAbort) {
	d.line("abort %d %s", e.Segment.ExternalID, e.Source)
}
func (d *driver) OnSegmentError(e p2pml.SegmentError) {
	d.line("error %d %s %s", e.Segment.ExternalID, e.Source, e.Type)
}
func (d *driver) OnPeerConnect(p2pml.PeerConnect) { d.line("connect") }
func (d *driver) OnPeerClose(p2pml.PeerClose)     { d.line("close") }

// sent writes down what goes over the channel: commands one by one, data in runs.
func (d *driver) sent(m webtorrent.Message) {
	if m.Bytes == nil {
		d.run.messages++
		d.run.bytes += m.Size
		return
	}
	if d.run.messages > 0 {
		d.line("tx data x%d %dB", d.run.messages, d.run.bytes)
		d.run.messages, d.run.bytes = 0, 0
	}
	d.line("tx %s", withoutRequestID(m.Bytes))
}

func replay(t *testing.T, p *Process, trace []recordedLine, segments int, rate float64, until time.Duration) {
	w := newScripted(t, rate)
	playlist := make([]p2pml.Segment, segments)
	for i := range playlist {
		id := fmt.Sprintf("seg%d", i)
		playlist[i] = p2pml.Segment{RuntimeID: id, URL: id, ExternalID: int64(i), Start: float64(4 * i), End: float64(4*i + 4)}
	}
	drivers := map[string]*driver{"A": newDriver(w, p, "A", playlist), "B": newDriver(w, p, "B", playlist)}
	ends, opened, joined := map[string]time.Duration{}, map[string]time.Duration{}, map[string]bool{}
	for _, l := range trace {
		switch {
		case l.kind == "request" && !joined[l.who]:
			joined[l.who] = true
			d := drivers[l.who]
			d.w.after(l.at, func() { d.turn(d.request); d.tick() })
		case l.kind == "loaded" && l.from == "http":
			ends[fmt.Sprintf("%s seg%d", l.who, l.segment)] = l.at
		case l.kind == "connect":
			opened[l.who] = l.at
		}
	}
	w.took = func(v *scriptedViewer, url string) time.Duration {
		if at, ok := ends[v.name+" "+url]; ok && at > w.now {
			return at - w.now
		}
		return time.Second // aborted in the trace, or a line there will be too many
	}
	w.opens = func(v *scriptedViewer) time.Duration { return opened[v.name] - w.now }
	w.onSend = func(v *scriptedViewer, m webtorrent.Message) { drivers[v.name].sent(m) }
	w.run(until - time.Millisecond)
	for who, d := range drivers {
		var want []string
		for _, l := range trace {
			if l.who == who && l.text != "" && l.at < until {
				want = append(want, l.text)
			}
		}
		same(t, who, d.lines, want)
	}
}

func same(t *testing.T, who string, got, want []string) {
	t.Helper()
	if len(want) < 10 {
		t.Fatalf("%s: only %d lines to compare", who, len(want))
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("%s differs at line %d:\ngot  %q\nwant %q", who, i, got[i:min(i+3, len(got))], want[i:min(i+3, len(want))])
		}
	}
}
