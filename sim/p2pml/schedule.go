package p2pml

// schedule starts, and where the high-demand window wants it aborts, downloads.
//
// P2P Media Loader 2.3 behaviour: scheduling pass.
func (l *hybridLoader) schedule(queue []queueItem) {
	l.awaitInitial()
	l.scheduleEngine()
	for i := range queue {
		it := &queue[i]
		r := it.seg.request
		switch {
		case r != nil && r.status == succeeded:
		case l.strategy.urgent(l, it):
			l.scheduleUrgent(queue, i)
		case it.p2p && !(r != nil && r.status == loading) && l.busyP2P < l.cfg.SimultaneousP2PDownloads:
			l.startP2P(it.seg, PrefetchP2P)
		}
	}
}

// scheduleEngine serves the player's own request after a jump, if a slot is free; it aborts nothing.
func (l *hybridLoader) scheduleEngine() {
	if l.engine == nil || !l.engine.immediate {
		return
	}
	seg := l.engine.seg
	if r := seg.request; r != nil && (r.status == loading || r.status == succeeded) {
		return
	}
	if l.httpAllowed(seg) && l.busyHTTP < l.cfg.SimultaneousHTTPDownloads {
		l.startHTTP(seg, EngineImmediate)
		return
	}
	if loaded, _ := l.swarms.current.available(seg.ExternalID); loaded && l.busyP2P < l.cfg.SimultaneousP2PDownloads {
		l.startP2P(seg, EngineImmediate)
	}
}

// scheduleUrgent loads by HTTP if a slot is free or can be freed, even if peers have the segment and even if it is being loaded
// from one; from a peer only if HTTP is out of the question.
func (l *hybridLoader) scheduleUrgent(queue []queueItem, i int) {
	seg := queue[i].seg
	r := seg.request
	running := r != nil && r.status == loading
	if running && r.source == HTTP {
		return
	}
	if l.httpAllowed(seg) && (l.busyHTTP < l.cfg.SimultaneousHTTPDownloads || l.abortLastAfter(queue, i, HTTP)) {
		reason := l.urgentReason(seg)
		if running {
			r.abort()
			reason = HighDemandP2PReplaced
		}
		l.startHTTP(seg, reason)
		return
	}
	if running {
		return
	}
	loaded, _ := l.swarms.current.available(seg.ExternalID)
	if loaded && (l.busyP2P < l.cfg.SimultaneousP2PDownloads || l.abortLastAfter(queue, i, P2P)) {
		l.startP2P(seg, HighDemandP2P)
	}
}

// urgentReason tells an operator what stood between this origin request and the swarm.
func (l *hybridLoader) urgentReason(seg *segment) StartReason {
	loaded, any := l.swarms.current.available(seg.ExternalID)
	switch r := seg.request; {
	case r != nil && r.httpFailures > 0:
		return HighDemandHTTPRetry
	case r != nil && r.p2pFailures > 0:
		return HighDemandAfterP2PError
	case loaded:
		return HighDemandPeerHadIt
	case any:
		return HighDemandPeerLoading
	case len(l.swarms.current.peers) == 0:
		return HighDemandNoPeer
	}
	return HighDemandNotAnnounced
}

// abortLastAfter frees a slot by giving up the furthest download of that source behind item i.
func (l *hybridLoader) abortLastAfter(queue []queueItem, i int, src Source) bool {
	for j := len(queue) - 1; j > i; j-- {
		if r := queue[j].seg.request; r != nil && r.status == loading && r.source == src {
			r.abort()
			return true
		}
	}
	return false
}

func (l *hybridLoader) httpAllowed(seg *segment) bool {
	if l.initialWait() {
		return false
	}
	return seg.request == nil || seg.request.httpFailures < l.cfg.HTTPErrorRetries
}

func (l *hybridLoader) startHTTP(seg *segment, reason StartReason) {
	startHTTP(l.requestOf(seg), l.cfg, reason)
	l.broadcast()
}

// startP2P asks a peer that has the segment and is not busy with us; if there is none, nothing happens.
func (l *hybridLoader) startP2P(seg *segment, reason StartReason) {
	if p := l.strategy.choose(l, seg.ExternalID); p != nil {
		p.start(l.requestOf(seg), reason)
	}
}

// busy is the number of running downloads from a source.
func (l *hybridLoader) busy(src Source) *int {
	if src == HTTP {
		return &l.busyHTTP
	}
	return &l.busyP2P
}
