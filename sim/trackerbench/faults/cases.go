package faults

import (
	"context"
	"fmt"
	"slices"
)

// fault is one kind of mistreatment. Its run counts every attempt, and returns when ctx ends or soon after it is done.
type fault struct {
	name, doc string
	run       func(ctx context.Context, a *attack)
}

const restart = "restart"

// all is in the order in which they are tried: the harmless first, what ends the process last.
var all []fault

func register(f fault) {
	if slices.Contains(Names(), f.name) {
		panic("faults: two named " + f.name)
	}
	all = append(all, f)
}

// Names lists the kinds of fault in the order in which they are tried.
func Names() (names []string) {
	for _, f := range all {
		names = append(names, f.name)
	}
	return names
}

// Describe is what a kind of fault does, in a line.
func Describe(name string) (string, error) {
	for _, f := range all {
		if f.name == name {
			return f.doc, nil
		}
	}
	return "", fmt.Errorf("no fault named %q", name)
}

// The order is this list's, not that of the files.
func init() {
	for _, f := range slices.Concat(connectionFaults, frameFaults, messageFaults, swarmFaults, processFaults) {
		register(f)
	}
}
