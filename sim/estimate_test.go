package sim

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestARunThatDoesNotFitIsRefused: before anything runs, with what it needs, what there is, and what to do.
func TestARunThatDoesNotFitIsRefused(t *testing.T) {
	for _, tier := range []string{"flow", "packet"} {
		s := preset(t, "live", "peers.count=50000")
		began := time.Now()
		_, err := Run(context.Background(), s, Options{Tier: tier, MemoryLimit: 1 << 30})
		if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), "1.1 GB") || !strings.Contains(err.Error(), "--peers") {
			t.Errorf("%s: %v, want a refusal with advice", tier, err)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%s: it took %v to say no", tier, took)
		}
	}
	if _, err := Run(context.Background(), preset(t, "one-viewer"), Options{Tier: "flow", MemoryLimit: 1 << 30}); err != nil {
		t.Errorf("one viewer in 1 GiB: %v", err)
	}
}

// TestEstimatesGrow with what costs: viewers, their stay, their connections.
func TestEstimatesGrow(t *testing.T) {
	base := EstimateOf(preset(t, "live"), "flow")
	for _, c := range []struct {
		set         string
		memory, cpu bool
	}{
		{"peers.count=1000", true, true},
		{"run.duration=30m", true, true},
		{"tracker.interval=20s", true, true},
		{"peers.session={kind: exponential, mean: 20s}", false, false},
	} {
		e := EstimateOf(preset(t, "live", c.set), "flow")
		if e.MemoryBytes > base.MemoryBytes != c.memory || e.CPU > base.CPU != c.cpu {
			t.Errorf("%s: %v, was %v", c.set, e, base)
		}
	}
	if packet := EstimateOf(preset(t, "live"), "packet"); packet.MemoryBytes < 5*base.MemoryBytes {
		t.Errorf("the packet tier is to need %v", packet)
	}
}

// estimatedChild, in the environment, makes the test binary the process that TestEstimatesAreWithinAFactorOfTwo looks at.
const estimatedChild = "SWARMLAB_TEST_ESTIMATE"

// TestEstimatesAreWithinAFactorOfTwo: a process that runs 300 viewers and nothing else needs as much memory as was said. (Time is a
// matter of the machine, and no test's.)
func TestEstimatesAreWithinAFactorOfTwo(t *testing.T) {
	s := preset(t, "live", "peers.count=300", "run.duration=2m", "tracker.interval=60s")
	if os.Getenv(estimatedChild) != "" {
		TuneMemory()
		r := runFlow(t, s)
		said := float64(EstimateOf(s, "flow").MemoryBytes)
		t.Logf("said %.0f MB, took %.0f MB; said %v, took %.1f s of CPU", said/1e6, float64(r.Run.MaxRSSBytes)/1e6,
			EstimateOf(s, "flow").CPU, r.Run.CPUSeconds)
		within(t, "memory", float64(r.Run.MaxRSSBytes), said/2, said*2)
		return
	}
	skipIfShort(t)
	child := exec.Command(os.Args[0], "-test.run=^TestEstimatesAreWithinAFactorOfTwo$", "-test.v")
	child.Env = append(os.Environ(), estimatedChild+"=1")
	said, err := child.CombinedOutput()
	t.Logf("%s", said)
	if err != nil {
		t.Error(err)
	}
}

// TestAvailableMemory reads what systems say of it.
func TestAvailableMemory(t *testing.T) {
	const meminfo = "MemTotal:       8000000 kB\nMemAvailable:   4000000 kB\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"a system that does not say", nil, 0},
		{"no limits", map[string]string{"/proc/meminfo": meminfo, "/sys/fs/cgroup/memory.max": "max\n"}, 4000000 << 10},
		{"a container", map[string]string{"/proc/meminfo": meminfo, "/sys/fs/cgroup/memory.max": "1000000000\n", "/sys/fs/cgroup/memory.current": "300000000\n"}, 700000000},
		{"a group of its own", map[string]string{
			"/proc/meminfo": meminfo, "/proc/self/cgroup": "0::/user/run\n",
			"/sys/fs/cgroup/user/run/memory.max": "500\n", "/sys/fs/cgroup/user/run/memory.current": "100\n",
		}, 400},
		{"a full group", map[string]string{"/proc/meminfo": meminfo, "/sys/fs/cgroup/memory.max": "100\n", "/sys/fs/cgroup/memory.current": "200\n"}, 1},
		{"a group in a group with a limit", map[string]string{
			"/proc/meminfo": meminfo, "/proc/self/cgroup": "0::/user/run/one\n", "/sys/fs/cgroup/user/run/one/memory.max": "max\n",
			"/sys/fs/cgroup/user/memory.max": "700\n", "/sys/fs/cgroup/user/memory.current": "100\n",
		}, 600},
		{"files in memory", map[string]string{
			"/proc/meminfo": meminfo, "/sys/fs/cgroup/memory.max": "1000\n", "/sys/fs/cgroup/memory.current": "900\n",
			"/sys/fs/cgroup/memory.stat": "anon 200\ninactive_file_of_others 5\ninactive_file 600\nactive_file 100\n",
		}, 700},
		{"more files than is used, as may be for a moment", map[string]string{
			"/proc/meminfo": meminfo, "/sys/fs/cgroup/memory.max": "1000\n", "/sys/fs/cgroup/memory.current": "500\n",
			"/sys/fs/cgroup/memory.stat": "inactive_file 600\n",
		}, 1000},
		{"files in memory, the older groups", map[string]string{
			"/proc/meminfo": meminfo, "/sys/fs/cgroup/memory/memory.limit_in_bytes": "900\n", "/sys/fs/cgroup/memory/memory.usage_in_bytes": "800\n",
			"/sys/fs/cgroup/memory/memory.stat": "inactive_file 10\ntotal_inactive_file 300\n",
		}, 400},
		{"the older groups", map[string]string{
			"/proc/meminfo": meminfo, "/sys/fs/cgroup/memory/memory.limit_in_bytes": "900\n", "/sys/fs/cgroup/memory/memory.usage_in_bytes": "800\n",
		}, 100},
		{"the older groups without a limit", map[string]string{
			"/proc/meminfo": meminfo, "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}, 4000000 << 10},
		{"nonsense", map[string]string{"/proc/meminfo": "MemAvailable:\nMemAvailable: x kB\n", "/sys/fs/cgroup/memory.max": "\n"}, 0},
	} {
		got := availableMemory(func(name string) ([]byte, error) {
			text, ok := c.files[name]
			if !ok {
				return nil, fs.ErrNotExist
			}
			return []byte(text), nil
		})
		if got != c.want {
			t.Errorf("%s: %d bytes, want %d", c.name, got, c.want)
		}
	}
}

// TestMemoryOfSmallAudiences: what runs of the preset live took, measured once each, is said within a third.
func TestMemoryOfSmallAudiences(t *testing.T) {
	for _, c := range []struct {
		viewers, length string
		took            float64 // MB
	}{
		{"1", "1h", 35}, {"30", "1h", 129}, {"200", "2m", 62}, {"200", "20m", 296}, {"200", "1h", 518}, {"600", "2m", 131}, {"600", "30m", 669},
		{"1500", "10m", 781},
	} {
		said := float64(EstimateOf(preset(t, "live", "peers.count="+c.viewers, "run.duration="+c.length), "flow").MemoryBytes) / 1e6
		within(t, "MB of "+c.viewers+" viewers in "+c.length, said, c.took/1.33, c.took*1.33)
	}
}
