package slowlink

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

const (
	loopbackCandidate = "a=candidate:923542315 1 udp 2122194687 127.0.0.1 46189 typ host generation 0 network-id 3"
	etherCandidate    = "a=candidate:3551318463 1 udp 2122063615 192.0.2.2 49162 typ host generation 0 network-id 1"
	otherCandidates   = "a=candidate:639644067 1 udp 2122267903 ::1 33109 typ host\r\n" +
		"a=candidate:3383162815 1 tcp 1518214911 127.0.0.1 9 typ host tcptype active\r\n" +
		"a=candidate:1 2 udp 1518214911 127.0.0.1 77 typ host\r\n" +
		"a=candidate:2 1 udp 1518214911 127.0.0.1 78 typ srflx raddr 0.0.0.0 rport 0\r\n" +
		"a=candidate:3 1 udp 2113937151 5f3c.local 79 typ host\r\n"
)

func TestRedirect(t *testing.T) {
	to := netip.MustParseAddrPort("127.0.0.1:4711")
	for _, tt := range []struct {
		name, candidates, from string
	}{
		{"the only one", etherCandidate + "\r\n", "192.0.2.2:49162"},
		{"loopback is preferred, last", etherCandidate + "\r\n" + loopbackCandidate + "\r\n", "127.0.0.1:46189"},
		{"loopback is preferred, first", loopbackCandidate + "\r\n" + etherCandidate + "\r\n", "127.0.0.1:46189"},
		{"what is no host candidate over UDP and IPv4 is left out", otherCandidates + etherCandidate + "\n", "192.0.2.2:49162"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := "v=0\r\nm=application 36227 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 192.0.2.2\r\n" +
				tt.candidates + "a=ice-ufrag:s+db\r\n"
			out, from, err := redirect(in, to)
			if err != nil {
				t.Fatal(err)
			}
			if from.String() != tt.from {
				t.Errorf("stands for %v, want %v", from, tt.from)
			}
			if n := strings.Count(out, "a=candidate:"); n != 1 {
				t.Errorf("%d candidates are left, want 1", n)
			}
			if !strings.Contains(out, " 127.0.0.1 4711 typ host") {
				t.Error("the candidate is not where it should be")
			}
			for _, gone := range []string{"192.0.2.2", "46189", "49162", "36227", ".local", "::1"} {
				if strings.Contains(out, gone) {
					t.Errorf("%q is still told", gone)
				}
			}
			if !strings.Contains(out, "a=ice-ufrag:s+db\r\n") || !strings.Contains(out, "webrtc-datachannel\r\n") {
				t.Error("other lines are missing")
			}
			if t.Failed() {
				t.Log(out)
			}
		})
	}
	if _, _, err := redirect("v=0\r\n"+otherCandidates, to); !errors.Is(err, errNoCandidate) {
		t.Errorf("no candidate: %v, want %v", err, errNoCandidate)
	}
}
