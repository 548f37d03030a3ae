// Package hls answers one question: what does the origin serve, and when? It is the stream that a simulated swarm watches:
// playlists, segments, the http.Handler that serves them and counts what it served, and the reader with which a player
// understands playlists.
//
// # The model
//
// A [Stream] is a pure function of its configuration and of a time. It has one track per variant (and per audio rendition that
// has a playlist of its own); a track is a list of segments that is either played once (VOD) or repeated for ever (live). At
// time t of the stream's own clock a live track has published exactly the segments whose last frame has passed, and its
// playlist shows the newest of them. At t = 0 the playlist is already full, as that of a channel that has run for long.
//
// There are two kinds of streams. [NewSynthetic] makes one out of thin air. Every segment has bandwidth * duration / 8 bytes, to
// the nearest packet of MPEG-TS (188 bytes, one at least); it can be played, since among its packets are those of a little real
// video and audio (package testcard; [Stream.Card] tells what is inside); and whoever holds its bytes can verify them without
// asking anybody ([VerifySynthetic]), since it carries a line that names it, and the rest is grown from that line. [Open] takes
// somebody's own HLS folder, with the durations and sizes that a real encoder gave it, because variable bitrate is what bites in
// practice.
//
// [Origin] is an ordinary http.Handler; it needs a clock and a way to sleep, both replaceable, and nothing else.
// [ParseMaster] and [ParseMedia] are the reading side, written against RFC 8216 and not against the writing side: the tests
// hold one against the other, and [CheckMedia] holds both against the rules of the RFC.
//
// # Limits
//
// A synthetic segment whose size is too small for video or audio has less of them, or none (see package testcard), and then
// players in browsers stop at it. There are no partial segments (low-latency HLS), no encryption (an encrypted folder is
// refused, an encrypted playlist is read and marked), no variable substitution (EXT-X-DEFINE). Subtitles and I-frame playlists
// of a folder are left out: P2P Media Loader does not share them.
package hls
