package sim

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"swarmlab/scenarios"
	"swarmlab/sim/flow"
)

// Estimate is what a run is going to need of the machine, within a factor of two.
type Estimate struct {
	Viewers     int // at a time, at most
	MemoryBytes int64
	CPU         time.Duration // 0: not known
}

// What a viewer and a connection of the packet tier hold (BenchmarkConnection of sim/packet measures the latter), and what a process
// has whatever it does.
const (
	packetBase       = 400 << 20
	packetViewer     = 12 << 20
	packetConnection = 270 << 10
)

// EstimateOf says what a scenario is going to need in a tier.
func EstimateOf(s *scenarios.Scenario, tier string) Estimate {
	e := flow.EstimateOf(s)
	if tier == "flow" {
		return Estimate{e.Viewers, e.MemoryBytes, e.CPU}
	}
	return Estimate{Viewers: e.Viewers, MemoryBytes: packetBase + int64(e.Viewers)*packetViewer + e.Connections*packetConnection}
}

// String says it to people.
func (e Estimate) String() string {
	viewers := fmt.Sprintf("up to %d viewers at a time", e.Viewers)
	if e.Viewers == 1 {
		viewers = "one viewer"
	}
	text := fmt.Sprintf("%s: about %s of memory", viewers, roundBytes(e.MemoryBytes))
	if e.CPU > 0 {
		text += fmt.Sprintf(" and %v of one core", roundTime(e.CPU))
	}
	return text
}

func roundBytes(n int64) string {
	if n < 1e9 {
		return fmt.Sprintf("%.0f MB", math.Ceil(float64(n)/10e6)*10)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

func roundTime(d time.Duration) time.Duration {
	if d < 2*time.Minute {
		return max(d.Round(time.Second), time.Second)
	}
	return d.Round(time.Minute)
}

// checkMemory refuses what the machine cannot hold. limit is in bytes; 0 is what the machine has left, negative is no limit.
func checkMemory(s *scenarios.Scenario, tier string, limit int64) error {
	if limit == 0 {
		limit = availableMemory(os.ReadFile)
	}
	e := EstimateOf(s, tier)
	if limit <= 0 || e.MemoryBytes <= limit {
		return nil
	}
	advice := "fewer viewers (--peers), shorter stays (peers.session), or a machine with more memory"
	if tier == "packet" {
		advice = "fewer viewers (--peers), or --tier flow, which needs a fraction of it"
	}
	return fmt.Errorf("%w: %v, and %s are left on this machine; try %s", ErrInput, e, roundBytes(limit), advice)
}

// availableMemory is what a process may still take, in bytes: of the machine, and of its control group, if there is one with a limit.
// 0: this system does not say.
func availableMemory(read func(name string) ([]byte, error)) (bytesLeft int64) {
	least := func(left int64) {
		if left > 0 && (bytesLeft == 0 || left < bytesLeft) {
			bytesLeft = left
		}
	}
	if text, err := read("/proc/meminfo"); err == nil {
		for line := range bytes.Lines(text) {
			if words := strings.Fields(string(line)); len(words) >= 2 && words[0] == "MemAvailable:" {
				kib, _ := strconv.ParseInt(words[1], 10, 64)
				least(kib << 10)
			}
		}
	}
	for group := ownGroup(read); ; group = path.Dir(group) { // each that it is in may have a limit
		least(groupLeft(read, path.Join("/sys/fs/cgroup", group), "memory.max", "memory.current", "inactive_file"))
		if group == "/" {
			break
		}
	}
	least(groupLeft(read, "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"))
	return bytesLeft
}

// ownGroup is the path of the process's control group (cgroups(7), version 2: a line that begins with 0::); else the root's.
func ownGroup(read func(string) ([]byte, error)) string {
	text, err := read("/proc/self/cgroup")
	if err != nil {
		return "/"
	}
	for line := range strings.Lines(string(text)) {
		if group, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			return path.Clean("/" + group)
		}
	}
	return "/"
}

// groupLeft is what a control group may still take; 0 if it has no limit ("max", or a number beyond all machines). Pages of files that
// nobody has used for a while count as used, and are given up when there is need: MemAvailable leaves them out, too.
func groupLeft(read func(string) ([]byte, error), folder, limit, used, idle string) int64 {
	number := func(text []byte) int64 {
		n, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
		if err != nil {
			return 0
		}
		return n
	}
	file := func(name string) []byte {
		text, err := read(path.Join(folder, name))
		if err != nil {
			return nil
		}
		return text
	}
	most := number(file(limit))
	if most <= 0 || most >= 1<<60 {
		return 0
	}
	var spare int64
	for line := range bytes.Lines(file("memory.stat")) {
		if n, ok := bytes.CutPrefix(line, []byte(idle+" ")); ok {
			spare = number(n)
		}
	}
	taken := number(file(used))
	return max(1, most-max(0, taken-spare))
}
