package flow

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	viewing "swarmlab/sim/viewer"
)

// TestProbe runs what PROBE says: preset, then sets.
func TestProbe(t *testing.T) {
	what := strings.Fields(os.Getenv("PROBE"))
	if len(what) == 0 {
		t.Skip()
	}
	s := preset(t, what[0], what[1:]...)
	start := time.Now()
	out, err := Run(context.Background(), s, viewing.Options{Stream: streamOf(t, s)})
	if err != nil {
		t.Fatal(err)
	}
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	var p2p, http int64
	for _, v := range out.Viewers {
		p2p += v.Totals().P2PBytes
		http += v.Totals().HTTPBytes
	}
	cpu := time.Duration(r.Utime.Nano() + r.Stime.Nano())
	fmt.Printf("wall %v cpu %v us/viewer-s %.1f rss %d MB ratio %.4f copies %d MB from origin\n", time.Since(start), cpu,
		cpu.Seconds()*1e6/float64(len(out.Viewers))/out.End.Seconds(), r.Maxrss/1024, float64(p2p)/float64(p2p+http), out.Origin.SegmentBytes>>20)
}
