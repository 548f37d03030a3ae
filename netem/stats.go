package netem

import "time"

// Stats is what a host's access link has seen so far.
type Stats struct {
	Up   Direction `json:"up"`
	Down Direction `json:"down"`

	Unroutable  int64 `json:"unroutable,omitempty"`  // packets sent to an address nobody has
	Unclaimed   int64 `json:"unclaimed,omitempty"`   // packets received for a port nobody listens on
	NATDrops    int64 `json:"natDrops,omitempty"`    // packets the NAT refused, either way
	Blocked     int64 `json:"blocked,omitempty"`     // datagrams the firewall dropped, either way
	BufferDrops int64 `json:"bufferDrops,omitempty"` // packets whose reader did not keep up
	AfterVanish int64 `json:"afterVanish,omitempty"` // packets the cut link swallowed, either way
}

// LinkStats is the same as Stats.
type LinkStats = Stats

// Direction is one direction of an access link. Packets and Bytes went through the link (Bytes with IPv4 and UDP headers),
// LossDrops among them were lost on the way, QueueDrops did not get in.
type Direction struct {
	Packets       int64         `json:"packets"`
	Bytes         int64         `json:"bytes"`
	QueueDrops    int64         `json:"queueDrops"`
	LossDrops     int64         `json:"lossDrops"`
	MaxQueueDelay time.Duration `json:"maxQueueDelayNs"`
}

func durationOf(ns int64) time.Duration { return time.Duration(ns) }
