package player

import (
	"time"

	"swarmlab/sim/p2pml"
)

// fragLoad is the one main segment (or init section) under way.
type fragLoad struct {
	level      *level
	sequence   int64
	externalID int64
	segment    *segment
	init       *initSection // not nil: it is this that loads
	start, end float64

	engine    bool // asked of the engine; otherwise http is the request
	http      *request
	startedAt time.Duration
}

func (f *fragLoad) duration() float64 { return f.end - f.start }

// timing is when a load began, when its first byte came and when it ended, as far as bitrate choice is told.
type timing struct {
	start, first, end time.Duration
}

// loadInit fetches an EXT-X-MAP section. The engine does not share those.
func (p *Player) loadInit(l *level, init *initSection) {
	f := &fragLoad{level: l, init: init, startedAt: p.env.Now()}
	p.state, p.frag = loadBusy, f
	f.http = p.get(init.url, init.byteRange, fragmentPolicy, keepCount, func(q *request, bad *failure) {
		p.frag = nil
		if bad != nil {
			p.fragmentFailed(f, bad)
			return
		}
		p.bandwidth.sampleTTFB(q.ttfb())
		l.inits[init.id()] = true
		p.ev.OnInitLoaded(InitLoaded{At: p.env.Now(), URL: init.url, Bytes: q.loaded, Latency: q.endedAt - q.startedAt})
		p.state = loadIdle
		p.tick()
	})
}

// loadSegment asks the engine for a segment, or the origin if the engine does not know it.
func (p *Player) loadSegment(l *level, i int) {
	d := l.details
	s := &d.segments[i]
	f := &fragLoad{level: l, sequence: d.first + int64(i), externalID: externalID(d, i), segment: s,
		start: d.start(i), end: d.end(i), startedAt: p.env.Now()}
	p.abortFragment() // one at a time: an abandoned one that still runs ends here (fragment-loader.ts)
	p.startRequested = true
	p.nextLoadPosition = f.end
	p.state, p.frag = loadBusy, f
	p.auto.fragDuration = f.duration()
	if p.core != nil && p.core.HasSegment(s.runtimeID) && p.core.IsSegmentLoadable(s.runtimeID) {
		f.engine = true
		p.auto.release(l.index) // the loader pretends to be done at once, which ends the abandon check
		p.core.LoadSegment(s.runtimeID, &engineLoad{p, f})
		return
	}
	f.http = p.get(s.url, s.byteRange, fragmentPolicy, keepBlocks, func(q *request, bad *failure) { p.directDone(f, q, bad) })
	p.reportDirectStart(f)
	p.armAbandon()
}

// externalID is what the integration calls a segment: the sequence number if live, the index if VOD.
func externalID(d *details, i int) int64 {
	if d.live {
		return d.first + int64(i)
	}
	return int64(i)
}

func (p *Player) directDone(f *fragLoad, q *request, bad *failure) {
	p.frag = nil
	if bad != nil {
		p.reportDirectFailure(f, q, bad)
		if bad.timeout {
			p.sampleTimeout(q)
		}
		p.fragmentFailed(f, bad)
		return
	}
	p.reportDirect(f, q)
	p.fragmentLoaded(f, timing{q.startedAt, q.firstByteAt, q.endedAt}, q.loaded)
}

// engineLoad is the engine's answer to one request of the player.
type engineLoad struct {
	p *Player
	f *fragLoad
}

// SegmentLoaded: the integration makes up the times, so that hls.js measures the engine's estimate: the end is now, the load
// took bytes*8000/bandwidth milliseconds, and the first byte another 10 before that.
func (e *engineLoad) SegmentLoaded(l p2pml.Loaded) {
	p := e.p
	if p.run != active || p.frag != e.f {
		return
	}
	p.frag = nil
	t := timing{end: p.env.Now()}
	t.first = t.end
	if l.BandwidthBps > 0 {
		t.first -= atLeast(float64(l.Data.Size) * 8 / l.BandwidthBps)
	}
	t.start = t.first - engineLatency
	p.fragmentLoaded(e.f, t, int64(l.Data.Size))
}

// SegmentFailed: the integration reports code 0, which hls.js takes for "no answer".
func (e *engineLoad) SegmentFailed(err error) {
	p := e.p
	if p.run != active || p.frag != e.f {
		return
	}
	p.frag = nil
	p.fragmentFailed(e.f, &failure{err: err})
}

// fragmentLoaded appends a segment and asks for the next.
func (p *Player) fragmentLoaded(f *fragLoad, t timing, bytes int64) {
	l := f.level
	p.bandwidth.sampleTTFB(t.first - t.start)
	p.abandonAlarm.stop()
	p.auto.loaded(l.index)

	p.media.append(f.start, f.end)
	l.tracked[f.sequence] = appended
	if d := l.details; !d.live && f.sequence == d.last() {
		p.lastIsIn = true
	}
	event := SegmentEvent{At: p.env.Now(), Level: l.index, PlaylistID: l.url, RuntimeID: f.segment.runtimeID, URL: f.segment.url,
		Sequence: f.sequence, ExternalID: f.externalID, Bytes: bytes, Start: f.start, End: f.end, ByEngine: f.engine}
	p.played.add(event)
	p.ev.OnSegmentAppended(event)

	wait := min(t.first-t.start, atLeast(p.bandwidth.ttfbSeconds()))
	p.bandwidth.sample(p.env.Now()-t.start-wait, bytes)
	l.fragmentError, l.loadError = 0, 0
	p.previous = &fragID{level: l.index, sequence: f.sequence, start: f.start, end: f.end}
	if p.state != loadWaiting {
		p.state = loadIdle
	}
	if !p.enough && !p.media.buffer.empty() { // a segment of no length buffers nothing
		p.enough = true
		p.toStartPosition()
	}
	p.checkPicture()
	p.tick()
}

// abortFragment gives up what is loading.
func (p *Player) abortFragment() {
	f := p.frag
	if f == nil {
		return
	}
	p.frag = nil
	p.abandonAlarm.stop()
	if f.engine {
		p.core.AbortSegmentLoading(f.segment.runtimeID)
		return
	}
	f.http.cancel()
	if f.init == nil {
		p.reportDirectAbort(f)
	}
}

// switchedAwayFrag: a playlist of another level came while a segment loads; hls.js gives the segment up.
func (p *Player) switchedAwayFrag(l *level) {
	if p.frag != nil && p.frag.level != l && (p.state == loadBusy || p.state == loadRetrying) {
		p.abortFragment()
		p.state = loadIdle
		p.nextLoadPosition = p.loadPosition()
	}
}

// skip marks a segment as a gap: it is not loaded, the picture jumps over it.
func (p *Player) skip(l *level, i int) {
	d := l.details
	l.tracked[d.first+int64(i)] = gap
	p.nextLoadPosition = d.end(i)
	if !d.live && i == len(d.segments)-1 {
		p.lastIsIn = true
	}
	p.soon(p.tick)
}
