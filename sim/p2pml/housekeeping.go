package p2pml

// tidy looks at what became of every request before anything is started.
//
// P2P Media Loader 2.3 behaviour: housekeeping pass.
func (l *hybridLoader) tidy(queueRatio float64) {
	now := l.core.env.Now()
	kept := l.requests[:0]
	for _, r := range l.requests {
		stays := l.tidyOne(r, queueRatio)
		r.handled = true
		if r.hasFailures() && ms(now)-ms(r.lastFailure) > failureMemoryMs {
			r.forgetFailures()
		}
		if stays {
			kept = append(kept, r)
		} else {
			l.stir()
		}
	}
	clear(l.requests[len(kept):])
	l.requests = kept
}

// tidyOne reports whether the request stays in the table. One that leaves loses its bytes.
func (l *hybridLoader) tidyOne(r *request, queueRatio float64) bool {
	forPlayer := l.engine != nil && l.engine.seg == r.seg
	switch r.status {
	case loading:
		if r.seg.queued == l.passes || forPlayer {
			return true
		}
		r.abort()
		l.remove(r)
		return false
	case succeeded:
		l.finish(r, forPlayer, queueRatio)
		return false
	case failed:
		return l.tidyFailed(r, forPlayer)
	default:
		l.remove(r)
		return false
	}
}

// finish hands a complete segment to the player, if it waits for it, and to the storage.
func (l *hybridLoader) finish(r *request, forPlayer bool, queueRatio float64) {
	if r.source == HTTP {
		l.broadcast()
	}
	if forPlayer {
		l.resolve(l.engine.handler, r.data, queueRatio)
		l.engine = nil
	}
	r.seg.request = nil
	shelf := r.seg.rendition
	if l.core.cfg.Defects.FiledUnderPlayed {
		shelf = l.last.rendition
	}
	l.core.storage.store(shelf.swarmID, r.seg, r.data)
}

func (l *hybridLoader) tidyFailed(r *request, forPlayer bool) (stays bool) {
	if r.source == HTTP && !r.handled {
		l.broadcast()
	}
	stays = forPlayer || l.last.rendition.byID[r.seg.RuntimeID] != nil
	if !stays {
		l.remove(r)
	}
	if forPlayer && r.httpFailures >= l.cfg.HTTPErrorRetries {
		l.reject(l.engine.handler, ErrFailed)
		l.engine = nil
	}
	return stays
}

func (l *hybridLoader) remove(r *request) {
	r.discard(DiscardAborted)
	r.seg.request = nil
}

// discardUnless throws the bytes of an unfinished request away.
func (r *request) discardUnless(s requestStatus, why DiscardCause) {
	if r.status != s {
		r.discard(why)
	}
}
