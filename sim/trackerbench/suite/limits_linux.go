package suite

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// RaiseLimits raises what may be raised without privileges, and says what there is then.
func RaiseLimits() Limits {
	var l Limits
	var files syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files) == nil {
		if files.Cur < files.Max {
			raised := syscall.Rlimit{Cur: files.Max, Max: files.Max}
			if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &raised) == nil {
				files = raised
			}
		}
		l.Descriptors = files.Cur
	}
	if text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range"); err == nil {
		var low, high int
		if n, _ := fmt.Sscan(string(text), &low, &high); n == 2 && high >= low {
			l.Ports = high - low + 1
		}
	}
	return l
}

// DescriptorsOf is how many descriptors another process may have; 0 if that cannot be known.
func DescriptorsOf(pid int) uint64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, "Max open files"); found {
			var soft uint64
			_, _ = fmt.Sscan(rest, &soft) // "unlimited" is no limit: 0
			return soft
		}
	}
	return 0
}
