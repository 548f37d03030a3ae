package suite

import (
	"os"
	"runtime"
	"strings"

	"swarmlab/results"
)

// Machine is where this runs.
func Machine() results.TrackerMachine {
	m := results.TrackerMachine{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.NumCPU(), Go: runtime.Version()}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(text))
	}
	text, _ := os.ReadFile("/proc/cpuinfo") // elsewhere than on Linux it is not said
	for line := range strings.Lines(string(text)) {
		if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
			m.CPU = strings.TrimSpace(value)
			break
		}
	}
	return m
}
