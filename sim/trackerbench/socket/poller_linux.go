package socket

import (
	"errors"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// poller waits for an epoll set, to the microsecond where the kernel can (5.11 and later), else to the millisecond.
type poller struct {
	epoll  int
	coarse bool
	pinned bool
	alone  bool // the runtime has no other processor for anybody else
}

// pin keeps the caller on its thread, and has the kernel wake that one when it is due, and not within 50 microseconds of it.
func (p *poller) pin() {
	if !p.pinned {
		p.pinned = true
		p.alone = runtime.GOMAXPROCS(0) == 1
		runtime.LockOSThread()
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) // at the worst it stays late
	}
}

func (p *poller) unpin() {
	if p.pinned {
		p.pinned = false
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 0, 0, 0, 0) // the default
		runtime.UnlockOSThread()
	}
}

// nap is a sleep so short that the runtime need not be told. By a told one its monitor thread sees a processor in a system call, polls
// every 20 µs whether it is still there, and gives it away: by perf that was a tenth of this process. The price is that a garbage
// collection waits for the end of the nap, or for its signal to end it.
const nap = 2 * time.Millisecond

// sleep may be interrupted.
func (p *poller) sleep(d time.Duration) {
	limit := unix.NsecToTimespec(d.Nanoseconds())
	if d > nap || p.alone {
		_ = unix.Nanosleep(&limit, nil)
		return
	}
	_, _, _ = unix.RawSyscall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&limit)), 0, 0)
}

// sysEpollPwait2 has the same number on all architectures.
const sysEpollPwait2 = 441

// wait returns at once if d is not positive. It may return early, with nothing.
func (p *poller) wait(ready []unix.EpollEvent, d time.Duration) (int, error) {
	if d <= 0 {
		// Looking takes no time, so the runtime need not be told.
		n, _, e := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.epoll), uintptr(unsafe.Pointer(&ready[0])), uintptr(len(ready)), 0, 0, 0)
		return result(n, e)
	}
	if !p.coarse {
		limit := unix.NsecToTimespec(d.Nanoseconds())
		n, _, e := unix.Syscall6(sysEpollPwait2, uintptr(p.epoll), uintptr(unsafe.Pointer(&ready[0])), uintptr(len(ready)),
			uintptr(unsafe.Pointer(&limit)), 0, 0)
		if e != unix.ENOSYS {
			return result(n, e)
		}
		p.coarse = true
	}
	// Rounded down, so as not to be late; below a millisecond there is nothing but to look again, and sleeping would be late.
	n, err := unix.EpollWait(p.epoll, ready, int(max(1, d/time.Millisecond)))
	if errors.Is(err, unix.EINTR) {
		return 0, nil
	}
	return n, err
}

func result(n uintptr, e unix.Errno) (int, error) {
	switch e {
	case 0:
		return int(n), nil
	case unix.EINTR:
		return 0, nil
	}
	return 0, e
}
