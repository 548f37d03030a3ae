// Package stub answers: does the benchmark report what is so? It is a tracker whose delays, losses and errors are known because they are
// asked for.
//
// [Tracker] is the logic, told the time. [Network] puts it behind a clock of its own, in which a round takes no time and every figure
// can be computed beforehand. [Handler] serves it on real sockets.
//
// # Limits
//
// For tests: it trusts its clients, and takes encoding/json for everything.
package stub
