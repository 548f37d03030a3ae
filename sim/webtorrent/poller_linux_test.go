package webtorrent

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/gobwas/ws"
)

// rawSocket has made the WebSocket handshake by hand, so that the test decides about every byte after it.
func rawSocket(t *testing.T, s *server, early string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := s.dial(t.Context(), "tcp", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"+early)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	r := bufio.NewReader(conn)
	resp, err := http.ReadResponse(r, nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%+v, %v", resp, err)
	}
	return conn, r
}

// clientFrame is a frame as a client sends it.
func clientFrame(op ws.OpCode, fin bool, payload string) string {
	h := ws.Header{Fin: fin, OpCode: op, Masked: true, Mask: [4]byte{1, 2, 3, 4}, Length: int64(len(payload))}
	var b bytes.Buffer
	_ = ws.WriteHeader(&b, h)
	masked := []byte(payload)
	ws.Cipher(masked, h.Mask, 0)
	return b.String() + string(masked)
}

// What the WebSocket protocol allows, and what it does not, byte by byte.
func TestEventLoopSpeaksWebSocket(t *testing.T) {
	announced := string(announceMessage(infoName(1), peerName(1), 0))
	whole := clientFrame(ws.OpText, true, announced)
	tests := []struct {
		name, send string
		step       int // bytes a write; 0: all
		want       ws.OpCode
		code       ws.StatusCode
		text       string
	}{
		{name: "an announce", send: whole, want: ws.OpText, text: `"interval"`},
		{name: "byte by byte", send: whole, step: 1, want: ws.OpText, text: `"interval"`},
		{name: "in fragments with a ping between", want: ws.OpPong, text: "still there?", send: clientFrame(ws.OpText, false, announced[:50]) +
			clientFrame(ws.OpPing, true, "still there?") + clientFrame(ws.OpContinuation, true, announced[50:])},
		{name: "two in one write", send: whole + whole, want: ws.OpText, text: `"interval"`},
		{name: "a close", send: clientFrame(ws.OpClose, true, ""), want: ws.OpClose, code: ws.StatusNormalClosure},
		{name: "too long", send: clientFrame(ws.OpText, true, strings.Repeat(" ", DefaultReadLimit+1)), want: ws.OpClose, code: ws.StatusMessageTooBig},
		{name: "too long in fragments", want: ws.OpClose, code: ws.StatusMessageTooBig,
			send: clientFrame(ws.OpText, false, strings.Repeat(" ", DefaultReadLimit)) + clientFrame(ws.OpContinuation, true, "  ")},
		{name: "only said to be too long", send: "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", want: ws.OpClose, code: ws.StatusMessageTooBig},
		{name: "not masked", send: "\x81\x02{}", want: ws.OpClose, code: ws.StatusProtocolError},
		{name: "an extension nobody agreed on", send: "\xc1\x80\x00\x00\x00\x00", want: ws.OpClose, code: ws.StatusProtocolError},
		{name: "the end of a message that did not begin", send: clientFrame(ws.OpContinuation, true, "{}"), want: ws.OpClose, code: ws.StatusProtocolError},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := loopback(t, TrackerConfig{}, HandlerConfig{EventLoop: true})
			conn, r := rawSocket(t, s, "")
			step := max(tt.step, 1)
			if tt.step == 0 {
				step = len(tt.send)
			}
			for part := range slices.Chunk([]byte(tt.send), step) {
				if _, err := conn.Write(part); err != nil {
					t.Fatal(err)
				}
			}
			f, err := ws.ReadFrame(r)
			if err != nil || f.Header.OpCode != tt.want || !strings.Contains(string(f.Payload), tt.text) {
				t.Fatalf("%+v %q, %v", f.Header, f.Payload, err)
			}
			if tt.want != ws.OpClose {
				return
			}
			if code, _ := ws.ParseCloseFrameData(f.Payload); code != tt.code {
				t.Errorf("closed with %d, want %d", code, tt.code)
			}
			if _, err := r.ReadByte(); err != io.EOF {
				t.Errorf("after the closing frame: %v, want the end", err)
			}
			waitFor(t, func() bool { return s.h.Counters().Connections == 0 })
		})
	}
}

// A client that does not wait for the handshake is heard all the same.
func TestEventLoopHearsWhoSpeaksEarly(t *testing.T) {
	s := loopback(t, TrackerConfig{}, HandlerConfig{EventLoop: true})
	_, r := rawSocket(t, s, clientFrame(ws.OpText, true, string(announceMessage(infoName(1), peerName(1), 0))))
	if f, err := ws.ReadFrame(r); err != nil || f.Header.OpCode != ws.OpText {
		t.Errorf("%+v, %v", f, err)
	}
}

// One viewer stops reading, and 60 MB are for it. The tracker's memory stays where it was, the viewer is dropped and counted, and
// another one misses nothing.
func TestEventLoopDropsWhoDoesNotRead(t *testing.T) {
	bothWays(t, func(t *testing.T, loop bool) {
		if !loop && testing.Short() {
			t.Skip("half a minute under the race detector; TestSlowReaderIsDropped is for goroutines too")
		}
		s := loopback(t, TrackerConfig{}, HandlerConfig{EventLoop: loop})
		slow, _ := rawSocket(t, s, clientFrame(ws.OpText, true, string(announceMessage(infoName(1), peerName(1), 0))))
		if err := slow.(*net.TCPConn).SetReadBuffer(4096); err != nil {
			t.Fatal(err)
		}
		good, sender := s.connect(), s.connect()
		defer good.bye()
		defer sender.bye()
		good.say(string(announceMessage(infoName(1), peerName(2), 0)))
		good.mustHear("response")
		const size = 25_000
		rounds := 2400
		if testing.Short() {
			rounds = 260 // 6.5 MB: more than the kernel keeps and the queue
		}
		a := announce{infoHash: infoName(1), peerID: peerName(3), offers: []Offer{{SDP: strings.Repeat("x", size)}, {SDP: strings.Repeat("y", size)}}}
		m := string(a.append(nil))
		var highest uint64
		for i := range rounds {
			sender.say(m)
			sender.mustHear("response")
			good.mustHear("offer")
			if i%200 == 0 {
				var stats runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&stats)
				highest = max(highest, stats.HeapAlloc)
			}
		}
		c := s.h.Counters()
		if c.SlowReaders != 1 || c.Connections != 2 {
			t.Errorf("%d slow readers, %d connections; want 1 and 2", c.SlowReaders, c.Connections)
		}
		if limit := uint64(DefaultQueueBytes + 8<<20); highest > limit {
			t.Errorf("the heap grew to %d bytes, want at most %d, of 60 MB", highest, limit)
		}
	})
}

// What all have waiting is bounded too: long before its own bound one is dropped, if there is too much in all.
func TestEventLoopBoundsWhatWaitsForAll(t *testing.T) {
	s := loopback(t, TrackerConfig{}, HandlerConfig{EventLoop: true, QueueBytes: 64 << 20, TotalQueueBytes: 256 << 10})
	rawSocket(t, s, clientFrame(ws.OpText, true, string(announceMessage(infoName(1), peerName(1), 0))))
	sender := s.connect()
	defer sender.bye()
	a := announce{infoHash: infoName(1), peerID: peerName(3), offers: []Offer{{SDP: strings.Repeat("x", 60_000)}}}
	m := string(a.append(nil))
	for range 120 {
		sender.say(m)
		sender.mustHear("response")
	}
	if c := s.h.Counters(); c.SlowReaders != 1 || c.Connections != 1 {
		t.Errorf("%+v", c)
	}
	sender.bye()
	waitFor(t, func() bool { return s.h.Counters().Connections == 0 })
	waitsFor := func() int {
		s.h.poller.mu.Lock()
		defer s.h.poller.mu.Unlock()
		return s.h.poller.waiting
	}
	if n := waitsFor(); n != 0 {
		t.Errorf("%d bytes are counted for nobody", n)
	}
}

// A viewer that reads nothing for longer than the write timeout is dropped, though little waits for it.
func TestEventLoopGivesUpWhoStalls(t *testing.T) {
	s := loopback(t, TrackerConfig{}, HandlerConfig{EventLoop: true, WriteTimeout: 200 * time.Millisecond, QueueBytes: 16 << 20})
	rawSocket(t, s, clientFrame(ws.OpText, true, string(announceMessage(infoName(1), peerName(1), 0))))
	sender := s.connect()
	defer sender.bye()
	a := announce{infoHash: infoName(1), peerID: peerName(3), offers: []Offer{{SDP: strings.Repeat("x", 60_000)}}}
	m := string(a.append(nil))
	for range 120 { // 7 MB: more than the kernel keeps for both ends, less than the queue
		sender.say(m)
		sender.mustHear("response")
	}
	waitFor(t, func() bool { return s.h.Counters().Connections == 1 })
	if c := s.h.Counters(); c.SlowReaders != 1 {
		t.Errorf("%+v", c)
	}
}

// A viewer that pauses and reads on hears everything, in order.
func TestEventLoopWaitsForWhoPauses(t *testing.T) {
	s := loopback(t, TrackerConfig{}, HandlerConfig{EventLoop: true, QueueBytes: 64 << 20, WriteTimeout: time.Minute})
	pausing, sender := s.connect(), s.connect()
	defer pausing.bye()
	defer sender.bye()
	pausing.say(string(announceMessage(infoName(1), peerName(1), 0)))
	pausing.mustHear("response")
	const rounds = 150 // 7.5 MB
	for i := range rounds {
		a := announce{infoHash: infoName(1), peerID: peerName(3), offers: []Offer{{SDP: fmt.Sprint(i, strings.Repeat("x", 50_000))}}}
		sender.say(string(a.append(nil)))
		sender.mustHear("response")
	}
	for i := range rounds {
		if o := pausing.mustHear("offer"); !strings.HasPrefix(o.SDP, fmt.Sprint(i, "x")) {
			t.Fatalf("offer %d begins with %.10q", i, o.SDP)
		}
	}
}

func TestEventLoopClosesIdleConnectionsIfTold(t *testing.T) {
	s := loopback(t, TrackerConfig{}, HandlerConfig{EventLoop: true, IdleTimeout: 300 * time.Millisecond})
	c := s.connect()
	defer c.bye()
	if _, err := c.hear(); err == nil || websocket.CloseStatus(err) != -1 {
		t.Errorf("heard %v, want the connection to break off", err)
	}
}

// The pieces in which bytes come do not matter, no message is longer than the limit, and what is kept is bounded.
func FuzzFrames(f *testing.F) {
	f.Add([]byte(clientFrame(ws.OpText, true, `{"action":"announce"}`)), uint64(1))
	f.Add([]byte(clientFrame(ws.OpText, false, "a")+clientFrame(ws.OpPing, true, "b")+clientFrame(ws.OpContinuation, true, "c")), uint64(2))
	f.Add([]byte(clientFrame(ws.OpBinary, true, strings.Repeat("x", 300))+clientFrame(ws.OpClose, true, "")), uint64(3))
	f.Add([]byte("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00"), uint64(4))
	f.Add([]byte("\x81\xfe\x00"), uint64(5))
	f.Fuzz(func(t *testing.T, b []byte, seed uint64) {
		const limit = 256
		var whole, pieces heardFrames
		wantErr := (&frames{limit: limit}).feed(slices.Clone(b), &whole)
		rng := rand.New(rand.NewPCG(seed, 0))
		in := &frames{limit: limit}
		var err error
		for rest := slices.Clone(b); len(rest) > 0 && err == nil; {
			n := 1 + rng.IntN(len(rest))
			err = in.feed(rest[:n], &pieces)
			rest = rest[n:]
			if held := len(in.rest) + len(in.message); held > 2*limit+ws.MaxHeaderSize {
				t.Fatalf("%d bytes are held", held)
			}
		}
		if fmt.Sprint(err) != fmt.Sprint(wantErr) || !slices.Equal(whole, pieces) {
			t.Fatalf("in pieces %q, %v; at once %q, %v", pieces, err, whole, wantErr)
		}
		for _, m := range whole {
			if len(m) > limit+1 {
				t.Fatalf("a message of %d bytes", len(m))
			}
		}
	})
}

type heardFrames []string

func (h *heardFrames) frameMessage(b []byte) { *h = append(*h, "m"+string(b)) }
func (h *heardFrames) framePing(b []byte)    { *h = append(*h, "p"+string(b)) }
