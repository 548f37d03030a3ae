// Package suite answers: which of several trackers does best under the same load?
//
// The trackers take turns (A B C A B C), so that a machine that gets slower or faster meanwhile does so for all of them, and only
// one has load at a time. Each round is a measurement of its own with the same seed; a report shows the median of the rounds and
// how far they are apart. While the load runs, the tracker's process is watched where it can be found; afterwards the offers that
// arrived are looked at as a graph.
//
// # Limits
//
// Trackers that wait for their turn still run, and still have memory. [CheckLimits] looks at what this process may open, and at the
// ports of loopback; what a tracker elsewhere may open is its operator's to know.
package suite
