// Package player answers: what does a viewer's video player ask for, and when, and does the picture ever stop?
//
// It is a model of hls.js 1.6/1.7 in a browser, driven as p2p-media-loader-hlsjs 2.3 drives it, or alone (a plain HTTP player, the
// baseline). It loads playlists, chooses a bitrate, keeps a buffer, plays, stalls and rejoins. What it models of which hls.js
// file, and what it leaves out, is in README.md beside this file.
//
// The player is sans-IO and single-threaded: everything happens on its viewer's turn, through p2pml.Env. It starts no goroutine,
// reads no clock but Env.Now and draws no chance but Env.Rand. The picture's position is computed from the clock when somebody
// asks; timers exist only for moments that can change something (the buffer runs dry, the buffer falls under its goal, a
// playlist is due), so that a viewer who is merely watching costs next to nothing. hls.js instead looks every 100 ms; its phase
// is kept: what hls.js would do on a tick happens here on the same tick.
//
// Limits: one muxed rendition is played (alternate audio is registered with the engine but not fetched); parsing, appending and
// decoding take no time; low-latency HLS parts, encryption, content steering and the browser's buffer quota are not modelled.
package player
