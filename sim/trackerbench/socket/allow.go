package socket

import (
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// Allow decides whether an address may be connected to; the error says why not. Nil allows all.
type Allow func(netip.Addr) error

// Dialer is one that asks Allow about the very address that it is about to connect to, after the name has been looked up: a name may lead
// elsewhere than it did when it was checked.
func (allow Allow) Dialer() *net.Dialer {
	d := &net.Dialer{}
	if allow != nil {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("the address %q to connect to: %w", address, err)
			}
			return allow.check(to.Addr())
		}
	}
	return d
}

func (allow Allow) check(to netip.Addr) error {
	if allow == nil {
		return nil
	}
	return allow(to.Unmap())
}
