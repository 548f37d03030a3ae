package packet

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"
)

// newAPI is Pion as a viewer uses it: data channels only, over its host's network. Congestion control, ICE timings, DTLS
// cookies and checksums stay as they are in the field; what would be cheaper and less true is not set.
func newAPI(h host) *webrtc.API {
	var s webrtc.SettingEngine
	s.SetNet(h.Net())
	h.configure(&s)
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled) // a socket a connection, for names that only the same LAN knows
	s.DisableActiveTCP(true)
	// Pion waits 0.5 s and 1 s before it takes a path through a NAT, in case a better one turns up. Browsers take what works at
	// once (and would move to something better later). Relays keep Pion's 2 s: it does not move away from one.
	s.SetSrflxAcceptanceMinWait(0)
	s.SetPrflxAcceptanceMinWait(0)
	s.DetachDataChannels()
	s.EnableDataChannelBlockWrite(true) // see outbox
	s.SetSCTPMaxMessageSize(maxDataMessage)
	s.DisableCloseByDTLS(true) // the connection's own goroutine closes it, see peerConn.shut
	s.LoggerFactory = silent{}
	// No interceptors either: the default ones run a ticker for each connection, for media that is not there.
	return webrtc.NewAPI(webrtc.WithSettingEngine(s), webrtc.WithMediaEngine(&webrtc.MediaEngine{}),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
}

// newClient is the HTTP side of a browser: up to six connections a host, kept alive.
func newClient(h host, c *tls.Config) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext:         h.DialContext,
		TLSClientConfig:     c,
		DisableCompression:  true,
		MaxConnsPerHost:     6,
		MaxIdleConnsPerHost: 6,
		IdleConnTimeout:     90 * time.Second,
	}}
}

// certificate is shared by all viewers of a process. Making keys would dominate the cost of joining, and says nothing about a
// swarm; who answers whom is decided by peer ids, never by certificates. It is valid for as long as any clock may say: a virtual one
// begins in the year 2000, and a certificate made then would have expired on the real one.
var certificate = sync.OnceValues(func() (webrtc.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return webrtc.Certificate{}, err
	}
	c, err := webrtc.NewCertificate(key, x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "WebRTC"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
	})
	if err != nil {
		return webrtc.Certificate{}, err
	}
	return *c, nil
})

// silent makes loggers that say nothing: a swarm's stacks would write more than they send.
type silent struct{}

func (silent) NewLogger(string) logging.LeveledLogger { return silentLogger{} }

type silentLogger struct{}

func (silentLogger) Trace(string)          {}
func (silentLogger) Tracef(string, ...any) {}
func (silentLogger) Debug(string)          {}
func (silentLogger) Debugf(string, ...any) {}
func (silentLogger) Info(string)           {}
func (silentLogger) Infof(string, ...any)  {}
func (silentLogger) Warn(string)           {}
func (silentLogger) Warnf(string, ...any)  {}
func (silentLogger) Error(string)          {}
func (silentLogger) Errorf(string, ...any) {}
