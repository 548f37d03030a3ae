// Package p2pml is P2P Media Loader's core as a state machine: what would the engine in a viewer's page do next?
//
// # The model
//
// It reproduces p2p-media-loader-core 2.3.1: for each stream type a scheduler with its queue, its three windows and its random
// HTTP prefetch; requests that keep their bytes while they change between HTTP and peers; the connections, their commands
// and the pacing of uploads; the memory storage; the bandwidth estimate that the player is given. The segments themselves are only
// counted, unless the tier moves real bytes.
//
//	player ── LoadSegment, UpdatePlayback, UpdateStream ──> Core ── Events ──> whoever records
//	                                                          │
//	                          Env: time, timers, chance, HTTP, tracker sockets, peer connections
//
// A Core is sans-IO and single-threaded. It starts no goroutine, reads no clock and draws from no other chance than Env's; for the
// same calls it does the same things, in the same order, including the order of its draws. Where the library defers work to a
// microtask, the core calls Env.Defer: several causes in one turn run the scheduler once and send one announcement, as there
// (microtasks.go; tick.go is for its zero-delay timers).
//
// # Reading it against the library
//
//	Core            Core              identity.go, core.go
//	HybridLoader    hybridLoader      hybrid.go, housekeeping.go, schedule.go, prefetch.go
//	QueueUtils      appendQueue       queue.go
//	Request         request           request.go, silence.go
//	HttpExecutor    httpLoad          httpload.go
//	P2PLoader       swarm, swarms     swarm.go, swarms.go, tracker.go
//	Peer, Protocol  peer, writeQueue  peer.go, peer_receive.go, peer_send.go, writequeue.go, choice.go
//	SegmentStorage  storage           storage.go
//
// # What is not done one by one
//
// In a large swarm nearly all that a viewer hears changes nothing. A scheduling pass that would do nothing is left out (calm.go); a
// picture that just runs on is followed instead of being told of (follow.go); an announcement that can wait may be kept back by the
// environment (patience.go). Each is exact, and held by tests against doing everything.
//
// Known defects of the release are reproduced, each behind a switch (Defects). What versions after 2.3 do differently has a seam,
// generation, and only one implementation.
//
// # Limits
//
// Validation callbacks are immediate here and asynchronous there; a custom segment storage and httpRequestSetup do not exist. The
// library calls the player back in the middle of a scheduling pass, the core at the end of the turn, when it has come to rest; a
// player that reacts in a task of its own, as hls.js does, cannot tell. README.md has the whole list.
package p2pml
