package webtorrent

import (
	"time"

	"swarmlab/sim/trackerbench/profile"
)

// Emulate is the configuration in which the embedded tracker treats viewers as another tracker does: the profile's cap on offers,
// interval, rule of selection, swarm capacity and timeout, and its habits. What it does not take over is speed, what only
// an operator sees, and what kills the other one's process. The error lists the names that there are.
//
// What profiles know is in the table of sim/trackerbench/profile; here is only what no meter needs to know.
func Emulate(name string) (TrackerConfig, error) {
	p, err := profile.ByName(name)
	if err != nil {
		return TrackerConfig{}, err
	}
	c := TrackerConfig{
		Interval: p.DefaultInterval, MaxOffers: p.MaxOffers, Selection: p.Selection, MaxScrape: p.MaxScrape,
		PeerTimeout: p.PeerTimeout,
		Habits: Habits{
			NeedsNumWant: p.Numwant, OffersFirst: p.OffersFirst, ReplyToAnswer: p.ReplyToAnswer, SilentStop: !p.ReplyToStop,
			CloseOnError: p.OnError == profile.Close, CloseOnGoneTarget: p.OnGoneTarget == profile.Close,
			SwarmCapacity: p.SwarmCapacity,
		},
	}
	switch name {
	case profile.BittorrentTracker:
		// swarm.js: an announce of a peer id that is known never changes its socket. server.js: a socket remembers one peer id.
		c.Reconnect, c.ForgetsFirstOnly = StaysBehind, true
	case profile.AquaticWS:
		c.Reconnect = IsIgnored
	}
	return c, nil
}

// Overrides are what a scenario says of its tracker. Zero fields leave what the emulated tracker has, or the embedded one by itself.
type Overrides struct {
	Emulate   string // a profile's name; "" is none
	Interval  time.Duration
	MaxOffers int
	Selection string
}

// Configure is the tracker of a scenario. The timeout of a tracker that counts it in intervals moves along with the interval:
// wt-tracker's two and our own three.
func Configure(o Overrides) (TrackerConfig, error) {
	var c TrackerConfig
	if o.Emulate != "" {
		var err error
		if c, err = Emulate(o.Emulate); err != nil {
			return c, err
		}
	}
	switch {
	case o.Interval <= 0:
	case o.Emulate == profile.WTTracker:
		c.PeerTimeout = 2 * o.Interval
	case o.Emulate == profile.Swarmlab:
		c.PeerTimeout = 3 * o.Interval
	}
	if o.Interval > 0 {
		c.Interval = o.Interval
	}
	if o.MaxOffers > 0 {
		c.MaxOffers = o.MaxOffers
	}
	if o.Selection != "" {
		c.Selection = o.Selection
	}
	return c, nil
}
