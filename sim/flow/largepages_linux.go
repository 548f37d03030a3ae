package flow

import (
	"runtime/debug"
	"unsafe"

	"golang.org/x/sys/unix"
)

// largePage is what a page of memory may be instead of 4 KiB, on most machines; elsewhere the kernel rounds as it likes.
const largePage = 2 << 20

// inLargePages has so many bytes of heap to come be in large pages, where the kernel gives such to who asks. A crowd's viewers lie in
// gigabytes that are looked at in no order, and with small pages the processor has to look up where nearly each of them is, too: a tenth
// of a run's time. Go's runtime asks for large pages only for tables of its own.
//
// It takes the room, asks, and gives it back at once: what the heap takes next is found there. None of it is memory before something is
// written to it.
func inLargePages(bytes int) {
	if bytes < 2*largePage {
		return
	}
	room := make([]byte, bytes)
	skip := int(-uintptr(unsafe.Pointer(&room[0])) % largePage)
	pages := room[skip : skip+(bytes-skip)/largePage*largePage]
	_ = unix.Madvise(pages, unix.MADV_HUGEPAGE) // who does not get them runs all the same
	debug.FreeOSMemory()
}
