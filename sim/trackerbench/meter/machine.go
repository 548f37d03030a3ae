package meter

import (
	"bytes"
	"os"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"
)

// Machine is what this process and its machine have spent at one moment. Two of them tell what a time between cost.
type Machine struct {
	At          time.Time
	CPU         time.Duration
	stolen, all int64 // ticks of all processors; 0 if not known
	pauses      debug.GCStats
}

// ReadMachine takes some ten microseconds.
func ReadMachine() Machine {
	m := Machine{At: time.Now()}
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) == nil {
		m.CPU = time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	debug.ReadGCStats(&m.pauses)
	m.stolen, m.all = stolenTicks()
	return m
}

// stolenTicks reads the first line of /proc/stat: user nice system idle iowait irq softirq steal, since the start of the machine.
func stolenTicks() (stolen, all int64) {
	const steal = 8
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	for i, field := range bytes.Fields(line) {
		if i == 0 || i > steal { // "cpu"; guests are within user
			continue
		}
		n, _ := strconv.ParseInt(string(field), 10, 64)
		if all += n; i == steal {
			stolen = n
		}
	}
	return stolen, all
}

// Spent is what one process and its machine did between two moments.
type Spent struct {
	Wall, CPU          time.Duration
	PauseMax, PauseSum time.Duration // of the garbage collector
	StealShare         float64       // of all processors' time, 0 to 1
}

// Since is what was spent since before.
func (m Machine) Since(before Machine) Spent {
	s := Spent{Wall: m.At.Sub(before.At), CPU: m.CPU - before.CPU, PauseSum: m.pauses.PauseTotal - before.pauses.PauseTotal}
	for i, end := range m.pauses.PauseEnd {
		if end.After(before.At) && i < len(m.pauses.Pause) {
			s.PauseMax = max(s.PauseMax, m.pauses.Pause[i])
		}
	}
	if ticks := m.all - before.all; ticks > 0 {
		s.StealShare = float64(m.stolen-before.stolen) / float64(ticks)
	}
	return s
}
