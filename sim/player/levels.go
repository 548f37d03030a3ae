package player

import (
	"math"
	"time"
)

// enterLevel makes a level the one that is loaded: hls.nextLoadLevel = i (level-controller.ts).
func (p *Player) enterLevel(l *level) {
	p.auto.force(l.index)
	if p.loadLevel == l.index {
		return
	}
	p.loadLevel = l.index
	p.abandonAlarm.stop() // abr-controller.ts, onLevelSwitching
	if p.core != nil && l.bitrate > 0 {
		p.core.SetActiveLevelBitrate(l.bitrate)
	}
	if l.details == nil || l.details.live {
		p.loadPlaylist()
	}
}

// loadPlaylist loads the current level's playlist, now or when it is due (base-playlist-controller.ts, scheduleLoading).
func (p *Player) loadPlaylist() {
	p.reloadAlarm.stop()
	l := p.levels[p.loadLevel]
	if d := l.details; d != nil {
		if !d.live {
			return
		}
		if wait := d.due - p.env.Now(); wait > 0 {
			p.reloadAlarm.set(wait, p.fetchPlaylist)
			return
		}
	}
	p.fetchPlaylist()
}

// fetchPlaylist asks for the current level's playlist. One playlist request is under way at a time; one for another level is
// given up (playlist-loader.ts).
func (p *Player) fetchPlaylist() {
	p.reloadAlarm.stop()
	l := p.levels[p.loadLevel]
	if p.levelRequest != nil {
		if p.levelRequested == l {
			return
		}
		p.levelRequest.cancel()
	}
	if p.state == loadIdle && p.mustWaitFor(l) {
		p.state = loadWaiting // stream-controller.ts, onLevelLoading
	}
	p.levelRequested = l
	p.levelRequest = p.get(l.url, nil, playlistPolicy, keepBody, func(q *request, f *failure) {
		p.levelRequest, p.levelRequested = nil, nil
		p.playlistArrived(l, q, f)
	})
}

func (p *Player) playlistArrived(l *level, q *request, f *failure) {
	if f != nil {
		p.playlistFailed(l, f, f.timeout, f.retriable())
		return
	}
	list, err := p.cfg.Playlists.parse(l.url, q.body)
	switch {
	case err != nil:
		p.playlistUnusable(l, err)
	case len(list.segments) == 0:
		p.emptyPlaylist(l, list)
	default:
		p.levelLoaded(l, list, q)
	}
}

// levelLoaded takes a new playlist in, in the order in which hls.js's controllers hear of it.
func (p *Player) levelLoaded(l *level, list *playlist, q *request) {
	d := p.merge(l, list, q)
	p.auto.playlistSeconds = seconds(q.endedAt - q.firstByteAt)
	p.abandonOnPlaylist()
	first := !p.startRequested
	old := l.details
	if l.fragmentError == 0 {
		l.loadError = 0
	}
	p.switchedAwayFrag(l)
	l.details, p.lastLoaded = d, l
	p.forget(l, old)
	if first {
		p.setStartPosition(d)
	}
	p.levelUpdated(l, d)
	if l.index == p.loadLevel {
		p.scheduleReload(d, q)
	}
	p.ev.OnPlaylistLoaded(PlaylistLoaded{At: p.env.Now(), Level: l.index, URL: l.url, Bytes: q.loaded,
		Latency: q.endedAt - q.startedAt, Live: d.live, Advanced: d.advanced, Edge: d.edge()})
	if p.state == loadWaiting {
		p.state = loadIdle
	}
	if !first && d.live {
		p.synchronize(d)
	}
	p.tick()
}

// merge puts a playlist on the viewer's timeline and compares it with the one before (level-details.ts, level-helper.ts).
func (p *Player) merge(l *level, list *playlist, q *request) *details {
	d := &details{playlist: list, updated: true, advanced: true, advanceAt: q.firstByteAt, due: q.startedAt}
	old := l.details
	switch {
	case old != nil:
		d.align(old)
		d.advanced = d.last() > old.last()
		d.updated = d.last() != old.last() || !d.live
		if d.updated {
			d.misses = old.misses * 6 / 10
		} else {
			d.misses = old.misses + 1
		}
		if !d.advanced {
			d.advanceAt = old.advanceAt
		}
	case list.live && p.lastLoaded != nil:
		d.align(p.lastLoaded.details)
	}
	return d
}

// scheduleReload sets the next load of a live playlist, counted from the start of this one.
func (p *Player) scheduleReload(d *details, q *request) {
	p.reloadAlarm.stop()
	if !d.live {
		return
	}
	d.due = max(q.startedAt+p.reloadInterval(d), p.env.Now())
	p.loadPlaylist()
}

// reloadInterval: a target duration after a change (the last segment's, if shorter and the picture is near the edge), half
// of one otherwise (level-helper.ts, computeReloadInterval).
func (p *Player) reloadInterval(d *details) time.Duration {
	s := d.targetDuration
	switch {
	case !d.updated:
		s /= 2
	case 4*s > d.edge()-p.loadPosition():
		s = math.Min(s, d.segments[len(d.segments)-1].duration)
	}
	return time.Duration(math.Round(s*1000)) * time.Millisecond
}

// mustWaitFor tells whether nothing may be asked of a level before its playlist is loaded anew: it has none, or it is live and
// not the freshest, or so old that it cannot be true any more.
func (p *Player) mustWaitFor(l *level) bool {
	d := l.details
	if d == nil {
		return true
	}
	return d.live && (p.lastLoaded != l || p.expired(d))
}

// expired: the playlist has not moved for longer than all it shows (level-details.ts).
func (p *Player) expired(d *details) bool {
	return d.misses < 3 && p.age(d) > d.duration+d.averageDuration()
}

// forget drops what is known of segments that left a live playlist long ago, so that a viewer's memory does not grow.
func (p *Player) forget(l *level, old *details) {
	if old == nil || !l.details.live {
		return
	}
	for s := old.first; s < min(l.details.first, old.last()+1); s++ {
		delete(l.tracked, s)
	}
}

// latest is the playlist that came last (hls.latestLevelDetails).
func (p *Player) latest() *details {
	if p.lastLoaded == nil {
		return nil
	}
	return p.lastLoaded.details
}
