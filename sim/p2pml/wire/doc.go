// Package wire speaks the data-channel language of P2P Media Loader 2.3 byte for byte: how does a command look on the wire,
// and what does the released library make of the bytes it gets?
//
// # The model
//
// A data-channel message is either a command frame or raw segment bytes; nothing but the frame's first and last four bytes
// tells them apart (IsCommand). Segment bytes that happen to look like a frame are misread by the library and therefore by us:
// a viewer that were cleverer than the real one would not predict it.
//
//	sender:    Command -Encode-> payload -Frames-> frames
//	receiver:  frame -IsCommand/Joiner.Add-> payload -Decode-> Command
//
// A payload is the command's id followed by fields: one ASCII letter and a typed value each. Integers are big-endian
// sign-magnitude; lists of segment ids are grouped by all but their low byte.
//
// # What is reproduced, defects included
//
// The library counts the ids of one 256-block in one byte. A viewer that holds a whole aligned block announces a count of
// zero, which no receiver can decode: it drops the announcement and keeps the previous one. Encode and Decode do the same;
// OmitFromFullBlocks is what a sender does who wants to stay visible.
//
// # Limits
//
// The library's numbers are doubles. Decode rounds what a double would round (beyond 2^53) and saturates what an int64 cannot
// hold; both only happen with ids nobody uses. Fields that were not sent are zero here, undefined there. A known field with a
// value of the wrong type is an error here; there it becomes a value that compares equal to nothing.
//
// The package holds no state but the Joiner's, starts nothing, and never panics on bytes from others. All memory it keeps or
// returns is bounded by the bytes it was given (see MaxCommandBytes and Decode).
package wire
