// Package webtorrent is WebTorrent signalling: how do viewers that know nothing but an info hash and a tracker's address find
// each other, and how soon?
//
// It has two halves that know each other only by the messages between them:
//
//   - Client and Sockets are the announce client of P2P Media Loader 2.3 (bittorrent-tracker 11 in a browser), sans-IO: it is told
//     what happened by its Env and asks it for sockets, timers and peer connections. It starts no goroutine and reads no clock.
//   - Tracker is a tracker as pure logic: messages in, messages out, time and chance as arguments. Handler serves one over
//     WebSocket, on a real network or an emulated one, in real time or in a testing/synctest bubble.
//
// # The model
//
// Signalling is not trickled: a description is sent whole, once gathered. A client comes with five ready offers and the tracker
// passes each on to another, random peer of the swarm, who answers through the tracker. That is all a tracker does; it never
// introduces two peers that did not ask.
//
// # Limits
//
// One tracker per address, in one process: no clusters, and no separate swarms for IPv4 and IPv6 as aquatic_ws has them. Peers
// are believed: whoever knows a peer id may take it over. TLS is the caller's, who has the net/http server.
//
// README.md describes the protocol as spoken, and how the trackers of the field differ.
package webtorrent
