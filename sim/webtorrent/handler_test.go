package webtorrent

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// signalling is a whole exchange between two clients of a server.
func signalling(s *server) {
	s.Helper()
	a, b := s.connect(), s.connect()
	defer b.bye()
	a.say(string(announceMessage(infoName(1), peerName(1), 5)))
	a.mustHear("response")
	b.say(string(announceMessage(infoName(1), peerName(2), 5)))
	if r := b.mustHear("response"); r.Incomplete != 2 {
		s.Errorf("%+v", r)
	}
	offer := a.mustHear("offer")
	if offer.Peer != peerName(2) || !strings.HasPrefix(offer.SDP, "v=0\r\n") {
		s.Errorf("%+v", offer)
	}
	a.say(fmt.Sprintf(`{"action":"announce","info_hash":%q,"peer_id":%q,"to_peer_id":%q,"offer_id":%q,"answer":{"type":"answer","sdp":"yes"}}`,
		infoName(1), peerName(1), offer.Peer, offer.OfferID))
	if answer := b.mustHear("answer"); answer.SDP != "yes" || answer.OfferID != offer.OfferID || answer.Peer != peerName(1) {
		s.Errorf("%+v", answer)
	}
	b.say("{ not JSON")
	b.mustHear("failure")
	if c := s.h.Counters(); c.Connections != 2 || c.Peers != 2 || c.Announces != 2 || c.AnswersRelayed != 1 || c.Errors != 1 {
		s.Errorf("%+v", c)
	}
	a.bye()
	waitFor(s, func() bool { return s.h.Counters().Peers == 1 })
}

// bothWays tests what must be the same with goroutines and, where there is one, with the event loop.
func bothWays(t *testing.T, test func(t *testing.T, loop bool)) {
	t.Run("goroutines", func(t *testing.T) { test(t, false) })
	t.Run("event loop", func(t *testing.T) { test(t, true) })
}

func TestHandlerOnTheLoopback(t *testing.T) {
	bothWays(t, func(t *testing.T, loop bool) {
		signalling(loopback(t, TrackerConfig{}, HandlerConfig{EventLoop: loop}))
	})
}

func TestHandlerInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t, TrackerConfig{}, HandlerConfig{})
		signalling(s)
		s.close()
	})
}

func TestHandlerDelaysWhatItSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t, TrackerConfig{}, HandlerConfig{Delay: 3 * time.Second})
		c := s.connect()
		start := time.Now()
		for range 3 {
			c.say(string(announceMessage(infoName(1), peerName(1), 0)))
		}
		for range 3 {
			c.mustHear("response")
			if d := time.Since(start); d != 3*time.Second {
				t.Errorf("heard after %v", d)
			}
		}
		c.say(string(announceMessage(infoName(1), peerName(1), 0))) // still delayed when the tracker closes
		go func() { _, _ = c.hear() }()                             // answers the closing handshake
		synctest.Wait()
		s.close()
		c.bye()
	})
}

func TestHandlerForgetsPeersThatFellSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t, TrackerConfig{Interval: time.Minute}, HandlerConfig{})
		c := s.connect()
		c.say(string(announceMessage(infoName(1), peerName(1), 0)))
		c.mustHear("response")
		time.Sleep(3*time.Minute - time.Second)
		if n := s.h.Counters().Peers; n != 1 {
			t.Errorf("%d peers before the timeout", n)
		}
		time.Sleep(2 * time.Second)
		if n := s.h.Counters().Peers; n != 0 {
			t.Errorf("%d peers after the timeout", n)
		}
		c.bye()
		s.close()
	})
}

func TestHandlerClosesIdleConnectionsIfTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t, TrackerConfig{}, HandlerConfig{IdleTimeout: time.Minute})
		c := s.connect()
		time.Sleep(59 * time.Second)
		if s.h.Counters().Connections != 1 {
			t.Error("closed too early")
		}
		time.Sleep(2 * time.Second)
		if s.h.Counters().Connections != 0 {
			t.Error("still open")
		}
		c.bye()
		s.close()
	})
}

// One peer stops reading while another sends it thousands of offers: memory stays bounded, the reader is dropped, the other
// is not held up.
func TestSlowReaderIsDropped(t *testing.T) {
	for name, tt := range map[string]struct {
		cfg          HandlerConfig
		atLeast, max int
	}{
		"at so many bytes":    {HandlerConfig{QueueBytes: 64 << 10}, 12, 20},
		"at so many messages": {HandlerConfig{QueueMessages: 5}, 6, 8}, // one more is being written
	} {
		t.Run(name, func(t *testing.T) { slowReader(t, tt.cfg, tt.atLeast, tt.max) })
	}
}

func slowReader(t *testing.T, cfg HandlerConfig, atLeast, atMost int) {
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t, TrackerConfig{}, cfg)
		slow, fast := s.connect(), s.connect()
		slow.say(string(announceMessage(infoName(1), peerName(1), 0)))
		slow.mustHear("response")
		big := announce{infoHash: infoName(1), peerID: peerName(2), offers: []Offer{{SDP: strings.Repeat("x", 5000)}}}
		m := string(big.append(nil))
		sent := 0
		for ; s.h.Counters().SlowReaders == 0; sent++ {
			if sent > atMost {
				t.Fatal("the slow reader stays")
			}
			fast.say(m)
			fast.mustHear("response")
			checkQueues(t, s.h)
			synctest.Wait()
		}
		if sent < atLeast {
			t.Errorf("dropped after %d messages: the queue was not used", sent)
		}
		fast.say(`{"action":"scrape","info_hash":"` + infoName(1) + `"}`)
		if got := fast.mustHear("scrape"); got.Files[infoName(1)]["incomplete"] != 1 {
			t.Errorf("%+v: the dropped peer is still in the swarm", got)
		}
		for {
			if _, err := slow.hear(); err != nil {
				break
			}
		}
		slow.bye()
		fast.bye()
		s.close()
	})
}

// A reader that takes too long for one message is dropped, too, however little waits.
func TestStuckReaderIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t, TrackerConfig{}, HandlerConfig{WriteTimeout: 7 * time.Second})
		c := s.connect()
		c.say(string(announceMessage(infoName(1), peerName(1), 0)))
		time.Sleep(6 * time.Second)
		if s.h.Counters().Connections != 1 {
			t.Error("dropped too early")
		}
		time.Sleep(2 * time.Second)
		if s.h.Counters().Connections != 0 {
			t.Error("still there")
		}
		c.bye()
		s.close()
	})
}

func checkQueues(t *testing.T, h *Handler) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, out := range h.conns {
		c := out.(*handlerConn)
		c.mu.Lock()
		total := 0
		for _, q := range c.queue {
			total += len(q.text)
		}
		if total != c.bytes || total > h.cfg.QueueBytes || len(c.queue) > h.cfg.QueueMessages {
			t.Errorf("%d messages of %d bytes wait, counted %d, limits %+v", len(c.queue), total, c.bytes, h.cfg)
		}
		c.mu.Unlock()
	}
}

func TestHandlerTakesTenRealOffersAndRefusesMore(t *testing.T) {
	bothWays(t, func(t *testing.T, loop bool) {
		s := loopback(t, TrackerConfig{}, HandlerConfig{EventLoop: loop})
		real := announce{infoHash: infoName(1), peerID: peerName(1)}
		for i := range 10 {
			real.offers = append(real.offers, Offer{ID: ID{byte(i)}, SDP: strings.Repeat("a=candidate:1 1 udp 2122260223 10.0.0.1 50000 typ host\r\n", 60)})
		}
		c := s.connect()
		defer c.bye()
		c.say(string(real.append(nil)))
		c.mustHear("response")
		c.say(strings.Repeat(" ", DefaultReadLimit+1))
		if _, err := c.hear(); websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
			t.Errorf("a message beyond the limit: %v", err)
		}
		waitFor(t, func() bool { return s.h.Counters().Connections == 0 })
	})
}

func TestHandlerTakesBinaryMessages(t *testing.T) {
	bothWays(t, func(t *testing.T, loop bool) {
		s := loopback(t, TrackerConfig{}, HandlerConfig{EventLoop: loop})
		c := s.connect()
		defer c.bye()
		if err := c.ws.Write(context.Background(), websocket.MessageBinary, announceMessage(infoName(1), peerName(1), 0)); err != nil {
			t.Fatal(err)
		}
		c.mustHear("response")
	})
}

func TestHandlerLimitsConnections(t *testing.T) {
	bothWays(t, func(t *testing.T, loop bool) {
		s := loopback(t, TrackerConfig{}, HandlerConfig{MaxConnections: 1, EventLoop: loop})
		c := s.connect()
		_, resp, err := websocket.Dial(context.Background(), "ws://x/", &websocket.DialOptions{
			HTTPClient: &http.Client{Transport: &http.Transport{DialContext: s.dial}},
		})
		if err == nil || resp == nil || resp.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("second connection: %v", err)
		}
		c.bye()
		waitFor(t, func() bool { return s.h.Counters().Connections == 0 })
		s.connect().bye()
	})
}

func TestHandlerIsNoWebPage(t *testing.T) {
	h := NewHandler(newTestTracker(t, TrackerConfig{}), HandlerConfig{})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusUpgradeRequired {
		t.Errorf("status %d", w.Code)
	}
	if err := h.Close(); err != nil || h.Counters().Connections != 0 {
		t.Error("a failed handshake left something")
	}
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d after Close", w.Code)
	}
}

// Close tells the clients, and leaves no goroutine.
func TestHandlerEndsClean(t *testing.T) {
	bothWays(t, func(t *testing.T, loop bool) {
		before := runtime.NumGoroutine()
		s := &server{T: t, h: NewHandler(newTestTracker(t, TrackerConfig{}), HandlerConfig{EventLoop: loop})}
		ts := httptest.NewServer(s.h)
		s.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, ts.Listener.Addr().String())
		}
		clients, heard := listeners(s, 8)
		if err := s.h.Close(); err != nil {
			t.Fatal(err)
		}
		for range clients {
			if err := <-heard; websocket.CloseStatus(err) != websocket.StatusGoingAway {
				t.Errorf("a client heard %v", err)
			}
		}
		if c := s.h.Counters(); c.Connections != 0 || c.Peers != 0 {
			t.Errorf("%+v is left", c)
		}
		for _, c := range clients {
			c.bye()
		}
		ts.Close()
		waitFor(t, func() bool { return runtime.NumGoroutine() <= before })
	})
}

// Clients that do not read cannot hold Close up for long, and in a bubble a goroutine left behind would fail the test.
func TestHandlerEndsCleanWithDeadClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t, TrackerConfig{}, HandlerConfig{})
		clients, _ := listeners(s, 3)
		for i := range 3 {
			dead := s.connect()
			clients = append(clients, dead)
			dead.say(string(announceMessage(infoName(1), peerName(10+i), 0)))
		}
		start := time.Now()
		s.close()
		if d := time.Since(start); d > 30*time.Second {
			t.Errorf("closing took %v", d)
		}
		for _, c := range clients {
			c.bye()
		}
	})
}

// Many clients at once, for the race detector: everything offered is relayed, everything answered comes back.
func TestHandlerUnderConcurrency(t *testing.T) {
	bothWays(t, func(t *testing.T, loop bool) {
		s := loopback(t, TrackerConfig{}, HandlerConfig{EventLoop: loop})
		const n, rounds = 16, 10
		var all sync.WaitGroup
		for i := range n {
			c := s.connect()
			all.Go(func() {
				defer c.bye()
				for range rounds {
					c.say(string(announceMessage(infoName(1), peerName(i), 3)))
					for {
						m, err := c.hear()
						if err != nil {
							t.Error(err)
							return
						}
						if m.Kind == "response" {
							break
						}
					}
				}
			})
		}
		all.Wait()
		waitFor(t, func() bool { return s.h.Counters().Peers == 0 })
		if c := s.h.Counters(); c.Announces != n*rounds || c.OffersIn != 3*n*rounds || c.Errors != 0 || c.SlowReaders != 0 {
			t.Errorf("%+v", c)
		}
	})
}
