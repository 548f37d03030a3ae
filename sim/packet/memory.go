package packet

import (
	"os"
	"runtime/debug"
)

// floor counts as live heap and takes no memory: a large slice without pointers, of which no page is ever touched.
var floor []byte //nolint:unused // it is there to be there

// TuneMemory sets the garbage collector for a process that runs swarms, unless the environment says how it is to be set. A swarm's
// live heap is small beside what its packets allocate: collecting a quarter as often costs memory (about twice as much) and saves a
// tenth of the CPU. A small swarm would still collect all the time, the heap being small; with a floor of 64 MB under it the first
// collection comes at 320 MB, which takes a fifth off the cost of its connections. The flow
// tier's estimate of memory goes by both figures.
func TuneMemory() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(400)
	floor = make([]byte, 64<<20)
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(6 << 30) // from here on memory is dearer than time; it is no hard limit
	}
}
