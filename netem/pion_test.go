package netem

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/turn/v4"
	"github.com/pion/webrtc/v4"
)

func turnClient(t testing.TB, h *Host, server, user, password string) *turn.Client {
	t.Helper()
	conn := listenUDP(t, h, 0)
	quiet := logging.NewDefaultLoggerFactory()
	quiet.Writer = io.Discard
	client, err := turn.NewClient(&turn.ClientConfig{
		STUNServerAddr: server, TURNServerAddr: server, Conn: conn, Net: h.Net(),
		Username: user, Password: password, Realm: "swarmlab", LoggerFactory: quiet,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Listen(); err != nil {
		t.Fatal(err)
	}
	return client
}

// sharedCertificate is one for all: making keys would dominate what BenchmarkConnectionOpen measures.
var sharedCertificate = sync.OnceValue(func() webrtc.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0), // whatever a virtual clock says
	}
	c, err := webrtc.NewCertificate(key, template)
	if err != nil {
		panic(err)
	}
	return *c
})

// newPeerConnection is what a virtual viewer uses, in short.
func newPeerConnection(t testing.TB, h *Host, servers ...webrtc.ICEServer) *webrtc.PeerConnection {
	t.Helper()
	var s webrtc.SettingEngine
	quiet := logging.NewDefaultLoggerFactory()
	quiet.Writer = io.Discard
	s.LoggerFactory = quiet
	s.SetNet(h.Net())
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	s.SetICEMulticastDNSMode(0)
	s.DisableActiveTCP(true)
	s.DetachDataChannels()
	s.EnableDataChannelBlockWrite(true)
	pc, err := webrtc.NewAPI(
		webrtc.WithSettingEngine(s),
		// Nothing of RTP: the default NACK interceptor alone ticks ten times a second per connection, for ever.
		webrtc.WithMediaEngine(&webrtc.MediaEngine{}), webrtc.WithInterceptorRegistry(&interceptor.Registry{}),
	).NewPeerConnection(webrtc.Configuration{
		ICEServers: servers, Certificates: []webrtc.Certificate{sharedCertificate()},
	})
	if err != nil {
		t.Fatal(err)
	}
	return pc
}

// connectPeers connects two peer connections (signalling costs no time here) and returns both ends of a data channel.
func connectPeers(t testing.TB, a, b *webrtc.PeerConnection) (left, right io.ReadWriteCloser, err error) {
	t.Helper()
	type end struct {
		io.ReadWriteCloser
		left bool
	}
	ends := make(chan end, 2)
	failed := make(chan struct{}, 2)
	detach := func(dc *webrtc.DataChannel, left bool) {
		dc.OnOpen(func() {
			if raw, err := dc.Detach(); err == nil {
				ends <- end{raw, left}
			}
		})
	}
	dc, err := a.CreateDataChannel("data", nil)
	if err != nil {
		t.Fatal(err)
	}
	detach(dc, true)
	b.OnDataChannel(func(dc *webrtc.DataChannel) { detach(dc, false) })
	for _, pc := range []*webrtc.PeerConnection{a, b} {
		pc.OnICEConnectionStateChange(func(s webrtc.ICEConnectionState) {
			if s == webrtc.ICEConnectionStateFailed {
				failed <- struct{}{}
			}
		})
	}
	offer, err := a.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	describe(t, a, offer)
	if err := b.SetRemoteDescription(*a.LocalDescription()); err != nil {
		t.Fatal(err)
	}
	answer, err := b.CreateAnswer(nil)
	if err != nil {
		t.Fatal(err)
	}
	describe(t, b, answer)
	if err := a.SetRemoteDescription(*b.LocalDescription()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		select {
		case e := <-ends:
			if e.left {
				left = e
			} else {
				right = e
			}
		case <-failed:
			return nil, nil, errICEFailed
		case <-time.After(time.Minute):
			return nil, nil, errors.New("not open after a minute")
		}
	}
	return left, right, nil
}

// describe sets a local description and waits until all its candidates are gathered.
func describe(t testing.TB, pc *webrtc.PeerConnection, d webrtc.SessionDescription) {
	t.Helper()
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(d); err != nil {
		t.Fatal(err)
	}
	<-gathered
}

var errICEFailed = errors.New("ICE has failed")

const messageBytes = 16 << 10

// push writes bytes in messages of 16 KiB and returns their hash.
func push(t testing.TB, w io.Writer, total int) hash.Hash {
	sum := sha256.New()
	b := make([]byte, messageBytes)
	for i := 0; i < total; i += len(b) {
		for j := range b {
			b[j] = byte(i>>10 + j*7)
		}
		sum.Write(b)
		if _, err := w.Write(b); err != nil {
			t.Error(err)
			return sum
		}
	}
	return sum
}

// pull reads so many bytes and returns their hash.
func pull(t testing.TB, r io.Reader, total int) hash.Hash {
	sum := sha256.New()
	b := make([]byte, 64<<10)
	for got := 0; got < total; {
		n, err := r.Read(b)
		if err != nil {
			t.Errorf("after %d bytes: %v", got, err)
			return sum
		}
		sum.Write(b[:n])
		got += n
	}
	return sum
}

// Two Pion peers behind NATs, with STUN, open a data channel, and 4 MB get through unharmed and as fast as the link is.
func TestDataChannel(t *testing.T) {
	for _, tt := range []struct {
		left, right NAT
		turn        bool
	}{
		{NATNone, NATNone, false},
		{NATPortRestricted, NATPortRestricted, false},
		{NATSymmetric, NATRestricted, false},
		{NATSymmetric, NATSymmetric, true},
	} {
		t.Run(fmt.Sprint(tt.left, " and ", tt.right), func(t *testing.T) {
			bubble(t, Config{Grid: DefaultGrid}, func(t *testing.T, n *Network) {
				server := host(t, n, "stun", Link{Delay: 10 * time.Millisecond})
				ice := webrtc.ICEServer{URLs: []string{"stun:stun:3478"}}
				closer, err := RunTURN(server, 3478, "swarmlab", "user", "secret")
				if err != nil {
					t.Fatal(err)
				}
				defer closer.Close()
				if tt.turn {
					ice = webrtc.ICEServer{URLs: []string{"turn:stun:3478?transport=udp"}, Username: "user", Credential: "secret"}
				}
				link := Link{Up: 20 * Mbit, Down: 50 * Mbit, Delay: 10 * time.Millisecond}
				left := addHost(t, n, HostConfig{Name: "left", Link: link, NAT: tt.left})
				right := addHost(t, n, HostConfig{Name: "right", Link: link, NAT: tt.right})
				a, b := newPeerConnection(t, left, ice), newPeerConnection(t, right, ice)
				defer b.Close()
				defer a.Close()
				begun := time.Now()
				out, in, err := connectPeers(t, a, b)
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("open after %v", time.Since(begun))
				const total = 4 << 20
				begun = time.Now()
				sums := make(chan []byte, 1)
				go func() { sums <- push(t, out, total).Sum(nil) }()
				got := pull(t, in, total).Sum(nil)
				took := time.Since(begun)
				if !bytes.Equal(got, <-sums) {
					t.Error("the bytes have changed on the way")
				}
				// 1.7 s at 20 Mbit/s; Pion's SCTP has its own troubles with a full queue.
				if took < 1650*time.Millisecond || took > 6*time.Second {
					t.Errorf("4 MB took %v on 20 Mbit/s", took)
				}
				t.Logf("4 MiB took %v", took)
			})
		})
	}
}

// Peers that cannot reach each other fail as ICE does, not by hanging.
func TestDataChannelFails(t *testing.T) {
	bubble(t, Config{Grid: DefaultGrid}, func(t *testing.T, n *Network) {
		server := host(t, n, "stun", Link{Delay: 10 * time.Millisecond})
		closer, err := RunSTUN(server, 3478)
		if err != nil {
			t.Fatal(err)
		}
		defer closer.Close()
		ice := webrtc.ICEServer{URLs: []string{"stun:stun:3478"}}
		a := newPeerConnection(t, addHost(t, n, HostConfig{Name: "left", NAT: NATSymmetric}), ice)
		b := newPeerConnection(t, addHost(t, n, HostConfig{Name: "right", NAT: NATSymmetric}), ice)
		defer b.Close()
		defer a.Close()
		if _, _, err := connectPeers(t, a, b); !errors.Is(err, errICEFailed) {
			t.Errorf("two symmetric NATs: %v, want %v", err, errICEFailed)
		}
	})
}
