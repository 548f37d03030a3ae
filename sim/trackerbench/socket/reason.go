package socket

import (
	"errors"
	"net"
	"syscall"
)

// What ends a connection before it is open, and may be this machine's fault.
const (
	reasonTimeout     = "no answer to the handshake in time"
	reasonDescriptors = "too many open files here (ulimit -n)"
	reasonPorts       = "no free port here"
)

// reasonOf is an error in a few words that are the same for all connections, so that they can be counted.
func reasonOf(err error) string {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return reasonTimeout
	}
	var number syscall.Errno
	if !errors.As(err, &number) {
		return err.Error()
	}
	switch number {
	case syscall.ECONNREFUSED:
		return "connection refused"
	case syscall.ECONNRESET, syscall.EPIPE:
		return "connection reset"
	case syscall.EMFILE, syscall.ENFILE:
		return reasonDescriptors
	case syscall.EADDRNOTAVAIL:
		return reasonPorts
	default:
		return number.Error()
	}
}

// protocolBroken is the reason for closing on what is no WebSocket.
func protocolBroken(err error) string { return "the tracker broke the protocol: " + err.Error() }
