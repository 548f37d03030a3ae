// Package profile answers: what does a WebTorrent tracker need of its clients, and what does it owe them?
//
// The protocol was never written down, and every tracker speaks a dialect. Whether a missing response is a loss or a custom, how
// many of ten offers may arrive, which event closes the connection: a benchmark that does not know this counts the tracker's
// habits as its failures. So each tracker has a [Profile], a row of plain facts, and [Detect] finds out by harmless questions
// which one it is talking to.
//
// # Limits
//
// The facts are those of one version each, named in the profile's Doc: bittorrent-tracker's and wt-tracker's were observed,
// aquatic_ws's were read in its source. A profile says nothing of speed, and nothing of an operator's own configuration; only
// the interval is learnt from the tracker itself.
//
// The package imports none of ours, so that a tracker that imitates another one (sim/webtorrent) can be made from the same table.
package profile
