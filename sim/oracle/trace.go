package oracle

import (
	"fmt"
	"strings"
	"time"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/player"
	"swarmlab/sim/webtorrent"
)

// Trace is what the engines of one run were told, did and said, in order: the finest grain at which two cores can be compared.
type Trace struct {
	Lines   []Line
	viewers int
}

// Line is one thing that happened to a viewer's engine, the viewers counted as they joined.
type Line struct {
	At     time.Duration
	Viewer int
	What   string
}

func (l Line) String() string { return fmt.Sprintf("%14v  viewer %-3d %s", l.At, l.Viewer, l.What) }

// Of makes engines as another does, and writes down what goes on round them.
func (t *Trace) Of(make player.NewEngine) player.NewEngine {
	return func(env p2pml.Env, cfg p2pml.Config, ev p2pml.Events) player.Engine {
		t.viewers++
		v := &traced{trace: t, viewer: t.viewers, Env: env, Events: ev}
		v.Engine = make(v, cfg, v)
		return &tracedEngine{v}
	}
}

// Ours makes this project's own core.
func Ours(env p2pml.Env, cfg p2pml.Config, ev p2pml.Events) player.Engine {
	return p2pml.New(env, cfg, ev)
}

// Difference shows where two traces first differ, with what went before; "" if they do not.
func Difference(ours, released *Trace) string {
	a, b := ours.Lines, released.Lines
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	if i == max(len(a), len(b)) {
		return ""
	}
	const before, after = 12, 6
	var out strings.Builder
	fmt.Fprintf(&out, "%d lines agree, then\n", i)
	for _, l := range a[max(0, i-before):i] {
		fmt.Fprintf(&out, "   both      %v\n", l)
	}
	for _, side := range []struct {
		name  string
		lines []Line
	}{{"ours", a}, {"released", b}} {
		for _, l := range side.lines[i:min(len(side.lines), i+after)] {
			fmt.Fprintf(&out, "   %-9s %v\n", side.name, l)
		}
		if len(side.lines) == i {
			fmt.Fprintf(&out, "   %-9s nothing more\n", side.name)
		}
	}
	return out.String()
}

// traced is one viewer's environment and listener, with a pencil.
type traced struct {
	p2pml.Env
	p2pml.Events
	player.Engine
	trace  *Trace
	viewer int
	conns  int
}

func (v *traced) write(format string, args ...any) {
	v.trace.Lines = append(v.trace.Lines, Line{v.Env.Now(), v.viewer, fmt.Sprintf(format, args...)})
}

// Fetch implements p2pml.Env.
func (v *traced) Fetch(r p2pml.FetchRequest, h p2pml.FetchHandler) p2pml.Fetch {
	name := r.URL
	if r.Range != nil {
		name = fmt.Sprintf("%s %d-%d", r.URL, r.Range.Start, r.Range.End)
	}
	v.write("fetch %s", name)
	return &tracedFetch{v.Env.Fetch(r, h), v, name}
}

// Assemble implements p2pml.Env. Whose bytes a segment is made of is what a mistake of either side's books would show in.
func (v *traced) Assemble(s *p2pml.Segment, blocks []webtorrent.Message) webtorrent.Message {
	v.write("assemble %s of %s", s.RuntimeID, origins(blocks))
	return v.Env.Assemble(s, blocks)
}

// origins names what blocks are parts of, those that follow one another as one.
func origins(blocks []webtorrent.Message) string {
	var out []string
	for i := 0; i < len(blocks); {
		first, end := blocks[i], blocks[i].At
		for ; i < len(blocks) && blocks[i].Of == first.Of && blocks[i].At == end; i++ {
			end += int64(blocks[i].Size)
		}
		name := "?"
		if first.Of != nil {
			name = first.Of.Name
		}
		out = append(out, fmt.Sprintf("%s[%d:%d]", name, first.At, end))
	}
	return strings.Join(out, " + ")
}

type tracedFetch struct {
	p2pml.Fetch
	v    *traced
	name string
}

// Cancel implements p2pml.Fetch.
func (f *tracedFetch) Cancel() {
	f.v.write("cancel fetch %s", f.name)
	f.Fetch.Cancel()
}

// NewPeerConn implements p2pml.Env.
func (v *traced) NewPeerConn(offer string, h webtorrent.PeerHandler) webtorrent.PeerConn {
	v.conns++
	return &tracedConn{v.Env.NewPeerConn(offer, h), v, v.conns}
}

type tracedConn struct {
	webtorrent.PeerConn
	v  *traced
	id int
}

// Send implements webtorrent.PeerConn.
func (c *tracedConn) Send(m webtorrent.Message) {
	c.v.write("conn %d: send %s", c.id, describe(m))
	c.PeerConn.Send(m)
}

// Close implements webtorrent.PeerConn.
func (c *tracedConn) Close() {
	c.v.write("conn %d: close", c.id)
	c.PeerConn.Close()
}

func describe(m webtorrent.Message) string {
	if m.Bytes == nil || !wire.IsCommand(m.Bytes) {
		return fmt.Sprintf("%d bytes", m.Size)
	}
	if c, err := wire.Decode(m.Bytes[4 : len(m.Bytes)-4]); err == nil {
		return fmt.Sprintf("%+v = %x", c, m.Bytes)
	}
	return fmt.Sprintf("%x", m.Bytes)
}

// tracedEngine is the engine, as its player calls it.
type tracedEngine struct{ *traced }

// LoadSegment implements player.Engine.
func (e *tracedEngine) LoadSegment(id string, h p2pml.LoadHandler) {
	e.write("LoadSegment %s", id)
	e.Engine.LoadSegment(id, &tracedLoad{h, e.traced, id})
}

// AbortSegmentLoading implements player.Engine.
func (e *tracedEngine) AbortSegmentLoading(id string) {
	e.write("AbortSegmentLoading %s", id)
	e.Engine.AbortSegmentLoading(id)
}

// UpdatePlayback implements player.Engine.
func (e *tracedEngine) UpdatePlayback(position, rate float64) {
	e.write("UpdatePlayback %v %v", position, rate)
	e.Engine.UpdatePlayback(position, rate)
}

// UpdateStream implements player.Engine.
func (e *tracedEngine) UpdateStream(id string, added []p2pml.Segment, removed []string) {
	e.write("UpdateStream %s +%d -%d", id, len(added), len(removed))
	e.Engine.UpdateStream(id, added, removed)
}

// Destroy implements player.Engine.
func (e *tracedEngine) Destroy() {
	e.write("Destroy")
	e.Engine.Destroy()
}

type tracedLoad struct {
	p2pml.LoadHandler
	v  *traced
	id string
}

// SegmentLoaded implements p2pml.LoadHandler.
func (l *tracedLoad) SegmentLoaded(s p2pml.Loaded) {
	l.v.write("SegmentLoaded %s %d bytes at %v bit/s", l.id, s.Data.Size, s.BandwidthBps)
	l.LoadHandler.SegmentLoaded(s)
}

// SegmentFailed implements p2pml.LoadHandler.
func (l *tracedLoad) SegmentFailed(err error) {
	l.v.write("SegmentFailed %s %v", l.id, err)
	l.LoadHandler.SegmentFailed(err)
}

// OnSegmentStart implements p2pml.Events, as do the following.
func (v *traced) OnSegmentStart(e p2pml.SegmentStart) {
	v.write("OnSegmentStart %s %s %s held %d", e.Segment.RuntimeID, e.Source, e.PeerID, e.Held)
	v.Events.OnSegmentStart(e)
}

// OnSegmentLoaded traces.
func (v *traced) OnSegmentLoaded(e p2pml.SegmentLoaded) {
	v.write("OnSegmentLoaded %s %s %s %d = %d http + %d p2p", e.Segment.RuntimeID, e.Source, e.PeerID, e.Bytes, e.BytesHTTP, e.BytesP2P)
	v.Events.OnSegmentLoaded(e)
}

// OnSegmentError traces.
func (v *traced) OnSegmentError(e p2pml.SegmentError) {
	v.write("OnSegmentError %s %s %s %s", e.Segment.RuntimeID, e.Source, e.PeerID, e.Type)
	v.Events.OnSegmentError(e)
}

// OnSegmentAbort traces.
func (v *traced) OnSegmentAbort(e p2pml.SegmentAbort) {
	v.write("OnSegmentAbort %s %s %s held %d", e.Segment.RuntimeID, e.Source, e.PeerID, e.Held)
	v.Events.OnSegmentAbort(e)
}

// OnChunkDownloaded traces.
func (v *traced) OnChunkDownloaded(e p2pml.ChunkDownloaded) {
	if e.Ignored {
		v.Events.OnChunkDownloaded(e)
		return
	}
	v.write("OnChunkDownloaded %d %s %s useless %v", e.Bytes, e.Source, e.PeerID, e.Useless)
	v.Events.OnChunkDownloaded(e)
}

// OnChunkUploaded traces.
func (v *traced) OnChunkUploaded(e p2pml.ChunkUploaded) {
	v.write("OnChunkUploaded %d %s", e.Bytes, e.PeerID)
	v.Events.OnChunkUploaded(e)
}

// OnPeerConnect traces.
func (v *traced) OnPeerConnect(e p2pml.PeerConnect) {
	v.write("OnPeerConnect %s %s", e.Type, e.PeerID)
	v.Events.OnPeerConnect(e)
}

// OnPeerClose traces.
func (v *traced) OnPeerClose(e p2pml.PeerClose) {
	v.write("OnPeerClose %s %s again %v", e.Type, e.PeerID, e.Again)
	v.Events.OnPeerClose(e)
}

// OnPeerError traces that there was one; its text is the tier's.
func (v *traced) OnPeerError(e p2pml.PeerError) {
	v.write("OnPeerError %s %s", e.Type, e.PeerID)
	v.Events.OnPeerError(e)
}

// OnTrackerWarning traces.
func (v *traced) OnTrackerWarning(e p2pml.TrackerWarning) {
	v.write("OnTrackerWarning %s %v", e.Type, e.Err)
	v.Events.OnTrackerWarning(e)
}
