package netem

import (
	"fmt"
	"net/netip"
	"time"
)

// DefaultGrid is a good trade: every packet is up to 1 ms late (half of that on average), and costs a quarter of what it does at
// exact times (1.0 instead of 4.7 us, BenchmarkDatagram; a data channel's megabyte 34 instead of 41 ms), because packets
// that are due together wake their readers together.
const DefaultGrid = time.Millisecond

// Config describes a network. The zero Config is an exact one with the built-in regions.
type Config struct {
	// Seed of all chance in the network. Each link draws from a stream of its own, derived from (Seed, host name, direction),
	// so that one more host does not change what happens to the others.
	Seed uint64

	// Grid is the time grid on which packets reach their readers: 0 is exact, [DefaultGrid] a good trade. Delays are rounded
	// up, never down; throughput is not affected.
	Grid time.Duration

	// Regions is the map of the world; the zero value is [DefaultRegions].
	Regions Regions

	// CoreScale multiplies the delays between regions; 0 is 1. The public Internet is 1.05 to 1.35 times as slow as the cloud
	// backbones the built-in map was measured on.
	CoreScale float64

	// NATTrust is how long a NAT's verdict on a flow may be reused without asking the NAT again (see flow.go); 0 is ten
	// seconds, a negative value asks for every packet.
	NATTrust time.Duration

	// StreamIdle ends a stream whose peer has not been heard of for so long; 0 is one minute. TCP would take minutes to
	// hours to notice. Half as often a silent connection sends a keep-alive.
	StreamIdle time.Duration

	// SocketBuffer is what a socket holds for a reader who does not come; 0 is 4 MiB. What does not fit is dropped and counted.
	SocketBuffer int64
}

// Defaults of Config.
const (
	defaultNATTrust     = 10 * time.Second
	defaultStreamIdle   = time.Minute
	defaultSocketBuffer = 4 << 20
	maxGrid             = time.Second
	maxNATTrust         = natMappingLife
)

func (c Config) withDefaults() (Config, error) {
	if c.Grid < 0 || c.Grid > maxGrid {
		return c, fmt.Errorf("netem: grid is %v; want 0 (exact) to %v", c.Grid, maxGrid)
	}
	if len(c.Regions.Names) == 0 && len(c.Regions.RTT) == 0 {
		c.Regions = DefaultRegions()
	}
	if err := c.Regions.Validate(); err != nil {
		return c, fmt.Errorf("netem: %w", err)
	}
	if c.CoreScale == 0 {
		c.CoreScale = 1
	}
	if !(c.CoreScale > 0 && c.CoreScale <= 100) {
		return c, fmt.Errorf("netem: core scale is %v; want more than 0, up to 100", c.CoreScale)
	}
	if c.NATTrust == 0 {
		c.NATTrust = defaultNATTrust
	}
	if c.NATTrust > maxNATTrust {
		return c, fmt.Errorf("netem: NAT trust is %v; want at most %v", c.NATTrust, maxNATTrust)
	}
	if c.StreamIdle == 0 {
		c.StreamIdle = defaultStreamIdle
	}
	if c.StreamIdle < time.Second {
		return c, fmt.Errorf("netem: stream idle time is %v; want at least 1s", c.StreamIdle)
	}
	if c.SocketBuffer <= 0 {
		c.SocketBuffer = defaultSocketBuffer
	}
	return c, nil
}

// HostConfig describes a host. Only its name is required.
type HostConfig struct {
	Name   string // unique; other hosts can dial it by this name
	Link   Link
	NAT    NAT        // "" is none
	Region string     // "" is nowhere in particular: no core delay to anybody
	Addr   netip.Addr // the public IPv4 address; the zero Addr is given one
}
