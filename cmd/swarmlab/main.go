// Command swarmlab answers: how much will peer-to-peer delivery save, on which settings, with which tracker, and did
// yesterday's change make it worse? See README.md.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	if os.Getenv("GOGC") == "" {
		// A swarm's live heap is small beside what its packets allocate: collecting a quarter as often costs memory (about twice as
		// much) and saves a tenth of the CPU.
		debug.SetGCPercent(400)
		if os.Getenv("GOMEMLIMIT") == "" {
			debug.SetMemoryLimit(6 << 30) // from here on memory is dearer than time; it is no hard limit
		}
	}
	// The first signal ends a run in order; with the handler gone, the second one ends the process at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], streams{out: os.Stdout, err: os.Stderr, terminal: isTerminal(os.Stderr)}))
}
