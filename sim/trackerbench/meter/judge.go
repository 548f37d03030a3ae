package meter

import (
	"fmt"
	"time"

	"swarmlab/results"
)

// Limits beyond which the generator, and not the tracker, made the figures.
const (
	mostCPUShare  = 0.70                 // of the core that the load is made on
	mostLateness  = time.Millisecond     // of 99 of 100 sends; or, if that is more,
	mostLateShare = 0.05                 // of the median latency reported
	mostPause     = 5 * time.Millisecond // of the garbage collector
)

// Judge says whether a round can be believed, and if not why. median is of what is reported: announces to their first offers.
func Judge(g *results.TrackerGenerator, lateness results.TrackerLatency, median time.Duration, outOfDescriptors int64) {
	refuse := func(format string, args ...any) {
		g.Reasons = append(g.Reasons, fmt.Sprintf(format, args...))
	}
	if g.CPUShare > mostCPUShare {
		refuse("the generator used %.0f %% of its core; above %.0f %% it delays what it measures", 100*g.CPUShare, 100*mostCPUShare)
	}
	if limit := max(ms(mostLateness), mostLateShare*ms(median)); lateness.P99 > limit {
		refuse("1 of 100 messages was sent more than %.3g ms late; the limit is %.3g ms", lateness.P99, limit)
	}
	if g.GCPauseMaxMs > ms(mostPause) {
		refuse("the garbage collector stopped the generator for %.3g ms", g.GCPauseMaxMs)
	}
	if outOfDescriptors > 0 {
		refuse("%d connections failed because this process may not open more files (ulimit -n)", outOfDescriptors)
	}
	g.Valid = len(g.Reasons) == 0
}
