// Package testcard answers one question: what does a person see and hear who plays a synthetic segment? It fills a segment of
// any number of MPEG-TS packets with a little real H.264 and AAC, so that ffmpeg, hls.js and a phone play what the simulator
// makes up.
//
// # The model
//
// A [Card] is one segment's share of an endless broadcast: a test card with the segment's number in large digits on the
// variant's colour, a mark that runs from left to right while the segment lasts, and a beep at every whole second. [Write] lays
// it over bytes that are already there (the padding), as whole packets of 188 bytes, and is a pure function of the card and the
// number of packets.
//
// Every segment can be played by itself (PAT, PMT, then an IDR picture with its parameter sets) and every two in a row can be
// joined: a picture is shown at its share of the segment, a frame of audio belongs to the segment that contains its time, times
// go by the card's Start, and continuity counters go on because a segment holds a multiple of 16 packets of every PID. The last
// is also why a player that changes the variant between two segments sees no break.
//
// The first segment's first picture is shown at 1 s on the 90 kHz clock, which begins anew after 2^33 ticks (26.5 hours), as
// players know. PCR comes with every picture, or without video with every packet of audio; it runs 0.7 s behind and tells a
// constant bitrate, that of the whole segment.
//
// # What is left out where there is no room
//
// [Fit] takes the richest that fits: the pictures asked for; half of them, and half again, down to one; audio alone; nothing.
// A segment of 2 s with pictures of up to 640x360 and audio has room for both from 66 packets (12,408 bytes, 50 kbit/s), for audio
// alone from 50 (38 kbit/s); one of 4 s from 82 and 66 (31 and 25 kbit/s). A stream's last segment, which may be short, makes do
// with less, since nobody continues its counters: about 11 packets, and 5.
//
// # Limits
//
// Pictures are flat blocks of 16x16 pixels, and there are no B pictures, so that DTS is PTS. Audio is mono at 48 kHz.
package testcard
