// Package crossvalidate answers: does the fluid network do to a swarm what packets do?
//
// It sets runs of one scenario in the flow tier against runs in the packet tier, with the same seeds, metric by metric, and says which
// of the bounds that the flow tier is to keep are broken. Who runs them is not its business: command cmd, or a test.
package crossvalidate
