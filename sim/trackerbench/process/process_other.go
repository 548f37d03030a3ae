//go:build !linux

package process

import (
	"net/netip"
	"runtime"

	"fmt"
)

// Process is a process to watch.
type Process struct{}

// Open begins to watch a process.
func Open(int) (*Process, error) { return nil, notAvailable() }

// Listening finds the process that listens at an address.
func Listening(netip.AddrPort) (int, error) { return 0, notAvailable() }

// PID is its number.
func (*Process) PID() int { return 0 }

// Command is its command line.
func (*Process) Command() string { return "" }

// Sample looks at the process now.
func (*Process) Sample() (Sample, error) { return Sample{}, notAvailable() }

func notAvailable() error {
	return fmt.Errorf("%w: they come from Linux' /proc, and this is %s", ErrNotAvailable, runtime.GOOS)
}
