//go:build unix && !linux

package main

import "context"

// alone does nothing: only Linux gives a process a network of its own.
func alone(context.Context) (code int, done bool) { return 0, false }
