package player

import (
	"fmt"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// What hls.js does about failed requests (error-controller.ts, base-stream-controller.ts, level-controller.ts).

// fragmentFailed: repeat it, switch level, skip it (live) or give up. Errors are counted over all levels since the last segment
// that arrived.
func (p *Player) fragmentFailed(f *fragLoad, bad *failure) {
	p.abandonAlarm.stop()
	count := 0
	for _, l := range p.levels {
		count += l.fragmentError
	}
	f.level.fragmentError++
	policy := fragmentPolicy.retry(bad.timeout)
	report := func(a ErrorAction) LoadError {
		e := LoadError{At: p.env.Now(), Kind: LoadSegment, Level: f.level.index, Err: bad, Action: a}
		if f.init != nil {
			e.Kind, e.URL = LoadInit, f.init.url
		} else {
			e.URL = f.segment.url
		}
		return e
	}
	retry := bad.retriable() && count < policy.max
	other := -1
	if !retry {
		f.level.loadError++
		other = p.alternative(f.level)
	}
	live := p.latest() != nil && p.latest().live
	switch {
	case !retry && other < 0 && f.init == nil && live:
		p.ev.OnLoadError(report(ActionGap))
		p.afterFragmentError()
		f.level.fragmentError++
		f.level.tracked[f.sequence] = gap
		p.soon(p.tick)
	case (retry || other < 0) && count < policy.max:
		e := report(ActionRetry)
		e.Delay = policy.wait(count)
		p.ev.OnLoadError(e)
		p.resetStart()
		p.retryAt, p.state = p.env.Now()+e.Delay, loadRetrying
		p.armTick()
	case other >= 0:
		p.ev.OnLoadError(report(ActionSwitch))
		p.afterFragmentError()
		p.auto.force(other)
		p.enterLevel(p.levels[other])
		p.soon(p.tick)
	default:
		e := report(ActionFatal)
		p.ev.OnLoadError(e)
		p.die(fmt.Errorf("%s %s: %w", e.Kind, e.URL, bad))
	}
}

// afterFragmentError makes the controller ready to ask for another segment (resetFragmentErrors).
func (p *Player) afterFragmentError() {
	if !p.enough {
		p.startRequested = false
	}
	p.state = loadIdle
}

// resetStart: as long as nothing is buffered, a failed live start begins again from the edge (resetStartWhenNotLoaded).
func (p *Player) resetStart() {
	if p.enough {
		return
	}
	p.startRequested = false
	if d := p.latest(); d != nil && d.live {
		p.startPosition = -1
		p.setStartPosition(d)
		p.previous = nil
		return
	}
	p.nextLoadPosition = p.startPosition
}

// alternative is another level without errors, to which hls.js flees (getLevelSwitchAction); -1 if there is none.
func (p *Player) alternative(from *level) int {
	n := len(p.levels)
	for i := n - 1; i >= 0; i-- {
		c := p.levels[(i+p.loadLevel)%n]
		if c.index != p.loadLevel && c.loadError == 0 && c.codecSet == from.codecSet {
			return c.index
		}
	}
	return -1
}

// playlistFailed: repeat it or switch level; with no other level it is repeated even where it would not be otherwise, as often
// as the policy allows.
func (p *Player) playlistFailed(l *level, err error, timeout, retriable bool) {
	policy := playlistPolicy.retry(timeout)
	count := p.playlistErrors
	p.playlistErrors++
	retry := retriable && count < policy.max
	other := -1
	if !retry {
		l.loadError++
		other = p.alternative(l)
	}
	e := LoadError{At: p.env.Now(), Kind: LoadPlaylist, Level: l.index, URL: l.url, Err: err}
	switch {
	case other >= 0:
		e.Action = ActionSwitch
		p.ev.OnLoadError(e)
		p.playlistErrors = 0
		p.fleeTo(other)
	case count < policy.max:
		e.Action, e.Delay = ActionRetry, policy.wait(count)
		p.ev.OnLoadError(e)
		p.reloadAlarm.set(e.Delay, p.loadPlaylist)
	default:
		p.giveUp(LoadPlaylist, l.index, l.url, err)
	}
}

// playlistUnusable: what cannot be parsed is not asked for again; another level may be better.
func (p *Player) playlistUnusable(l *level, err error) {
	l.loadError++
	other := p.alternative(l)
	if other < 0 {
		p.giveUp(LoadPlaylist, l.index, l.url, err)
		return
	}
	p.ev.OnLoadError(LoadError{At: p.env.Now(), Kind: LoadPlaylist, Level: l.index, URL: l.url, Err: err, Action: ActionSwitch})
	p.playlistErrors = 0
	p.fleeTo(other)
}

// emptyPlaylist: a live one may fill up, any other cannot.
func (p *Player) emptyPlaylist(l *level, list *playlist) {
	if list.live {
		p.playlistFailed(l, errEmptyPlaylist, false, false)
		return
	}
	p.playlistUnusable(l, errEmptyPlaylist)
}

func (p *Player) fleeTo(level int) {
	if p.state == loadWaiting {
		p.state = loadIdle
	}
	p.auto.force(level)
	p.enterLevel(p.levels[level])
	p.soon(p.tick)
}

// Segments that the player fetches itself are reported as the engine reports its own.

func (p *Player) engineSegment(f *fragLoad) *p2pml.Segment {
	return &p2pml.Segment{RuntimeID: f.segment.runtimeID, ExternalID: f.externalID, URL: f.segment.url, ByteRange: f.segment.byteRange,
		Start: f.start, End: f.end, Stream: &p2pml.Stream{RuntimeID: f.level.url, Type: p2pml.Main}}
}

func (p *Player) reportDirectStart(f *fragLoad) {
	var why p2pml.StartReason // the engine does not know the segment
	if p.core == nil || p.core.HasSegment(f.segment.runtimeID) {
		why = p2pml.P2PDisabled
	}
	p.ev.OnSegmentStart(p2pml.SegmentStart{At: p.env.Now(), Segment: p.engineSegment(f), Source: p2pml.HTTP, Reason: why})
}

func (p *Player) reportDirectChunk(m webtorrent.Message) {
	p.ev.OnChunkDownloaded(p2pml.ChunkDownloaded{At: p.env.Now(), Type: p2pml.Main, Bytes: m.Size, Source: p2pml.HTTP})
}

// reportDirect also has the bytes checked, as the engine has: what a plain player shows should be right too.
func (p *Player) reportDirect(f *fragLoad, q *request) {
	now, s := p.env.Now(), p.engineSegment(f)
	p.env.Assemble(s, q.blocks)
	p.ev.OnSegmentLoaded(p2pml.SegmentLoaded{At: now, Segment: s, Source: p2pml.HTTP, Bytes: q.loaded,
		BytesHTTP: q.loaded, Latency: q.endedAt - q.startedAt, SinceFirstStart: q.endedAt - q.startedAt})
}

func (p *Player) reportDirectFailure(f *fragLoad, q *request, bad *failure) {
	kind := p2pml.ErrorHTTP
	if bad.timeout {
		kind = p2pml.ErrorBytesReceivingTimeout
	}
	s := p.engineSegment(f)
	p.ev.OnSegmentError(p2pml.SegmentError{At: p.env.Now(), Segment: s, Source: p2pml.HTTP, Type: kind, Message: bad.Error()})
	p.reportDiscard(s, q, p2pml.DiscardMismatch)
}

func (p *Player) reportDirectAbort(f *fragLoad) {
	s := p.engineSegment(f)
	p.ev.OnSegmentAbort(p2pml.SegmentAbort{At: p.env.Now(), Segment: s, Source: p2pml.HTTP, Held: f.http.loaded})
	p.reportDiscard(s, f.http, p2pml.DiscardAborted)
}

func (p *Player) reportDiscard(s *p2pml.Segment, q *request, cause p2pml.DiscardCause) {
	if q.loaded > 0 {
		p.ev.OnBytesDiscarded(p2pml.BytesDiscarded{At: p.env.Now(), Segment: s, BytesHTTP: q.loaded, Cause: cause})
	}
}
