package main

import (
	"context"
	"errors"
	"fmt"

	"swarmlab/scenarios"
	"swarmlab/sim"
)

// The exit codes are an interface: scripts and CI act on them.
const (
	exitGood        = 0
	exitFailed      = 1   // the run failed: an invariant was broken, a file could not be written
	exitBadInput    = 2   // bad usage, scenario or file; nothing was written
	exitCrossed     = 99  // a threshold or a baseline was crossed, as in k6
	exitInterrupted = 130 // a signal ended it; what was finished is kept
)

// usageError is a mistake on the command line.
type usageError struct{ error }

// errCrossed: the check ran, and a threshold or a baseline is crossed.
var errCrossed = errors.New("conditions are crossed")

// exitCode says how the process ends after err.
func exitCode(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitGood
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, errCrossed):
		return exitCrossed
	case errors.As(err, &usage), errors.Is(err, scenarios.ErrInvalid), errors.Is(err, sim.ErrInput):
		return exitBadInput
	}
	return exitFailed
}

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }
