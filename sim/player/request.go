package player

import (
	"fmt"
	"time"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// failure is why a request of the player failed. status is the server's answer, 0 if there was none.
type failure struct {
	timeout bool
	status  int
	err     error
}

func (f *failure) Error() string {
	switch {
	case f.timeout:
		return "timed out"
	case f.status != 0:
		return fmt.Sprintf("status %d", f.status)
	case f.err != nil:
		return f.err.Error()
	}
	return "no answer"
}

func (f *failure) Unwrap() error { return f.err }

// maxPlaylistBytes bounds what a hostile or broken origin can make a viewer keep. A day of two-second segments is under 4 MiB.
const maxPlaylistBytes = 16 << 20

// keeping says what becomes of a body.
type keeping int

const (
	keepCount  keeping = iota // only its length: init sections
	keepBody                  // all of it: playlists
	keepBlocks                // its blocks, each told as a chunk when it comes: segments
)

// request is one XMLHttpRequest of hls.js (src/utils/xhr-loader.ts), without its retries.
type request struct {
	p      *Player
	fetch  p2pml.Fetch
	policy loadPolicy
	timer  timer
	keep   keeping
	done   func(*request, *failure)

	startedAt   time.Duration
	firstByteAt time.Duration // when the headers came; -1 before
	endedAt     time.Duration
	status      int
	total       int64 // Content-Length; -1 if unknown
	loaded      int64
	body        []byte
	blocks      []webtorrent.Message
	over        bool
}

// get starts a request. done is called once, unless the request is cancelled first.
func (p *Player) get(url string, r *p2pml.ByteRange, policy loadPolicy, keep keeping, done func(*request, *failure)) *request {
	q := &request{p: p, policy: policy, keep: keep, done: done, startedAt: p.env.Now(), firstByteAt: -1, total: -1}
	limit := policy.firstByte
	if limit == 0 {
		limit = policy.whole
	}
	q.timer = p.env.After(limit, q.timedOut)
	q.fetch = p.env.Fetch(p2pml.FetchRequest{URL: url, Range: r}, q)
	return q
}

// cancel ends the request; nobody is told.
func (q *request) cancel() {
	if q == nil || q.over {
		return
	}
	q.finish()
	q.fetch.Cancel()
}

func (q *request) finish() {
	q.over = true
	q.endedAt = q.p.env.Now()
	q.timer.Stop()
}

func (q *request) fail(f *failure) {
	q.finish()
	q.done(q, f)
}

func (q *request) timedOut() {
	if q.over {
		return
	}
	q.fetch.Cancel()
	q.fail(&failure{timeout: true})
}

// FetchHeaders re-arms the timer with what is left of the whole time, as hls.js does when the first byte is in.
func (q *request) FetchHeaders(h p2pml.FetchHeaders) {
	if q.over || q.firstByteAt >= 0 {
		return
	}
	q.firstByteAt, q.status, q.total = q.p.env.Now(), h.Status, h.ContentLength
	if q.policy.firstByte != 0 {
		q.timer.Stop()
		q.timer = q.p.env.After(max(0, q.startedAt+q.policy.whole-q.firstByteAt), q.timedOut)
	}
}

// FetchBody counts what came, and keeps what is wanted.
func (q *request) FetchBody(m webtorrent.Message) {
	if q.over {
		return
	}
	q.loaded += int64(m.Size)
	switch {
	case q.keep == keepBlocks:
		q.blocks = append(q.blocks, m)
		q.p.reportDirectChunk(m)
	case q.keep == keepBody && q.loaded > maxPlaylistBytes:
		q.fetch.Cancel()
		q.fail(&failure{err: fmt.Errorf("playlist is larger than %d bytes", maxPlaylistBytes)})
	case q.keep == keepBody:
		q.body = append(q.body, m.Bytes...)
	}
}

// FetchDone judges the answer. A body shorter than announced is a network error to a browser, hence status 0.
func (q *request) FetchDone(err error) {
	if q.over {
		return
	}
	switch {
	case err != nil:
		q.fail(&failure{err: err})
	case q.firstByteAt < 0:
		q.fail(&failure{err: fmt.Errorf("no headers")})
	case q.status < 200 || q.status > 299:
		q.fail(&failure{status: q.status})
	case q.total >= 0 && q.loaded < q.total:
		q.fail(&failure{err: fmt.Errorf("body ended after %d of %d bytes", q.loaded, q.total)})
	default:
		q.finish()
		q.done(q, nil)
	}
}

// ttfb is how long the first byte took.
func (q *request) ttfb() time.Duration {
	if q.firstByteAt < 0 {
		return -1
	}
	return q.firstByteAt - q.startedAt
}
