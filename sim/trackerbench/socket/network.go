package socket

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"time"
)

// Network is connections to one tracker. Connections are known by slots, small numbers that the caller gives out; a slot may be dialled
// again once it is closed. All methods are for one goroutine, which stays on its thread from the first Wait to Shutdown; they may be
// called from within the events.
type Network interface {
	// Dial begins to connect a free slot. It ends in Opened or Closed.
	Dial(slot int)
	// Send sends the text message that stands in buf from HeaderRoom on; what is before is overwritten. It reports false if the slot is not
	// open, or too much is waiting in it already. buf is the caller's again afterwards.
	Send(slot int, buf []byte) bool
	// Finish says that nothing more will be sent (FIN), and goes on listening.
	Finish(slot int)
	// Close closes at once; there is no Closed event.
	Close(slot int)
	// Reset breaks the connection off (RST); there is no Closed event.
	Reset(slot int)
	// Wait reports what has happened, and returns as soon as something has, or at the time until.
	Wait(until time.Duration) error
	// Now is the time since the network was made. Events carry the same clock.
	Now() time.Duration
	Stats() Stats
	// Shutdown closes everything and returns when nothing of it is left.
	Shutdown()
}

// Events is told what happens, within Wait.
type Events interface {
	// Opened: the handshake has succeeded.
	Opened(slot int, at time.Duration)
	// Message: the text is valid until Message returns.
	Message(slot int, at time.Duration, text []byte)
	// Closed: dialling has failed, or the other side has ended the connection. The slot is free again.
	Closed(slot int, at time.Duration, reason string)
}

// Stats is what went through a network so far.
type Stats struct {
	BytesSent, BytesReceived       int64
	MessagesSent, MessagesReceived int64
	ShortWrites                    int64 // the kernel did not take all: the other side reads too slowly
	QueueOverflows                 int64 // messages refused because too much was waiting
	Wakeups                        int64 // times that Wait found something to do
	// OutOfDescriptors: connections that failed because this process may open no more.
	OutOfDescriptors int64
}

// Config is a network. Zero fields take their defaults.
type Config struct {
	URL string // ws:// or wss://
	TLS *tls.Config
	// Allow is asked about the address that the URL leads to, once: all connections go to that one. Default: all are allowed.
	Allow Allow
	// QueueBytes is what may wait to be sent on one connection. Default 256 kB.
	QueueBytes int
	// MaxFrame is the largest payload of a frame that the tracker takes; longer messages go in several. 0: no limit.
	MaxFrame int
	// Gather is how far apart Wait asks the kernel for what has happened, while something does. Messages carry the time of their arrival all
	// the same. Default [Gather]; negative: at once. Only where the kernel stamps what it receives: plain connections on Linux.
	Gather time.Duration
	// DialTimeout ends a connecting that gets nowhere. Default 30 s.
	DialTimeout time.Duration
}

const (
	// HeaderRoom is left free in front of a message, for the frame's header.
	HeaderRoom = 14
	// Gather is Config.Gather's default.
	Gather = time.Millisecond
	// MostMessage is the longest message taken from a tracker.
	MostMessage = 1 << 20

	defaultQueue       = 256 << 10
	mostQueued         = 512 << 20
	defaultDialTimeout = 30 * time.Second
	// perSource is how many connections come from one address: a target and a source together have some 28,000 ports.
	perSource = 20_000
)

func (cfg Config) withDefaults() Config {
	if cfg.QueueBytes == 0 {
		cfg.QueueBytes = defaultQueue
	}
	if cfg.Gather == 0 {
		cfg.Gather = Gather
	}
	if cfg.DialTimeout == 0 {
		cfg.DialTimeout = defaultDialTimeout
	}
	return cfg
}

// New makes a network for the URL, and resolves its address.
func New(cfg Config, events Events) (Network, error) {
	cfg = cfg.withDefaults()
	t, err := parseTarget(cfg.URL)
	if err != nil {
		return nil, err
	}
	if err := cfg.Allow.check(t.addr.Addr()); err != nil {
		return nil, err
	}
	if t.secure {
		return newGoroutines(cfg, t, events), nil
	}
	return newPlain(cfg, t, events)
}

// target is where to connect to.
type target struct {
	secure bool
	host   string // as it goes into the request
	name   string // for the certificate
	path   string
	addr   netip.AddrPort
}

func parseTarget(raw string) (target, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return target{}, fmt.Errorf("the tracker's address: %w", err)
	}
	if u.Scheme != "ws" && u.Scheme != "wss" || u.Hostname() == "" {
		return target{}, fmt.Errorf("the tracker's address is %q; it must begin with ws:// or wss:// and a host", raw)
	}
	t := target{secure: u.Scheme == "wss", host: u.Host, name: u.Hostname(), path: u.RequestURI()}
	port := u.Port()
	if port == "" {
		port = map[bool]string{false: "80", true: "443"}[t.secure]
	}
	tcp, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return target{}, fmt.Errorf("the tracker's address: %w", err)
	}
	t.addr = tcp.AddrPort()
	t.addr = netip.AddrPortFrom(t.addr.Addr().Unmap(), t.addr.Port())
	if !t.addr.Addr().IsValid() {
		return target{}, errors.New("the tracker's address has no host")
	}
	return t, nil
}

// source is the address that a slot comes from; the zero Addr leaves it to the system. Only loopback has more than one to spare.
func (t target) source(slot int) netip.Addr {
	n := slot / perSource
	if n == 0 || !t.addr.Addr().Is4() || !t.addr.Addr().IsLoopback() {
		return netip.Addr{}
	}
	return netip.AddrFrom4([4]byte{127, 0, byte(n / 250), byte(1 + n%250)})
}
