package flow

import (
	"math"
	"os"
	"runtime/debug"
)

// A crowd's viewers are a live heap of gigabytes, of which next to nothing becomes garbage: the collector can let it grow by half at
// a time, and must not be held to a limit of memory that the viewers alone go beyond, since it would never stop collecting. Smaller
// audiences are left to what the process has set, which is kinder to time and harder on memory.
const (
	crowdOfViewers = 2000
	crowdPercent   = 50
)

// easeCollector sets the garbage collector for so many viewers, unless the environment says how it is to be set, and returns what
// sets it back.
func easeCollector(viewers int) (restore func()) {
	if viewers < crowdOfViewers || os.Getenv("GOGC") != "" {
		return func() {}
	}
	percent := debug.SetGCPercent(crowdPercent)
	limit := debug.SetMemoryLimit(-1)
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(math.MaxInt64)
	}
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}
