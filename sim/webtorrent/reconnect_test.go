package webtorrent

import (
	"strings"
	"testing"
	"time"
)

func TestClientReconnects(t *testing.T) {
	tests := []struct {
		name string
		run  func(v *viewer)
	}{
		{"an action nobody knows drops the socket", func(v *viewer) {
			for _, bad := range []string{`{"action":"hello"}`, `{"info_hash":"x"}`, `7`, `"announce"`, `[]`} {
				w := newViewer(v.T, ClientConfig{})
				s := w.up()
				s.message(bad)
				if !s.closedByUser {
					v.Errorf("%s: the socket stays", bad)
				}
				w.wantWarnings(1)
				w.w.run(5 * time.Minute)
				w.w.run(10 * time.Second)
				if len(w.env.sockets) != 2 {
					v.Errorf("%s: %d sockets opened, want a second one", bad, len(w.env.sockets))
				}
			}
		}},
		{"it stays away for 10 to 310 s, never announcing", func(v *viewer) {
			var longest time.Duration
			for seed := range uint64(40) {
				w := newViewer(v.T, ClientConfig{})
				w.env = newFakeEnv(w.w, "v", seed)
				w.pool = NewSockets(w.env)
				w.c = w.client(ClientConfig{}, w.ev)
				w.up().fail(nil)
				w.wantWarnings(0)
				lost := w.w.now
				w.w.run(10*time.Second - time.Millisecond)
				if len(w.env.sockets) != 1 {
					v.Fatal("came back before 10 s")
				}
				for len(w.env.sockets) == 1 && w.w.now < lost+time.Hour {
					w.w.run(time.Second)
				}
				longest = max(longest, w.w.now-lost)
				if len(w.env.conns) != 5 {
					v.Fatal("made offers while away")
				}
			}
			if longest < 4*time.Minute || longest > 311*time.Second {
				v.Errorf("longest absence %v, want something below 310 s", longest)
			}
		}},
		{"back, it announces without an event", func(v *viewer) {
			v.up().fail(errLost)
			v.wantWarnings(1)
			v.w.run(6 * time.Minute)
			s := v.env.last()
			s.open()
			v.w.run(time.Second)
			v.wantSent(s, 1, "after coming back")
			if strings.Contains(s.sent[0], `"event"`) {
				v.Errorf("announced %s", s.sent[0])
			}
		}},
		{"periodic announces come back only with an interval", func(v *viewer) {
			v.up().fail(nil)
			v.w.run(6 * time.Minute)
			s := v.env.last()
			s.open()
			v.w.run(10 * time.Minute)
			v.wantSent(s, 1, "ten minutes after coming back")
			s.message(respond(60))
			v.w.run(61 * time.Second)
			v.wantSent(s, 2, "an interval after the response")
		}},
		{"the first announce is lost with the first socket", func(v *viewer) {
			v.c.Start()
			v.env.last().fail(errLost)
			v.w.run(6 * time.Minute)
			s := v.env.last()
			s.open()
			v.w.run(time.Second)
			v.wantSent(s, 1, "once connected")
			if strings.Contains(s.sent[0], "started") {
				v.Error("it says that it started")
			}
		}},
		{"offers that wait die with the socket, connections do not", func(v *viewer) {
			s := v.up()
			s.message(answerTo(v.T, s.sent[0], 0, otherPeer))
			s.message(offerFrom(otherPeer, "o", "offer000000000000001"))
			s.fail(nil)
			for i, c := range v.env.conns {
				if want := i >= 1 && i <= 4; c.closed != want {
					v.Errorf("connection %d closed: %v", i, c.closed)
				}
			}
			v.w.run(time.Second) // the answer is gathered, and has nowhere to go
		}},
		{"the wait doubles with every failure up to an hour, and a success resets it", func(v *viewer) {
			v.c.Start()
			for n, base := range []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second, 80 * time.Second,
				160 * time.Second, 320 * time.Second, 640 * time.Second, 1280 * time.Second, 2560 * time.Second, time.Hour, time.Hour} {
				lost := v.w.now
				v.env.last().fail(errLost)
				for len(v.env.sockets) < n+2 {
					v.w.run(time.Second)
				}
				if d := v.w.now - lost; d < base || d > base+reconnectVariance+time.Second {
					v.Errorf("wait %d took %v, want %v to %v", n, d, base, base+reconnectVariance)
				}
			}
			v.env.last().open()
			v.env.last().fail(nil)
			n := len(v.env.sockets)
			v.w.run(311 * time.Second)
			if len(v.env.sockets) != n+1 {
				v.Error("success did not reset the wait")
			}
		}},
		{"destroyed while away, it stays away", func(v *viewer) {
			v.up().fail(nil)
			v.c.Destroy()
			if len(v.w.events) != 0 {
				v.Errorf("%d timers left", len(v.w.events))
			}
		}},
		{"destroyed by a consumer who was warned, it stays away", func(v *viewer) {
			s := v.up()
			v.ev.onWarning = v.c.Destroy
			s.fail(errLost)
			v.w.run(time.Hour)
			if len(v.env.sockets) != 1 {
				v.Error("it came back")
			}
		}},
		{"destroyed by a consumer who got a peer, it sends nothing more", func(v *viewer) {
			s := v.up()
			v.ev.onPeer = v.c.Destroy
			s.message(offerFrom(otherPeer, "o", "offer000000000000001"))
			v.w.run(time.Hour)
			v.wantSent(s, 1, "after an hour")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(newViewer(t, ClientConfig{})) })
	}
}

func TestClientsShareOneSocketPerTracker(t *testing.T) {
	v := newViewer(t, ClientConfig{})
	s := v.up()
	ev2 := &events{}
	second := v.client(ClientConfig{InfoHash: otherHash, PeerID: otherPeer}, ev2)
	second.Start()
	if len(v.env.sockets) != 1 {
		t.Fatalf("%d sockets", len(v.env.sockets))
	}
	v.w.run(time.Second)
	v.wantSent(s, 2, "after the second client came to the open socket")
	s.message(respond(60))
	s.message(strings.Replace(respond(90), testHash, otherHash, 1))
	if len(v.ev.announced) != 1 || len(ev2.announced) != 1 || ev2.announced[0] != 90*time.Second {
		t.Errorf("heard %v and %v", v.ev.announced, ev2.announced)
	}
	v.c.Destroy()
	if s.done {
		t.Fatal("the socket went with the first who left")
	}
	v.w.run(100 * time.Second)
	v.wantSent(s, 3, "the other goes on alone")
	second.Destroy()
	if !s.closedByUser {
		t.Error("the socket stayed after the last one left")
	}
}

func TestAllClientsOfASocketComeBack(t *testing.T) {
	v := newViewer(t, ClientConfig{})
	s := v.up()
	ev2 := &events{}
	second := v.client(ClientConfig{InfoHash: otherHash, PeerID: otherPeer}, ev2)
	second.Start()
	s.message(`{"action":"nonsense"}`)
	if !s.closedByUser {
		t.Error("the socket stays")
	}
	if len(v.ev.warnings) != 1 || len(ev2.warnings) != 1 {
		t.Errorf("warned %v and %v", v.ev.warnings, ev2.warnings)
	}
	v.w.run(6 * time.Minute)
	if len(v.env.sockets) != 2 {
		t.Fatalf("%d sockets, want one new one for both", len(v.env.sockets))
	}
}

// The defect: the second client comes back to a socket that the first has begun to open, and is never told that it opened.
func TestSilentReattach(t *testing.T) {
	for _, defect := range []bool{false, true} {
		v := newViewer(t, ClientConfig{SilentReattach: defect})
		s := v.up()
		second := v.client(ClientConfig{InfoHash: otherHash, PeerID: otherPeer, SilentReattach: defect}, &events{})
		second.Start()
		s.fail(nil)
		v.w.run(6 * time.Minute) // both are back on a socket that is still connecting
		back := v.env.last()
		back.open()
		v.w.run(10 * time.Minute)
		want := 2
		if defect {
			want = 1
		}
		if len(back.sent) != want {
			t.Errorf("with the defect %v %d clients announce, want %d", defect, len(back.sent), want)
		}
	}
}
