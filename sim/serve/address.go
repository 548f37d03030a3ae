package serve

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
)

// ErrAddress is a mistake in an address to listen on.
var ErrAddress = errors.New("this address cannot be listened on")

// CheckAddress looks at an address to listen on; "" is none, and fine. Unless public, others must not be able to reach it.
func CheckAddress(address string, public bool) error {
	if address == "" {
		return nil
	}
	host, number, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%w: %q: want host:port, such as 127.0.0.1:8080", ErrAddress, address)
	}
	if n, err := strconv.ParseUint(number, 10, 16); err != nil {
		return fmt.Errorf("%w: %q: the port must be 0 (any) to 65535", ErrAddress, address)
	} else if host == "" && !public {
		return fmt.Errorf("%w: %q means every address of this machine, and whoever reaches one is served; want 127.0.0.1:%d", ErrAddress, address, n)
	}
	if !public && !isLoopback(host) {
		return fmt.Errorf("%w: others can reach %q, and whoever does is served; want a loopback address, such as 127.0.0.1:%s",
			ErrAddress, address, number)
	}
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// URLs are where a deployment's parts are, in one of its two ways.
type URLs struct {
	Page     string `json:"page"`
	Manifest string `json:"manifest"`
	Tracker  string `json:"tracker"`
	Stats    string `json:"stats"`
}

// URLs are those of plain HTTP; ok is false if there is none.
func (s *Server) URLs() (_ URLs, ok bool) { return s.urls(s.plain, "http", "ws") }

// SecureURLs are those of TLS; ok is false if there is none.
func (s *Server) SecureURLs() (_ URLs, ok bool) { return s.urls(s.secure, "https", "wss") }

func (s *Server) urls(p *port, web, socket string) (URLs, bool) {
	if p == nil {
		return URLs{}, false
	}
	at := reachable(p.listener.Addr().(*net.TCPAddr))
	return URLs{
		Page:     web + "://" + at + "/",
		Manifest: web + "://" + at + streamPath + "/" + s.stream.MasterPath(),
		Tracker:  socket + "://" + at + trackerPath,
		Stats:    web + "://" + at + statsPath,
	}, true
}

// reachable is the address for others: where every address is listened on, the machine's first that is not loopback. One and the
// same for all viewers matters, since the manifest's URL names the swarm.
func reachable(a *net.TCPAddr) string {
	host := a.IP
	if host.IsUnspecified() {
		host = net.IPv4(127, 0, 0, 1)
		addresses, _ := net.InterfaceAddrs() // none known: loopback it is
		for _, other := range addresses {
			if n, ok := other.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() && !n.IP.IsLinkLocalUnicast() {
				host = n.IP
				break
			}
		}
	}
	return net.JoinHostPort(host.String(), strconv.Itoa(a.Port))
}

// Certificate is what TLS clients must trust; nil if there is none.
func (s *Server) Certificate() *x509.Certificate {
	if s.cert == nil {
		return nil
	}
	return s.cert.Leaf
}
