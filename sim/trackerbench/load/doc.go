// Package load answers: what do viewers ask of a tracker, and when?
//
// A [Load] is plain data. Its [Plan] is the sequence of everything that is due: arrivals, announces, leavings, scrapes, in order of
// time. It is drawn from the load's seed alone, one at a time, so that the longest run needs no list; nothing that the tracker does
// changes it, which is what makes the load open-loop.
//
// [Descriptions] are session descriptions of real shape and size, from two that browsers exchanged.
//
// # Limits
//
// Viewers come and go, but their number is steady: one that leaves is followed at once by another in its place. How long a viewer stays
// is therefore exponentially distributed.
package load
