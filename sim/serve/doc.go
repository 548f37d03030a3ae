// Package serve answers: what does a real player do with this stream and this tracker?
//
// It puts a scenario's origin and the embedded WebTorrent tracker on real TCP ports, with a page that plays the stream in a browser
// by hls.js and P2P Media Loader. Nothing is shaped: links, regions, NATs and the audience of the scenario do not count here, its
// stream, its origin's delay and errors, its tracker, and the viewers' options do.
//
//	/                    the viewing page
//	/stream/...          the origin; a live stream's clock starts when it is served
//	/tracker             the tracker's WebSocket
//	/stats               what both have done, as JSON
//
// It serves whoever can reach it. That is why it listens on loopback addresses only, unless told otherwise.
package serve
