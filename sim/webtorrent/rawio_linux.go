package webtorrent

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Reading and writing sockets that never block, without a word to Go's scheduler. By unix.Write the scheduler's monitor sees a
// goroutine in a system call, polls every 20 µs whether it is still there, and gives its processor away: with writes of 10 µs on
// end that was, by strace, three of its naps and a futex for each announce, and a quarter of all system time. The price is that a
// garbage collection waits for the write under way.

func rawWrite(fd int, b []byte) (int, error) {
	n, _, errno := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

func rawRead(fd int, b []byte) (int, error) {
	n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
