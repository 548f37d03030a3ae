package slowlink

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// watchClock notes how much later than asked for this process is woken, until the result is called: that many milliseconds at
// most, 99 times in 100. All that the relay does in real time is as late as that.
func watchClock() (late func() float64) {
	const every = 5 * time.Millisecond
	stop, stopped := make(chan struct{}), make(chan []time.Duration)
	go func() {
		var all []time.Duration
		for {
			asked := time.Now()
			select {
			case <-time.After(every):
				all = append(all, time.Since(asked)-every)
			case <-stop:
				stopped <- all
				return
			}
		}
	}()
	return func() float64 {
		close(stop)
		all := <-stopped
		if len(all) == 0 {
			return 0
		}
		slices.Sort(all)
		return milliseconds(all[len(all)*99/100])
	}
}

// machineLoad is the load average of the last minute; 0 where there is no such file.
func machineLoad() float64 {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(b), " ")
	load, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0
	}
	return load
}
