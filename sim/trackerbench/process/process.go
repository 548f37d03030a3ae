package process

import (
	"errors"
	"time"

	"swarmlab/results"
)

// Errors that callers decide by.
var (
	ErrNotAvailable = errors.New("figures of processes are not available here")
	ErrNotFound     = errors.New("no such process")
	ErrExited       = errors.New("the process has ended")
)

// Sample is a process at a moment, its threads and its children, and theirs, included.
type Sample struct {
	At time.Time
	// CPU is user and system time since the process began, of children too, also of those that have ended.
	CPU      time.Duration
	RSSBytes int64
	PSSBytes int64 // memory shared with others counted in part; 0 if the kernel does not say
	// Context switches of the threads that there are now: given up by themselves (waiting) and taken from them.
	Voluntary, Involuntary          int64
	Processes, Threads, Descriptors int
}

// Window is what was observed of a process in one round of a benchmark, with what it did meanwhile.
type Window struct {
	Idle, Begin, End Sample // before the first connection; the measured window's ends
	Connections      int    // open at Begin
	Announces        int64  // between Begin and End
	Relayed          int64  // offers and answers, likewise
	Exited           bool   // before End
}

// Figures works out costs for each announce, relayed message and connection. What there was none of costs 0.
func (w Window) Figures(pid int, command string) *results.TrackerProcess {
	f := &results.TrackerProcess{
		PID: pid, Command: command, ExitedDuringTheRound: w.Exited,
		RSSBytesBefore: w.Idle.RSSBytes, RSSBytes: w.Begin.RSSBytes, RSSBytesAfter: w.End.RSSBytes, PSSBytes: w.Begin.PSSBytes,
		Threads: w.Begin.Threads, Descriptors: w.Begin.Descriptors,
	}
	if w.Connections > 0 {
		f.RSSPerConnection = float64(w.Begin.RSSBytes-w.Idle.RSSBytes) / float64(w.Connections)
	}
	if w.Exited {
		return f // its last sample is not of the window's end
	}
	cpu := w.End.CPU - w.Begin.CPU
	f.CPUSeconds = cpu.Seconds()
	if took := w.End.At.Sub(w.Begin.At); took > 0 {
		f.CPUShare = cpu.Seconds() / took.Seconds()
	}
	if w.Announces > 0 {
		f.CPUUsPerAnnounce = float64(cpu.Microseconds()) / float64(w.Announces)
	}
	if w.Relayed > 0 {
		f.CPUUsPerRelayed = float64(cpu.Microseconds()) / float64(w.Relayed)
	}
	// A thread that has ended takes its count along.
	f.VoluntarySwitches = max(0, w.End.Voluntary-w.Begin.Voluntary)
	f.InvoluntarySwitches = max(0, w.End.Involuntary-w.Begin.Involuntary)
	return f
}
