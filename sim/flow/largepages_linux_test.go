package flow

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"
)

// mapping is one of the process's, as /proc/self/smaps tells of it.
type mapping struct {
	from, to uint64
	resident int // KiB
	large    bool
}

func mappings(t *testing.T) (all []mapping) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		from, to, ok := strings.Cut(words[0], "-")
		if ok {
			var m mapping
			m.from, _ = strconv.ParseUint(from, 16, 64)
			m.to, _ = strconv.ParseUint(to, 16, 64)
			all = append(all, m)
			continue
		}
		last := &all[len(all)-1]
		switch words[0] {
		case "Rss:":
			last.resident, _ = strconv.Atoi(words[1])
		case "VmFlags:":
			last.large = slices.Contains(words, "hg")
		}
	}
	return all
}

// TestACrowdsHeapIsInLargePages: the kernel is asked for them, nothing is used up by that, and what is made then lies there. It takes a process
// of its own, of which no other test has left memory that would be used first.
func TestACrowdsHeapIsInLargePages(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Skip("this kernel has no large pages to give")
	}
	const itself = "SWARMLAB_LARGE_PAGES"
	if os.Getenv(itself) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), itself+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	const room = 256 << 20
	in := func(m mapping, at uint64) bool { return m.large && m.from <= at && at < m.to }
	debug.FreeOSMemory()
	before := 0
	for _, m := range mappings(t) {
		before += m.resident
	}
	inLargePages(room)
	after, large := 0, uint64(0)
	for _, m := range mappings(t) {
		after += m.resident
		if m.large {
			large += m.to - m.from
		}
	}
	if large < room-2*largePage {
		t.Errorf("%d MiB may be large pages", large>>20)
	}
	if grown := after - before; grown > room>>10/4 {
		t.Errorf("%d KiB more are in use", grown)
	}
	var made [][]byte
	for range 128 {
		made = append(made, make([]byte, 1<<20))
	}
	all, found := mappings(t), 0
	for _, b := range made {
		if at := uint64(uintptr(unsafe.Pointer(&b[0]))); slices.ContainsFunc(all, func(m mapping) bool { return in(m, at) }) {
			found++
		}
	}
	if found < len(made)/2 {
		t.Errorf("%d of %d MiB lie there", found, len(made))
	}
	runtime.KeepAlive(made)
	inLargePages(0)
}
