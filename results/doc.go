// Package results answers "what happened?": it is the schema of a run's result, the records from which one is made, and the
// store that keeps it.
//
// # The model
//
// Every viewer has a [ViewerRecord], which is told what happens to that viewer and only adds up. Once a simulated second a
// [Sampler] reads the records' [Totals] and writes one [Sample]. At the end [Summarise] turns records, samples and the
// counters of origin and tracker into a [Result]: a summary, the timeline, one row per viewer and histograms.
// [CheckInvariants] then asks whether the result can be true at all, and [Write] keeps it.
//
// Bytes are counted twice, on purpose. A chunk is counted when it arrives, whatever becomes of it; that is what the library's
// demo page shows, and it is what a viewer's link carried. When a segment is complete its bytes are counted again as useful,
// by the source from which each byte truly came: a segment may be half P2P and half HTTP, and the library's own event credits
// all of it to the source that finished. Chunk bytes are useful bytes, plus wasted bytes, plus what was unfinished when the
// run ended. Every ratio says which of the two it is made of; METRICS.md in this folder has the definitions.
//
// # Limits
//
// Latencies are kept to the microsecond up to an hour and eleven minutes and summarised to three significant figures;
// histograms are stored to two. Nothing here knows how a viewer works or where time comes from: times are arguments.
//
// A result's overlay (who uploads to whom) is of the whole run, not of a moment.
//
// # Comparing
//
// [Evidence] is what runs of one scenario with different seeds say, read from runs, repeats or a baseline. [Compare] sets evidence side
// by side, [Against] sets it against a baseline, [Condition] is a threshold. docs/comparing.md has the rules, and how often they are
// wrong; upgrade.go says how files outlive the program that wrote them.
package results
