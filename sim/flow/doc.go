// Package flow answers: what happens in an audience too large to move its packets?
//
// It is the tier of fluid transfers. The viewers are the same as everywhere (sim/viewer); the network beneath them knows no
// packets, only transfers that have a rate: that of the links at their two ends, shared among all that use them. Everything else
// that a network does takes time: signalling, connecting, the way there and back. No byte of a segment is moved; a message says
// what it is a part of, so that a wrong one is still noticed.
//
// One queue of events runs all viewers, on one goroutine: a run is a pure function of its scenario and seed, to the bit. So it is on any processor:
// products are rounded before anything is added to them (TestNothingIsFused). What is left are the last bits of math.Exp and math.Log, which
// differ between processors: in hls.js's averages and in a few of rand.NormFloat64's draws. Sizes and the times that viewers stay are rounded
// to something coarser.
//
// # What is the same as in the packet tier
//
// The viewer: player, P2P Media Loader's core, announce client; the tracker; the origin's playlists, sizes, errors; commands,
// byte for byte; messages of a data channel in order and whole, so that a command waits behind the data before it; one upload at a
// time; buffered amounts counted in whole messages.
//
// # What is assumed instead
//
// Transfers follow their connection's congestion window (window): slow start, congestion avoidance, random and congestive loss, and
// the queue that windows fill. They share links by weighted max-min fairness (sharing), the weight being the window, since that is
// what a queue shared by all makes of it. Connections take as many round trips as were measured in the packet tier, and fail for the
// pairs of NATs that fail there (setup). Lines wander as the packet tier's do. Each assumption is a field of the scenario, with a
// default; see scenarios.Network. With network.sharing: equal, rampUp: false, headers: 0 and the set-up times given, the tier is the
// simple fluid model that other simulators are.
//
// # Limits
//
// A line's queue is not followed packet by packet: of what passes it only transfers stand in it, and several transfers' bursts share it at
// once instead of one after the other. Nothing limits what is sent beyond a lost packet (Pion's receiver holds 1 MiB). Nothing is sent
// again in vain, as Pion does over round trips of 0.8 s and more. Requests have no limit of connections to a host. Between more than 64
// transfers on one side rates are up to 5 % old; else they are within 1 % of fair (TestMaxMinIsNearlyExact measures the error).
//
// How far it is from the packet tier is measured, by make crossvalidate; README.md has what it found, and how each assumption was
// set.
package flow
