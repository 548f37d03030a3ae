package packet

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/stun/v3"
	"github.com/pion/transport/v3"
	"github.com/pion/transport/v3/stdnet"

	"swarmlab/netem"
)

// TestCandidatesShareASocketOfTheSystem is the same on this machine's own network, whose routes and sockets netem only imitates.
// On loopback there is no NAT, so that only the question tells.
func TestCandidatesShareASocketOfTheSystem(t *testing.T) {
	std, err := stdnet.NewNet()
	if err != nil {
		t.Fatal(err)
	}
	server, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	n := newConnectionNet(std)
	defer n.Close()
	end, host := listenBoth(t, n, "127.0.0.1")
	question := ask(t, end, server.LocalAddr())
	got := receive(t, server)
	if got.from.Port != host.LocalAddr().(*net.UDPAddr).Port {
		t.Errorf("the question came from %v, want the host candidate's socket %v", got.from, host.LocalAddr())
	}
	server.WriteToUDP(bindingSuccess(t, question, "192.0.2.7", 4242), got.from)
	if answer := receive(t, end); !stun.IsMessage(answer.payload) {
		t.Errorf("got %q, want the answer", answer.payload)
	}
	server.WriteToUDP([]byte("data"), got.from)
	if data := receive(t, host); string(data.payload) != "data" {
		t.Errorf("the host candidate got %q, want data", data.payload)
	}
}

// TestAnswersReachTheGatherer, and nothing else does; everything else reaches the host candidate, in order, whether its agent
// reads already or only later.
func TestAnswersReachTheGatherer(t *testing.T) {
	for _, test := range []struct {
		name        string
		agentReads  bool
		answerFirst bool
	}{
		{"the agent reads later", false, false},
		{"the agent reads later, and the answer comes first", false, true},
		{"the agent reads", true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newGatherNet(t, netem.NATFullCone)
				server, stranger := e.listen(t, e.server, 4000), e.listen(t, e.server, 4001)
				n := newConnectionNet(e.viewer.Net())
				defer n.Close()
				end, host := listenBoth(t, n, e.viewer.Addr().String())
				inbox := make(chan datagram, 10)
				if test.agentReads {
					go readAll(host, inbox)
					synctest.Wait()
				}
				question := ask(t, end, server.LocalAddr())
				viewer := receive(t, server).from
				answer := bindingSuccess(t, question, "192.0.2.7", 4242)
				if test.answerFirst {
					server.WriteToUDP(answer, viewer)
					receive(t, end)
				}
				other := stun.MustBuild(stun.TransactionID, stun.BindingRequest)
				strays := [][]byte{
					[]byte("data before"),
					bindingSuccess(t, other.Raw, "192.0.2.7", 4242), // another transaction
					question, // a request is no answer
				}
				for _, b := range strays {
					server.WriteToUDP(b, viewer)
				}
				if !test.answerFirst {
					forged := bindingSuccess(t, question, "192.0.2.66", 666) // from another source
					strays = append(strays, forged)
					stranger.WriteToUDP(forged, viewer)
					time.Sleep(time.Second)
					server.WriteToUDP(answer, viewer)
					if got := receive(t, end); string(got.payload) != string(answer) || got.from.String() != server.LocalAddr().String() {
						t.Errorf("the gatherer got %x from %v, want the answer from the server", got.payload, got.from)
					}
				}
				server.WriteToUDP([]byte("data after"), viewer)
				if !test.agentReads {
					go readAll(host, inbox)
				}
				for _, want := range append(strays, []byte("data after")) {
					if got := <-inbox; string(got.payload) != string(want) {
						t.Errorf("the host candidate got %q, want %q", got.payload, want)
					}
				}
				if _, _, err := end.ReadFrom(make([]byte, 1500)); !errors.Is(err, io.EOF) {
					t.Errorf("a second read gave %v, want %v", err, io.EOF)
				}
			})
		})
	}
}

// TestChecksOfTheReflexiveCandidateAreDropped: they would be the host candidate's, once more.
func TestChecksOfTheReflexiveCandidateAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newGatherNet(t, netem.NATFullCone)
		server := e.listen(t, e.server, 4000)
		n := newConnectionNet(e.viewer.Net())
		defer n.Close()
		end, host := listenBoth(t, n, e.viewer.Addr().String())
		question := ask(t, end, server.LocalAddr())
		server.WriteToUDP(bindingSuccess(t, question, "192.0.2.7", 4242), receive(t, server).from)
		receive(t, end)
		if k, err := end.WriteTo([]byte("a check"), server.LocalAddr()); k != len("a check") || err != nil {
			t.Errorf("wrote %d, %v, want no error", k, err)
		}
		host.WriteTo([]byte("from the host candidate"), server.LocalAddr())
		if got := receive(t, server); string(got.payload) != "from the host candidate" {
			t.Errorf("the server got %q", got.payload)
		}
	})
}

// TestOneHostCandidateTakesTheSocket: a second one on the address would steal the first one's datagrams.
func TestOneHostCandidateTakesTheSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newGatherNet(t, netem.NATNone)
		n := newConnectionNet(e.viewer.Net())
		defer n.Close()
		_, first := listenBoth(t, n, e.viewer.Addr().String())
		_, second := listenBoth(t, n, e.viewer.Addr().String())
		if first.LocalAddr().String() == second.LocalAddr().String() {
			t.Errorf("two host candidates have the socket %v", first.LocalAddr())
		}
	})
}

// TestQuestionsAreAskedAgain as Chromium does, until the gatherer's time is over. What comes then is the host candidate's.
func TestQuestionsAreAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newGatherNet(t, netem.NATFullCone)
		server := e.listen(t, e.server, 4000)
		n := newConnectionNet(e.viewer.Net())
		defer n.Close()
		end, host := listenBoth(t, n, e.viewer.Addr().String())
		start := time.Now()
		ask(t, end, server.LocalAddr())
		var asked []time.Duration
		var viewer *net.UDPAddr
		go func() {
			for {
				d, err := read(server)
				if err != nil {
					return
				}
				asked, viewer = append(asked, time.Since(start).Round(100*time.Millisecond)), d.from
			}
		}()
		if _, err := read(end); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v, want %v", err, os.ErrDeadlineExceeded)
		}
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("waited %v, want 5s", took)
		}
		synctest.Wait() // for the server to have read the last one
		if want := "[0s 300ms 800ms 1.8s 3.8s]"; fmt.Sprint(asked) != want {
			t.Errorf("asked at %v, want at %v", asked, want)
		}
		server.WriteToUDP([]byte("data"), viewer)
		if got := receive(t, host); string(got.payload) != "data" {
			t.Errorf("the host candidate got %q, want data", got.payload)
		}
		server.Close()
	})
}

// TestClosingEndsTheQuestion, whoever closes, and leaves no goroutine (or the bubble would not end).
func TestClosingEndsTheQuestion(t *testing.T) {
	for name, closeIt := range map[string]func(n *connectionNet, end, host transport.UDPConn){
		"the gatherer":       func(_ *connectionNet, end, _ transport.UDPConn) { end.Close() },
		"the host candidate": func(_ *connectionNet, _, host transport.UDPConn) { host.Close() },
		"the connection":     func(n *connectionNet, _, _ transport.UDPConn) { n.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newGatherNet(t, netem.NATFullCone)
				n := newConnectionNet(e.viewer.Net())
				end, host := listenBoth(t, n, e.viewer.Addr().String())
				ask(t, end, &net.UDPAddr{IP: e.server.PublicAddr().AsSlice(), Port: 9}) // nobody answers there
				start := time.Now()
				time.AfterFunc(time.Second, func() { closeIt(n, end, host) })
				if _, err := read(end); !errors.Is(err, net.ErrClosed) || time.Since(start) != time.Second {
					t.Errorf("got %v after %v, want %v after 1s", err, time.Since(start), net.ErrClosed)
				}
				n.Close()
				n.Close()
				if err := host.Close(); !errors.Is(err, net.ErrClosed) {
					t.Errorf("a second close gave %v, want %v", err, net.ErrClosed)
				}
				if _, err := n.ListenUDP("udp4", &net.UDPAddr{IP: e.viewer.Addr().AsSlice()}); !errors.Is(err, net.ErrClosed) {
					t.Errorf("listening after the end gave %v, want %v", err, net.ErrClosed)
				}
			})
		})
	}
}

// listenBoth listens as a server-reflexive candidate does and as a host candidate does.
func listenBoth(t *testing.T, n *connectionNet, address string) (end, host transport.UDPConn) {
	t.Helper()
	var err error
	if end, err = n.ListenUDP("udp4", &net.UDPAddr{}); err != nil {
		t.Fatal(err)
	}
	if host, err = n.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(address)}); err != nil {
		t.Fatal(err)
	}
	return end, host
}

func ask(t *testing.T, end transport.UDPConn, server net.Addr) (question []byte) {
	t.Helper()
	question = stun.MustBuild(stun.TransactionID, stun.BindingRequest).Raw
	end.SetReadDeadline(time.Now().Add(5 * time.Second)) // as Pion does
	if _, err := end.WriteTo(question, server); err != nil {
		t.Fatal(err)
	}
	return question
}

func bindingSuccess(t *testing.T, question []byte, ip string, port int) []byte {
	t.Helper()
	m := &stun.Message{Raw: slices.Clone(question)}
	if err := m.Decode(); err != nil {
		t.Fatal(err)
	}
	return stun.MustBuild(m, stun.BindingSuccess, &stun.XORMappedAddress{IP: net.ParseIP(ip), Port: port}).Raw
}

func receive(t *testing.T, c net.PacketConn) datagram {
	t.Helper()
	d, err := read(c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func read(c net.PacketConn) (datagram, error) {
	b := make([]byte, 1500)
	n, from, err := c.ReadFrom(b)
	if err != nil {
		return datagram{}, err
	}
	return datagram{b[:n], from.(*net.UDPAddr)}, nil
}

func readAll(c net.PacketConn, inbox chan<- datagram) {
	for {
		d, err := read(c)
		if err != nil {
			return
		}
		inbox <- d
	}
}
