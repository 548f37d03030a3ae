// Package overlay answers: what kind of swarm does a tracker's choice of peers make?
//
// A tracker that answers fast can still make a bad swarm: one that falls apart when some leave, in which the first to come are
// offered everything, or in which neighbours all know each other and nobody else. The package takes who was offered to whom and
// measures the graph: degrees, components, path lengths, clustering, and what remains after departures.
//
// Degrees hardly tell selection rules apart. What does is the overlap of target sets: whoever picks consecutive places of a list
// offers the same neighbours together again and again. Among 1,000 peers with 5 offers each, two announces that share a target
// share 1.0 of them if all are as likely, 1.6 with aquatic_ws's rule, 2.8 with wt-tracker's.
//
// # Limits
//
// It sees one swarm, and who ever was in it, not who was at a moment. Paths, clustering and overlap are sampled where the graph
// is large, from a seed: the same graph and the same seed give the same figures. No graph, however odd, costs more than some
// tens of millions of steps.
package overlay
