package p2pml

import (
	"time"

	"swarmlab/sim/webtorrent"
)

// failureMemoryMs is how long a request remembers its failed attempts after the last one.
const failureMemoryMs = 60_000

type requestStatus uint8

const (
	notStarted requestStatus = iota
	loading
	succeeded
	failed
	aborted
)

// request is one segment's download: a series of attempts by HTTP or from peers that continue each other's bytes, as long as the
// request stays in its loader's table.
//
// P2P Media Loader 2.3 behaviour: request lifecycle.
type request struct {
	loader *hybridLoader
	seg    *segment
	status requestStatus

	// The latest attempt. It stays after its end: an announcement asks for the source whatever became of it.
	source  Source // "": none yet
	peerID  string
	started time.Duration
	run     attempt // nil: not running

	firstStart        time.Duration
	total             int64 // -1: unknown
	heldHTTP, heldP2P int64
	blocks            []webtorrent.Message
	data              webtorrent.Message // assembled, once succeeded

	httpFailures, p2pFailures int
	lastFailure               time.Duration
	handled                   bool // housekeeping has seen the present status

	silence silenceTimer
}

// attempt is who carries a running attempt out, and wants to know when the request gives it up. why is ErrorAbort or
// ErrorBytesReceivingTimeout.
type attempt interface {
	abandoned(why ErrorType)
}

func newRequest(l *hybridLoader, s *segment) *request {
	r := &request{loader: l, seg: s, total: s.knownBytes()}
	r.silence.init(l.core.env, r.onSilence)
	return r
}

func (r *request) held() int64 { return r.heldHTTP + r.heldP2P }

func (r *request) setStatus(s requestStatus) {
	r.status, r.handled = s, false
	r.loader.stir()
}

// start begins an attempt. timeout is how long it may be silent.
func (r *request) start(src Source, peerID string, run attempt, timeout time.Duration, reason StartReason) {
	core := r.loader.core
	now := core.env.Now()
	if r.source == "" {
		r.firstStart = now
	}
	r.setStatus(loading)
	r.source, r.peerID, r.started, r.run = src, peerID, now, run
	core.startLoading(src)
	*r.loader.busy(src)++
	r.silence.start(timeout)
	core.ev.OnSegmentStart(SegmentStart{
		At: now, Segment: &r.seg.Segment, Source: src, PeerID: peerID, Reason: reason, Held: r.held(),
	})
}

// addBlock takes bytes of the running attempt.
func (r *request) addBlock(m webtorrent.Message) {
	r.silence.touch()
	r.loader.core.addBytes(r.source, m.Size)
	if n := len(r.blocks); n == 0 || !r.blocks[n-1].Extend(m) {
		r.blocks = append(r.blocks, m)
	}
	if r.source == HTTP {
		r.heldHTTP += int64(m.Size)
	} else {
		r.heldP2P += int64(m.Size)
	}
}

// complete asks the page's validation, and ends the running attempt accordingly.
func (r *request) complete(valid func(url string, r *ByteRange, data webtorrent.Message) bool, invalid ErrorType) bool {
	core := r.loader.core
	r.data = core.env.Assemble(&r.seg.Segment, r.blocks)
	if valid != nil && !valid(r.seg.URL, r.seg.ByteRange, r.data) {
		r.clearBytes(DiscardInvalid)
		r.fail(invalid, "")
		return false
	}
	now := core.env.Now()
	r.end(succeeded)
	r.total = r.held()
	r.blocks = nil
	core.ev.OnSegmentLoaded(SegmentLoaded{
		At: now, Segment: &r.seg.Segment, Source: r.source, PeerID: r.peerID,
		Bytes: r.held(), BytesHTTP: r.heldHTTP, BytesP2P: r.heldP2P,
		Latency: now - r.started, SinceFirstStart: now - r.firstStart,
	})
	r.loader.wake()
	return true
}

// fail ends the running attempt with an error. Bytes are kept.
func (r *request) fail(t ErrorType, message string) {
	core := r.loader.core
	now := core.env.Now()
	r.end(failed)
	if r.source == HTTP {
		r.httpFailures++
	} else {
		r.p2pFailures++
	}
	r.lastFailure = now
	core.ev.OnSegmentError(SegmentError{
		At: now, Segment: &r.seg.Segment, Source: r.source, PeerID: r.peerID, Type: t, Message: message,
	})
	r.loader.wake()
}

// abort ends the running attempt because the scheduler wants so. It is no failure, and wakes nobody.
func (r *request) abort() {
	core := r.loader.core
	run := r.run
	r.end(aborted)
	run.abandoned(ErrorAbort)
	core.ev.OnSegmentAbort(SegmentAbort{
		At: core.env.Now(), Segment: &r.seg.Segment, Source: r.source, PeerID: r.peerID, Held: r.held(),
	})
}

// onSilence: no bytes for too long. The one who carries the attempt out is told before the error is: a peer that is closed for
// its third time-out reports its closing first.
func (r *request) onSilence() {
	run := r.run
	r.run = nil
	run.abandoned(ErrorBytesReceivingTimeout)
	r.fail(ErrorBytesReceivingTimeout, "")
}

func (r *request) end(s requestStatus) {
	r.setStatus(s)
	r.run = nil
	r.silence.stop()
	r.loader.core.stopLoading(r.source)
	*r.loader.busy(r.source)--
}

// clearBytes throws away what is held. The library forgets the total too, even one that the playlist tells.
func (r *request) clearBytes(why DiscardCause) {
	r.discard(why)
	r.total = -1
}

// discard throws away what is held, if anything.
func (r *request) discard(why DiscardCause) {
	if r.held() > 0 {
		core := r.loader.core
		core.ev.OnBytesDiscarded(BytesDiscarded{
			At: core.env.Now(), Segment: &r.seg.Segment, BytesHTTP: r.heldHTTP, BytesP2P: r.heldP2P, Cause: why,
		})
	}
	r.heldHTTP, r.heldP2P, r.blocks, r.data = 0, 0, nil, webtorrent.Message{}
}

// holdsAll reports whether no byte is missing, so that an attempt completes without asking anybody. Holding too many means that
// they are worthless.
func (r *request) holdsAll() bool {
	if r.total <= 0 {
		return false
	}
	if r.held() > r.total {
		r.clearBytes(DiscardMismatch)
		return false
	}
	return r.held() == r.total
}

// hasFailures reports whether there is a failure to remember.
func (r *request) hasFailures() bool { return r.httpFailures+r.p2pFailures > 0 }

func (r *request) forgetFailures() { r.httpFailures, r.p2pFailures = 0, 0 }
