// Package process answers: what does a tracker cost the machine that it runs on?
//
// Latency on a shared machine is mostly the machine's; processor time per announce hardly is. So a benchmark watches the tracker
// from outside, through Linux' /proc: processor time of the process with all its threads and children, memory, context switches,
// descriptors. [Listening] finds the process by the port that it listens on.
//
// # Limits
//
// Linux only, and processes that one may look into: one's own, or any as root. Elsewhere everything is [ErrNotAvailable].
// Processor time comes in ticks of 10 ms: a second's worth is right to a percent. What the kernel does for a tracker in
// interrupts (much of loopback's receiving) is counted where it happens to run, as always. Memory of sockets is the kernel's and
// in nobody's RSS.
package process
