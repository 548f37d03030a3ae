// Package sweep answers: how does a metric depend on these settings? It runs a scenario once for every combination of some
// fields' values, each combination with the same seeds, so that combinations differ in their settings and not in their audience.
//
// [ParseAxis] reads what the command line says of one field, [NewPlan] makes the grid and checks every combination before anything
// runs, and [Plan.Run] runs what is not on disk yet, several runs side by side. Each finished run is a line of runs.jsonl in the
// output folder before it counts; the same plan on the same folder goes on where it was.
//
// The engine does not know how a run is done: its caller gives an [Evaluate].
//
// # Limits
//
// A grid looks everywhere, so it is for one or two settings; the best cell of many looks better than it is, because its luck is a part
// of why it was picked. A tuning (sim/tune) judges its pick on seeds that it was not picked by.
package sweep
