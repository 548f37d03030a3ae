package socket

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// stamper tells when the kernel received what is read: however late this process comes to read it, the message arrived when it
// arrived. That is what lets Wait gather what comes within a moment instead of waking up for each message.
type stamper struct {
	start   time.Time
	offset  time.Duration // network's clock less the wall clock, which the kernel stamps with
	checked time.Duration
	message unix.Msghdr
	vector  unix.Iovec
	control [64]byte
}

// adjustEvery is how often the wall clock is looked at: it may be set.
const adjustEvery = 100 * time.Millisecond

func (s *stamper) adjust(now time.Duration) {
	if now-s.checked < adjustEvery && s.offset != 0 {
		return
	}
	t := time.Now()
	s.checked = t.Sub(s.start)
	s.offset = s.checked - time.Duration(t.UnixNano())
}

// enable asks for stamps; without them the time of reading has to do.
func (s *stamper) enable(fd int) { _ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1) }

// read reads without blocking, and without the runtime's bookkeeping for calls that may. at is when the last byte arrived, at most now.
func (s *stamper) read(fd int32, b []byte, now time.Duration) (n int, at time.Duration, err error) {
	s.vector.Base = unsafe.SliceData(b)
	s.vector.SetLen(len(b))
	s.message = unix.Msghdr{Iov: &s.vector, Control: &s.control[0]}
	s.message.SetIovlen(1)
	s.message.SetControllen(len(s.control))
	r, _, e := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&s.message)), 0)
	if e != 0 {
		return 0, now, e
	}
	return int(r), min(now, s.stamp(now)), nil
}

// stamp is the time in the control message, now if there is none.
func (s *stamper) stamp(now time.Duration) time.Duration {
	header := (*unix.Cmsghdr)(unsafe.Pointer(&s.control[0]))
	data := unix.CmsgLen(0)
	if int(s.message.Controllen) < data+int(unsafe.Sizeof(unix.Timespec{})) ||
		header.Level != unix.SOL_SOCKET || header.Type != unix.SO_TIMESTAMPNS {
		return now
	}
	stamp := (*unix.Timespec)(unsafe.Pointer(&s.control[data]))
	return time.Duration(stamp.Nano()) + s.offset
}
