package packet

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"swarmlab/netem"
)

// TestHowLongDescriptionsTake with real connections: an offer takes a browser's time, and its answer goes out a round trip of 40 ms after
// it is begun where the checks get through at once, and after all phases where a NAT keeps them out. Either way they connect.
func TestHowLongDescriptionsTake(t *testing.T) {
	const offer, work, roundTrip, phases = 110 * time.Millisecond, 6 * time.Millisecond, 40 * time.Millisecond, 100 * time.Millisecond
	for nat, answer := range map[netem.NAT]time.Duration{
		netem.NATNone:           work + roundTrip,
		netem.NATFullCone:       work + roundTrip,
		netem.NATRestricted:     work + phases,
		netem.NATPortRestricted: work + phases,
	} {
		inBenchBubble(1, nat, func(n *benchNet) {
			offers, answers := n.wait(false)
			<-offers.opened
			if offers.signaled != offer {
				t.Errorf("%s: an offer after %v, want %v", nat, offers.signaled, offer)
			}
			if got := answers.signaled - offers.signaled; got != answer {
				t.Errorf("%s: its answer after %v, want %v", nat, got, answer)
			}
		})
	}
}

// TestARelayLetsNobodyInUnasked: with a relay in the offer an answer still gathers to the end where a NAT keeps its checks out. Only the
// answer tells the relay whom to let in (RFC 8656, section 9).
func TestARelayLetsNobodyInUnasked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newGatherNet(t, netem.NATSymmetric)
		l, r := e.connect(t, e.viewer, e.addViewer(t, "other", netem.NATSymmetric), "stun turn")
		<-l.open
		<-r.open
		sdp := l.said
		if !strings.Contains(sdp, "typ relay") {
			t.Fatal("the offer names no relay")
		}
		if roundTrip, ok := r.host.reaches(sdp); ok {
			t.Errorf("checks are taken to be back after %v", roundTrip)
		}
		l.leave()
		r.leave()
	})
}

// TestCandidatesOfOffers: real descriptions and bad ones.
func TestCandidatesOfOffers(t *testing.T) {
	head := "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
	for _, tt := range []struct{ what, offer, want string }{
		{"none", head, "[]"},
		{"not a description", "hello", "[]"},
		{"host and server-reflexive", head + "a=candidate:1 1 udp 2130706431 10.0.1.2 5000 typ host\r\n" +
			"a=candidate:2 1 udp 1694498815 198.18.0.7 6000 typ srflx raddr 10.0.1.2 rport 5000\r\n", "[10.0.1.2 198.18.0.7]"},
		{"a name, garbage, and IPv6", head + "a=candidate:1 1 udp 2130706431 5e9b5d2c-0a0b-4d64-9d0e-2b7c25a7a2b1.local 5000 typ host\r\n" +
			"a=candidate:garbage\r\na=candidate:3 1 udp 2130706431 ::1 5000 typ host\r\n", "[::1]"},
	} {
		if got := fmt.Sprint(candidates(tt.offer)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
	}
}

// TestWhatARealHostReaches: its own machine and networks, and nobody else as far as it knows.
func TestWhatARealHostReaches(t *testing.T) {
	h, err := newRealHost(loopback())
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	offer := func(address string) string {
		return "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n" +
			"a=candidate:1 1 udp 2130706431 " + net.ParseIP(address).String() + " 5000 typ host\r\n"
	}
	for address, want := range map[string]bool{"127.0.0.1": true, "127.0.9.9": true, "203.0.113.7": false} {
		if _, ok := h.reaches(offer(address)); ok != want {
			t.Errorf("%s: reaches %v, want %v", address, ok, want)
		}
	}
}
