package sim

import "swarmlab/sim/packet"

// TuneMemory sets the garbage collector for a process that runs swarms and does little else.
func TuneMemory() { packet.TuneMemory() }
