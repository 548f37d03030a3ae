// Package tune answers: which settings are best for this audience, and by how much?
//
// A [Plan] is a scenario, a [Space] of its fields, objectives and constraints. [Run] searches the space in the flow tier, confirms
// the best few and the defaults in the packet tier with seeds that the search never used, and says what may be said: which setting
// wins, by how much with which interval, on which other audiences it still does, or that none is better.
//
// # The search
//
// Trials are chosen in batches of a fixed size. The first fill the space evenly (a scrambled Halton sequence); for the others a
// Gaussian process is fitted to what is known, one for the objective and one for each constraint, and the trial is chosen that promises
// most: expected improvement times the probability of keeping the constraints. Several objectives take turns by random weights
// (Knowles 2006, ParEGO). It is our own, on gonum's matrices and optimiser: gonum's CMA-ES knows neither whole numbers nor choices nor
// constraints, and wants more trials than a simulation of minutes affords; no kept Go library for this was found.
//
// All trials use the same seeds in the same order, the defaults too, and are judged by their differences to the defaults seed by seed:
// what chance does to an audience it does to all of them (common random numbers). A trial begins with one seed. The best quarter of all
// that were tried gets more, the best quarter of those gets all; who is beaten for certain gets none (successive halving, in the
// asynchronous form of Li et al. 2018, with a race after Maron and Moore 1994). Everything else is stopped early.
//
// # What is not believed
//
// The best of three hundred is always lucky. So nothing that the search measured is quoted as a gain: what is quoted comes from
// fresh seeds and the packet tier, corrected (Holm) for having confirmed several, with intervals that hold for all of them at once, so
// that they hold for the one that is picked. A winner whose advantage chance explains is not a winner. Where the two tiers order two
// settings differently, a warning says so.
//
// # Coming back
//
// Every simulation that has ended is a line of journal.jsonl, brought to the disk before the next trial is chosen. Run is a
// deterministic program of its plan and of what simulations measured; started again on the same journal it asks for the same
// simulations, finds the finished ones, and goes on. Batches do not depend on the number of cores. What the wall clock decides (the
// end of a budget) is written down when it is decided. The packet tier is repeatable in the statistical sense only: its runs that had
// ended are not run again.
//
// # Limits
//
// An optimum that is a spike, narrower than a tenth of a range or so, may be missed. What the flow tier does not model cannot be found by
// a search in it: its doc lists that. README.md has the experiment on planted problems.
package tune
