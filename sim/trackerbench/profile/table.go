package profile

import "time"

// Names of the profiles.
const (
	BittorrentTracker = "bittorrent-tracker"
	WTTracker         = "wt-tracker"
	AquaticWS         = "aquatic_ws"
	Swarmlab          = "swarmlab"
	Generic           = "generic"
)

// table is what is known, one tracker after the other. To add one, see README.md of sim/trackerbench.
var table = []Profile{
	{
		Name: BittorrentTracker,
		Doc:  "bittorrent-tracker 11.2.3 (Node, ws), as its server class runs without options",
		// Whatever is falsy counts as an update; "paused" is BEP 21's.
		Events:      []string{"", "started", "stopped", "completed", "update", "paused"},
		ReplyToStop: true, FullScrape: true, ScrapeUnknown: true,
		OnError: Reply, OnGoneTarget: Silence,
		MaxOffers: 82, SwarmCapacity: 1000, // an LRU: the least recently seen is pushed out, and its socket stays open
		MaxMessage:      100 << 20,         // the default of ws
		DefaultInterval: 120 * time.Second, // a fifth of its option, for WebSocket clients
		PeerTimeout:     20 * time.Minute,
		Selection:       Uniform,
	},
	{
		Name:       WTTracker,
		Doc:        "wt-tracker (git fdb52ac, uWebSockets.js), one worker",
		Numwant:    true,
		Events:     []string{"", "started", "stopped", "completed"},
		FullScrape: true, ScrapeUnknown: true,
		// It has no error message at all. That an answer to a peer that just left costs its sender the connection is ordinary
		// churn, and does happen.
		OnError: Close, OnGoneTarget: Close,
		MaxOffers:       20,
		MaxMessage:      64 << 10,
		DefaultInterval: 20 * time.Second, // in its code; its sample configuration says 120
		PeerTimeout:     40 * time.Second,
		Selection:       Consecutive,
	},
	{
		Name:          AquaticWS,
		Doc:           "aquatic_ws 0.9.0 (Rust, glommio)",
		Events:        []string{"", "started", "stopped", "completed", "update"},
		ReplyToAnswer: true, ReplyToStop: true, OffersFirst: true,
		OnError: Reply, OnGoneTarget: Silence,
		MaxOffers: 10, MaxScrape: 255,
		MaxFrame: 16 << 10, MaxMessage: 64 << 10, // ten offers of real size in one frame can exceed it
		DefaultInterval: 120 * time.Second,
		PeerTimeout:     180 * time.Second,
		Selection:       TwoRuns, SplitsIPv4And6: true,
	},
	{
		Name:        Swarmlab,
		Doc:         "the tracker embedded in swarmlab (sim/webtorrent), as it is by default",
		Events:      []string{"", "started", "stopped", "completed", "update", "paused"},
		ReplyToStop: true, FullScrape: true, ScrapeUnknown: true,
		OnError: Reply, OnGoneTarget: Silence,
		MaxOffers: 10, MaxScrape: 255,
		MaxMessage:      64 << 10,
		DefaultInterval: 120 * time.Second,
		PeerTimeout:     360 * time.Second,
		Selection:       Uniform,
	},
	{
		// What is true of all of the above, so that nothing is called lost that some tracker would never have sent.
		Name:    Generic,
		Doc:     "an unknown tracker: what all known ones have in common",
		Numwant: true,
		Events:  []string{"", "started", "stopped", "completed"},
		OnError: Close, OnGoneTarget: Close,
		MaxOffers: 10, SwarmCapacity: 1000, MaxScrape: 255,
		MaxFrame: 16 << 10, MaxMessage: 64 << 10,
		DefaultInterval: 120 * time.Second,
		PeerTimeout:     40 * time.Second,
	},
}
