// Package flow answers: what happens in an audience too large to move its packets?
//
// It is the tier of fluid transfers. The viewers are the same as everywhere (sim/viewer); the network beneath them knows no
// packets, only transfers that have a rate: that of the links at their two ends, shared among all that use them. Everything else
// that a network does takes time: signalling, connecting, the way there and back. No byte of a segment is moved; a message says
// what it is a part of, so that a wrong one is still noticed.
//
// One event heap runs all viewers, on one goroutine: a run is a pure function of its scenario and seed, to the bit.
//
// # What is the same as in the packet tier
//
// The viewer: player, P2P Media Loader's core, announce client; the tracker; the origin's playlists, sizes, errors; commands,
// byte for byte; messages of a data channel in order and whole, so that a command waits behind the data before it; one upload at a
// time; buffered amounts counted in whole messages.
//
// # What is assumed instead
//
// How transfers share links (network.sharing), how they begin and what loss costs (network.rampUp), headers, how long connecting
// takes and which NATs can be passed. Each is a field of the scenario, with a default; see scenarios.Network.
package flow
