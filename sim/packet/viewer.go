package packet

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"

	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim/p2pml"
	viewing "swarmlab/sim/viewer"
	"swarmlab/sim/webtorrent"
)

// viewer is one viewer of the packet tier: the goroutine its turns run on, its host, and the environment (p2pml.Env) that its
// player and core see.
type viewer struct {
	*viewing.Viewer
	plan         scenarios.Viewer
	turns        *turns
	host         host
	client       *http.Client
	rtc          webrtc.Configuration
	descriptions viewing.Descriptions // only touched on the turn
	rand         *rand.Rand
	wire         *wireCounter
	tamper       func([]byte) []byte

	ctx    context.Context // ends what the viewer has running on the network
	cancel context.CancelFunc
	group  sync.WaitGroup // fetches, sockets and peer connections
	ended  chan struct{}  // closed when nothing of the viewer runs any more

	gone  chan struct{} // closed when the stay is over
	final sample        // the record then; to be read when gone is closed
}

// sample is what a viewer tells the sampler.
type sample struct {
	totals results.Totals
	gauge  results.Gauge
}

var _ p2pml.Env = (*viewer)(nil)

// newViewer makes a viewer on its host. Nothing runs before start.
func newViewer(w *world, plan scenarios.Viewer, h host) *viewer {
	// The run's context must not reach it: a run that is interrupted ends its viewers in order.
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.ctx))
	v := &viewer{
		plan: plan, host: h, turns: newTurns(w.start),
		client: newClient(h, w.tls), rtc: w.rtc,
		rand: rand.New(rand.NewPCG(plan.Seed, 0x5ca1ab1e)),
		wire: &w.wire, tamper: w.tamper, ctx: ctx, cancel: cancel, ended: make(chan struct{}), gone: make(chan struct{}),
	}
	v.Viewer = viewing.New(v, w.scenario, plan, w.deployment, w.source)
	return v
}

// start begins to watch and keeps the viewer's turns until it leaves or is finished.
func (v *viewer) start() {
	v.turns.post(v.Viewer.Start)
	go func() {
		defer close(v.ended)
		v.turns.run()
		v.cancel()
		v.client.CloseIdleConnections()
		v.group.Wait()
		_ = v.host.Close() // the viewer is gone, whatever its host says
	}()
}

// leave ends the stay. Who vanishes loses the link first, so that nobody is told.
func (v *viewer) leave(clean bool) {
	if !clean {
		v.host.Vanish()
	}
	v.end(func() { v.Leave(clean) })
}

// finish ends the record where the run ends.
func (v *viewer) finish() { v.end(v.Finish) }

// end takes a last turn; a second one never comes.
func (v *viewer) end(last func()) {
	v.turns.post(func() {
		_, v.final.gauge = v.Sample()
		last()
		v.final.totals, _ = v.Sample()
		close(v.gone)
		v.turns.stop()
	})
}

// ask has the viewer's state taken on its own turn. answer waits for it.
func (v *viewer) ask() (answer func() sample) {
	out := make(chan sample, 1)
	v.turns.post(func() {
		totals, gauge := v.Sample()
		out <- sample{totals, gauge}
	})
	return func() sample {
		select {
		case s := <-out:
			return s
		case <-v.gone: // before the question, or while it waited
			return v.final
		}
	}
}

// Now is the time since the run began.
func (v *viewer) Now() time.Duration { return v.turns.now() }

// After runs f on the viewer's turn.
func (v *viewer) After(d time.Duration, f func()) webtorrent.Timer { return v.turns.after(d, f) }

// Rand is the viewer's own stream of chance.
func (v *viewer) Rand() *rand.Rand { return v.rand }

// Defer runs f at the end of the current turn.
func (v *viewer) Defer(f func()) { v.turns.deferred = append(v.turns.deferred, f) }

// Fetch starts an HTTP GET.
func (v *viewer) Fetch(r p2pml.FetchRequest, h p2pml.FetchHandler) p2pml.Fetch {
	return startFetch(v, r, h)
}

// OpenSocket begins to open a WebSocket.
func (v *viewer) OpenSocket(url string, h webtorrent.SocketHandler) webtorrent.Socket {
	return openSocket(v, url, h)
}

// NewPeerConn begins to make a peer connection.
func (v *viewer) NewPeerConn(offer string, h webtorrent.PeerHandler) webtorrent.PeerConn {
	return newPeerConn(v, offer, v.gathering(offer), h)
}

// gathering is how long a browser gathers for an offer, or the answer to one.
func (v *viewer) gathering(offer string) time.Duration {
	if offer == "" {
		return v.descriptions.Offer(v.Now())
	}
	roundTrip, ok := v.host.reaches(offer)
	return v.descriptions.Answer(v.Now(), roundTrip, ok)
}
