// Package oracle answers: does our core do what the released library does?
//
// It runs the released p2p-media-loader-core, as npm installs it and unmodified, inside this project's own world, so that the only
// difference between two runs is the core.
//
// # How
//
// The world stays in Go: the flow tier (sim/flow) runs a scenario as always, with the same links, origin, tracker, announce
// client and player. Only the engine that the player talks to is another one (player.NewEngine): a Core, which is the near end of
// a core in a Node process. All viewers of a run share one process.
//
//	player ── LoadSegment, UpdatePlayback, ... ──> Core ══ pipes ══> released core
//	                                                │                  │ setTimeout, fetch, Math.random, bittorrent-tracker
//	p2pml.Env <── timers, requests, messages, chance ──────────────────┘
//
// A turn of a viewer is a task of its page: what the turn told the core goes over in one frame, everything in it runs, then all
// microtasks, and what the core wants done comes back and is done here with the viewer's own p2pml.Env, in the order in which it
// was wanted. Chance and the channel's buffered amount are asked for in the middle of that, so both kinds of core draw the same
// numbers at the same points and see the same channel. Segment data never crosses the pipe: its size does, and a number by which
// this side knows whose bytes they are.
//
// In Node two imports lead elsewhere (node/hooks.mjs): bittorrent-tracker, as the announce client is ours for both, and the WebRTC
// that simple-peer asks for. simple-peer and streamx themselves are the released ones: how the library queues messages and how
// its connections end is theirs. The page's globals (node/page.mjs) are time, timers, chance and fetch. The storage is the
// released one; it is given stand-ins for the segments' bytes (customSegmentStorageFactory).
//
// # What is compared
//
// Everything, in order: each call of the player, event, request, message and command, byte for byte, with its time (Trace). That
// is possible because nothing in this world is left to chance but what both cores draw alike; it would be too much to ask of two
// real browsers. A difference of one line makes a run differ. Means over the seeds are compared as well, and printed.
//
// # Limits
//
// What is the same on both sides is not tested: the player, the announce client, the network. Turning an option at run time,
// validation callbacks and httpRequestSetup are not driven. A browser's own ways (coarse clocks, throttled pages, several tasks
// for what is one turn here) are not there: `make calibrate` is for those.
package oracle
