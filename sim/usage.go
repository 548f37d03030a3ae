package sim

import (
	"runtime"
	"syscall"
	"time"
)

// usage measures what a run costs the machine. These are the only figures of a result that the machine decides.
type usage struct {
	start time.Time
	cpu   time.Duration
}

func startUsage() usage {
	cpu, _ := rusage()
	return usage{time.Now(), cpu}
}

// until is the wall and CPU time since the start, and the process's largest resident set so far, in bytes.
func (u usage) until() (wall, cpu time.Duration, maxRSSBytes int64) {
	now, rss := rusage()
	return time.Since(u.start), now - u.cpu, rss
}

// rusage asks the operating system; where it does not know, the figures are 0.
func rusage() (cpu time.Duration, maxRSSBytes int64) {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0, 0
	}
	unit := int64(1024) // Linux and the BSDs count KiB
	if runtime.GOOS == "darwin" {
		unit = 1
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()), r.Maxrss * unit
}
