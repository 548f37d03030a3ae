package netem

import (
	"fmt"
	"net"
	"strconv"

	"github.com/pion/transport/v3"
)

// hostNet shows a host to Pion as a transport.Net: IPv4 and UDP, two interfaces, names of hosts for DNS.
type hostNet struct {
	host *Host
}

var _ transport.Net = (*hostNet)(nil)

const (
	loopbackIndex = 1
	etherIndex    = 2
	etherMTU      = 1500
)

func (t *hostNet) ListenPacket(network, address string) (net.PacketConn, error) {
	if address == "" { // as in package net
		address = ":0"
	}
	a, err := t.ResolveUDPAddr(network, address)
	if err != nil {
		return nil, err
	}
	return t.listen(network, a, 0)
}

func (t *hostNet) ListenUDP(network string, local *net.UDPAddr) (transport.UDPConn, error) {
	return t.listen(network, local, 0)
}

func (t *hostNet) DialUDP(network string, local, remote *net.UDPAddr) (transport.UDPConn, error) {
	to, ok := endpointOf(remote)
	if !ok {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: remote, Err: fmt.Errorf("want an IPv4 address")}
	}
	return t.listen(network, local, to)
}

func (t *hostNet) Dial(network, address string) (net.Conn, error) {
	a, err := t.ResolveUDPAddr(network, address)
	if err != nil {
		return nil, err
	}
	return t.DialUDP(network, nil, a)
}

func (t *hostNet) listen(network string, local *net.UDPAddr, remote endpoint) (*socket, error) {
	if err := onlyUDP(network); err != nil {
		return nil, err
	}
	var ip uint32
	var port uint16
	if local != nil {
		port = uint16(local.Port)
		if v4, ok := ipOfNetIP(local.IP); ok {
			ip = v4
		} else if len(local.IP) > 0 && !local.IP.IsUnspecified() {
			return nil, &net.OpError{Op: "listen", Net: network, Addr: local, Err: fmt.Errorf("only IPv4 is emulated")}
		}
	}
	s, err := t.host.open(false, ip, port, remote)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: local, Err: err}
	}
	return s, nil
}

func onlyUDP(network string) error {
	if network != "udp" && network != "udp4" {
		return fmt.Errorf("%w: network %q (udp and udp4 are)", transport.ErrNotSupported, network)
	}
	return nil
}

func (t *hostNet) ListenTCP(string, *net.TCPAddr) (transport.TCPListener, error) {
	return nil, transport.ErrNotSupported
}

func (t *hostNet) DialTCP(string, *net.TCPAddr, *net.TCPAddr) (transport.TCPConn, error) {
	return nil, transport.ErrNotSupported
}

func (t *hostNet) ResolveIPAddr(_, address string) (*net.IPAddr, error) {
	ip, err := t.host.network.lookup(address)
	if err != nil {
		return nil, err
	}
	return &net.IPAddr{IP: makeEndpoint(ip, 0).udpAddr().IP}, nil
}

func (t *hostNet) ResolveUDPAddr(network, address string) (*net.UDPAddr, error) {
	if err := onlyUDP(network); err != nil {
		return nil, err
	}
	to, err := t.host.network.resolve(address)
	if err != nil {
		return nil, err
	}
	return to.udpAddr(), nil
}

func (t *hostNet) ResolveTCPAddr(_, address string) (*net.TCPAddr, error) {
	to, err := t.host.network.resolve(address)
	if err != nil {
		return nil, err
	}
	return to.tcpAddr(), nil
}

// resolve reads "host:port"; an empty host is any address (0.0.0.0).
func (n *Network) resolve(address string) (endpoint, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return 0, err
	}
	var port uint64
	if portText != "" {
		if port, err = strconv.ParseUint(portText, 10, 16); err != nil {
			return 0, fmt.Errorf("netem: port of %q: %w", address, err)
		}
	}
	if host == "" {
		return makeEndpoint(0, uint16(port)), nil
	}
	ip, err := n.lookup(host)
	if err != nil {
		return 0, err
	}
	return makeEndpoint(ip, uint16(port)), nil
}

func (t *hostNet) Interfaces() ([]*transport.Interface, error) {
	lo := transport.NewInterface(net.Interface{
		Index: loopbackIndex, MTU: etherMTU, Name: "lo", Flags: net.FlagUp | net.FlagRunning | net.FlagLoopback,
	})
	lo.AddAddress(&net.IPNet{IP: net.IPv4(127, 0, 0, 1).To4(), Mask: net.CIDRMask(8, 32)})
	own := makeEndpoint(t.host.ownIP, 0).udpAddr().IP
	eth := transport.NewInterface(net.Interface{
		Index: etherIndex, MTU: etherMTU, Name: "eth0",
		HardwareAddr: append(net.HardwareAddr{0x02, 0}, own...), // locally administered
		Flags:        net.FlagUp | net.FlagRunning | net.FlagBroadcast | net.FlagMulticast,
	})
	eth.AddAddress(&net.IPNet{IP: own, Mask: net.CIDRMask(24, 32)})
	return []*transport.Interface{lo, eth}, nil
}

func (t *hostNet) InterfaceByIndex(index int) (*transport.Interface, error) {
	return t.interfaceWhere(func(i *transport.Interface) bool { return i.Index == index })
}

func (t *hostNet) InterfaceByName(name string) (*transport.Interface, error) {
	return t.interfaceWhere(func(i *transport.Interface) bool { return i.Name == name })
}

func (t *hostNet) interfaceWhere(wanted func(*transport.Interface) bool) (*transport.Interface, error) {
	all, err := t.Interfaces()
	if err != nil {
		return nil, err
	}
	for _, i := range all {
		if wanted(i) {
			return i, nil
		}
	}
	return nil, transport.ErrInterfaceNotFound
}

// CreateDialer implements transport.Net. Of the given dialer only its network is replaced: here, names and UDP.
func (t *hostNet) CreateDialer(*net.Dialer) transport.Dialer { return t }
