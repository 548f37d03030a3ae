package netem

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
)

// Streams are QUIC streams: what an HTTP/3 client and server have. There is one QUIC connection per pair of a host and a
// remote address, kept and re-dialled when it fails, and one stream of it per net.Conn. So the connections of a browser to
// one origin share one congestion window, and the second one opens without a round trip.
//
// They run over the host's own packet sockets, hence through its access link, in a port space of their own (as TCP has), which
// NATs and firewalls let pass: TCP mappings live for hours (RFC 5382 REQ-5), runs do not.

// streamStack is a host's streams.
type streamStack struct {
	host   *Host
	ctx    context.Context // ends with the host
	cancel context.CancelCauseFunc
	work   sync.WaitGroup

	mu     sync.Mutex
	closed bool
	dialer *streamDialer
	ports  map[uint16]*streamPort
}

// Sizes of flow control. 100 Mbit/s over 100 ms need 1.25 MB; the first window is that already, because a browser's is grown
// long before a segment's end. The limits are Chromium's for QUIC (6 MB a stream, 15 MB a connection).
const (
	streamWindow        = 2 << 20
	streamWindowMax     = 6 << 20
	connectionWindow    = 4 << 20
	connectionWindowMax = 15 << 20

	// streamsPerConnection is how many net.Conns may be open between a host and a remote address.
	streamsPerConnection = 10_000

	// handshakeTimeout is how long a dial waits for an answer.
	handshakeTimeout = 10 * time.Second
)

const (
	closedByHost   quic.ApplicationErrorCode = 0
	resetByCloser  quic.StreamErrorCode      = 0
	refusedStream  quic.StreamErrorCode      = 1
	streamProtocol                           = "swarmlab-stream"
)

func (s *streamStack) init(h *Host) {
	s.host = h
	s.ctx, s.cancel = context.WithCancelCause(context.Background())
	s.ports = make(map[uint16]*streamPort)
}

func (s *streamStack) config() *quic.Config {
	idle := s.host.network.cfg.StreamIdle
	return &quic.Config{
		HandshakeIdleTimeout:           handshakeTimeout,
		MaxIdleTimeout:                 idle,
		KeepAlivePeriod:                idle / 2,
		InitialStreamReceiveWindow:     streamWindow,
		MaxStreamReceiveWindow:         streamWindowMax,
		InitialConnectionReceiveWindow: connectionWindow,
		MaxConnectionReceiveWindow:     connectionWindowMax,
		MaxIncomingStreams:             streamsPerConnection,
		MaxIncomingUniStreams:          -1,
		DisablePathMTUDiscovery:        true,
		// InitialPacketSize stays at its default of 1280. With any other size quic-go v0.65.0's congestion controller and pacer
		// disagree about how large a packet is (newPacer starts with the default, only path MTU discovery corrects it), and a
		// paced sender spins without letting time pass: under a virtual clock, for ever.
	}
}

// close ends all streams and tells the peers. Call wait afterwards, once the sockets are closed.
func (s *streamStack) close() {
	s.mu.Lock()
	s.closed = true
	dialer := s.dialer
	ports := make([]*streamPort, 0, len(s.ports))
	for _, p := range s.ports {
		ports = append(ports, p)
	}
	s.mu.Unlock()

	s.cancel(ErrClosed)
	if dialer != nil {
		dialer.close()
	}
	for _, p := range ports {
		p.close()
	}
}

func (s *streamStack) wait() { s.work.Wait() }

// identity is the certificate of every host of every network of a process. Nobody checks it; making one per host would only
// cost time.
var identity = sync.OnceValue(func() tls.Certificate {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic("netem: no key: " + err.Error())
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		DNSNames:     []string{"swarmlab"},
		NotBefore:    time.Unix(0, 0),
		NotAfter:     time.Unix(1<<33, 0), // a virtual clock may stand anywhere
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		panic("netem: no certificate: " + err.Error())
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}
})

// tlsConfig is both ends' configuration: the cheapest handshake TLS 1.3 has. Its size and round trips are like any other's.
func tlsConfig() *tls.Config {
	return &tls.Config{
		Certificates:           []tls.Certificate{identity()},
		NextProtos:             []string{streamProtocol},
		MinVersion:             tls.VersionTLS13,
		CurvePreferences:       []tls.CurveID{tls.X25519},
		SessionTicketsDisabled: true,
		InsecureSkipVerify:     true, // an emulated network has nobody to fear
		ServerName:             "swarmlab",
	}
}
