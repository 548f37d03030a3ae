package suite

import (
	"fmt"
	"net/netip"
)

// Limits is what this machine lets one process have.
type Limits struct {
	Descriptors uint64 // open files of this process, after raising the limit as far as it goes; 0: not known
	Ports       int    // ephemeral ports of one source address to one target; 0: not known
}

const (
	// spareDescriptors are for everything that is not a connection.
	spareDescriptors = 100
	// loopbackSources is how many addresses of 127.0.0.0/8 the load can come from.
	loopbackSources = 250
)

// Check says whether peers connections to a tracker at address can be had, and what to do if not.
func (l Limits) Check(peers int, address netip.Addr) error {
	if l.Descriptors > 0 && uint64(peers+spareDescriptors) > l.Descriptors {
		return fmt.Errorf("%d peers need as many descriptors and %d more, and this process may have %d: raise the hard limit "+
			"(ulimit -Hn, /etc/security/limits.conf, LimitNOFILE= of systemd) or take fewer --peers", peers, spareDescriptors, l.Descriptors)
	}
	address = address.Unmap()
	sources := 1
	if address.IsLoopback() && address.Is4() {
		sources = loopbackSources // the load spreads over 127.0.0.x by itself
	}
	if l.Ports > 0 && peers > sources*l.Ports {
		return fmt.Errorf("%d peers need as many ports, and one address of this machine has %d for one target "+
			"(sysctl net.ipv4.ip_local_port_range): widen that range, or let the tracker listen on 127.0.0.1, to which the load comes from "+
			"127.0.0.x, %d addresses", peers, l.Ports, loopbackSources)
	}
	return nil
}

// CheckTracker says whether a tracker that may have so many descriptors can take so many peers; 0: not known.
func CheckTracker(peers int, descriptors uint64) error {
	if descriptors > 0 && uint64(peers)+spareDescriptors > descriptors {
		return fmt.Errorf("%d peers are more than the tracker's process can take, which may have %d descriptors: start it after ulimit -n %d, "+
			"or take fewer --peers", peers, descriptors, peers+2*spareDescriptors)
	}
	return nil
}
