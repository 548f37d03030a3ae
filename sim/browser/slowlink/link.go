package slowlink

import (
	"errors"
	"fmt"
	"time"

	"swarmlab/netem"
)

// Link is what is between the two ends, the same both ways: a queue that drops at its tail, a transmitter, loss, distance.
type Link struct {
	Rate  netem.Rate
	Delay time.Duration // one way
	Queue time.Duration // at the link's rate
	Loss  float64       // probability per packet
}

// SlowLink is the link of the measurement, without loss: a modest uplink to somebody in the same part of the world.
var SlowLink = Link{Rate: 5 * netem.Mbit, Delay: 20 * time.Millisecond, Queue: 100 * time.Millisecond}

// WithLoss is the same link with a loss.
func (l Link) WithLoss(probability float64) Link {
	l.Loss = probability
	return l
}

func (l Link) String() string {
	return fmt.Sprintf("%v each way, %v one way, a queue of %v, %.2g %% loss", l.Rate, l.Delay, l.Queue, l.Loss*100)
}

// emulated is the link as a network of two hosts.
type emulated struct {
	network     *netem.Network
	left, right *netem.Host
}

// emulate makes the network. All of the link is the left host's access link, since netem applies delay and loss once per access
// link; the right host's takes no time. The grid is that of runs in virtual time, and exact in real time, where Go's timers have a
// grid of their own of about a millisecond.
func (l Link) emulate(seed uint64, grid time.Duration) (*emulated, error) {
	n, err := netem.New(netem.Config{Seed: seed, Grid: grid})
	if err != nil {
		return nil, err
	}
	queue := netem.QueueTime(l.Queue)
	left, errLeft := n.AddHost(netem.HostConfig{Name: "left", Link: netem.Link{
		Up: l.Rate, Down: l.Rate, QueueUp: queue, QueueDown: queue, Delay: l.Delay, Loss: l.Loss,
	}})
	right, errRight := n.AddHost(netem.HostConfig{Name: "right"})
	if err := errors.Join(errLeft, errRight); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return &emulated{network: n, left: left, right: right}, nil
}
