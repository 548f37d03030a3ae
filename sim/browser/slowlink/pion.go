package slowlink

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/transport/v3"
	"github.com/pion/webrtc/v4"
)

// pionEnd is an end as a virtual viewer has it.
type pionEnd struct {
	pc     *webrtc.PeerConnection
	opened chan datachannel.ReadWriteCloserDeadliner
	failed chan struct{}
	fail   sync.Once

	channel datachannel.ReadWriteCloserDeadliner // set by Opened
	work    sync.WaitGroup
	meter   meter
}

// Tuning changes what Pion does beyond what a viewer asks of it; nil changes nothing.
type Tuning func(*webrtc.SettingEngine)

// newPionOver makes an end on an emulated network.
func newPionOver(n transport.Net, tune Tuning) (*pionEnd, error) {
	return newPion(func(s *webrtc.SettingEngine) { s.SetNet(n) }, tune)
}

// newPionHere makes an end on this machine's loopback.
func newPionHere(tune Tuning) (*pionEnd, error) {
	return newPion(func(s *webrtc.SettingEngine) {
		s.SetIncludeLoopbackCandidate(true)
		s.SetIPFilter(net.IP.IsLoopback)
	}, tune)
}

// newPion makes an end with the settings of a viewer of the packet tier (sim/packet/stack.go): what touches SCTP must be the
// same there and here.
func newPion(place func(*webrtc.SettingEngine), tune Tuning) (*pionEnd, error) {
	var s webrtc.SettingEngine
	place(&s)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.DisableActiveTCP(true)
	s.DetachDataChannels()
	s.EnableDataChannelBlockWrite(true)
	s.SetSCTPMaxMessageSize(262144)
	s.DisableCloseByDTLS(true)
	s.LoggerFactory = &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled}
	if tune != nil {
		tune(&s)
	}
	cert, err := certificate()
	if err != nil {
		return nil, err
	}
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(s), webrtc.WithMediaEngine(&webrtc.MediaEngine{}),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}),
	).NewPeerConnection(webrtc.Configuration{Certificates: []webrtc.Certificate{cert}})
	if err != nil {
		return nil, err
	}
	e := &pionEnd{
		pc:     pc,
		opened: make(chan datachannel.ReadWriteCloserDeadliner, 1),
		failed: make(chan struct{}),
	}
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateFailed {
			e.fail.Do(func() { close(e.failed) })
		}
	})
	return e, nil
}

// certificate is made once: keys cost more than connections, and nobody here checks whose they are.
var certificate = sync.OnceValues(func() (webrtc.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return webrtc.Certificate{}, err
	}
	c, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return webrtc.Certificate{}, err
	}
	return *c, nil
})

func (e *pionEnd) Offer(ctx context.Context) (string, error) {
	d, err := e.pc.CreateDataChannel("slowlink", nil)
	if err != nil {
		return "", err
	}
	e.adopt(d)
	offer, err := e.pc.CreateOffer(nil)
	if err != nil {
		return "", err
	}
	return e.describe(ctx, offer)
}

func (e *pionEnd) Answer(ctx context.Context, offer string) (string, error) {
	e.pc.OnDataChannel(e.adopt)
	if err := e.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", err
	}
	answer, err := e.pc.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	return e.describe(ctx, answer)
}

func (e *pionEnd) Accept(_ context.Context, answer string) error {
	return e.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer})
}

// describe sets the local description and returns it with its candidates.
func (e *pionEnd) describe(ctx context.Context, d webrtc.SessionDescription) (string, error) {
	gathered := webrtc.GatheringCompletePromise(e.pc)
	if err := e.pc.SetLocalDescription(d); err != nil {
		return "", err
	}
	select {
	case <-gathered:
		return e.pc.LocalDescription().SDP, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

func (e *pionEnd) adopt(d *webrtc.DataChannel) {
	d.OnOpen(func() {
		if raw, err := d.DetachWithDeadline(); err == nil {
			e.opened <- raw // there is one channel and room for it
		}
	})
}

func (e *pionEnd) Opened(ctx context.Context) error {
	select {
	case e.channel = <-e.opened:
		e.work.Go(e.read)
		return nil
	case <-e.failed:
		return errors.New("the connection of a Pion end failed")
	case <-ctx.Done():
		return fmt.Errorf("the data channel of a Pion end did not open: %w", context.Cause(ctx))
	}
}

func (e *pionEnd) read() {
	b := make([]byte, MessageBytes+1)
	for {
		n, err := e.channel.Read(b)
		if err != nil {
			return // closed: nothing else ends it
		}
		e.meter.message(b[:n])
	}
}

func (e *pionEnd) Send(context.Context) (time.Time, error) {
	begun := time.Now()
	e.work.Go(func() { push(e.channel) })
	return begun, nil
}

func (e *pionEnd) Arrivals(context.Context) ([]Arrival, error) { return e.meter.all() }

// offGrid is a short time after which no packet of netem's arrives, if one arrived now: Pion must not be closed at an instant
// at which it also does something else (why: shut in sim/packet/peerconn.go).
const offGrid = time.Millisecond + 137*time.Microsecond

func (e *pionEnd) Close() error {
	if e.channel != nil {
		long := time.Unix(1, 0)
		_ = e.channel.SetWriteDeadline(long) // releases push, which waits for the congestion window
		_ = e.channel.SetReadDeadline(long)
		e.work.Wait()
	}
	time.Sleep(offGrid)
	return e.pc.GracefulClose()
}
