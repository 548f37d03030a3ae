// Command swarmlab answers: how much will peer-to-peer delivery save, on which settings, with which tracker, and did
// yesterday's change make it worse? See README.md.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"swarmlab/sim"
)

func main() {
	sim.TuneMemory()
	// The first signal ends a run in order; with the handler gone, the second one ends the process at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], streams{out: os.Stdout, err: os.Stderr, terminal: isTerminal(os.Stderr)}))
}
