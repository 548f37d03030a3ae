package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"time"
)

// meeting is how long it takes at the most until a viewer that has come has met the others.
const meeting = 500 * time.Millisecond

// busy is the share of the machine's processors that was in use for some time from then on: close to 1, whatever was measured
// meanwhile is the machine's. It is nil where the system does not tell (only Linux does, in /proc/stat), or ctx has ended.
func busy(ctx context.Context, from time.Time, during time.Duration) *float64 {
	if until(ctx, from) != nil {
		return nil
	}
	used, all := jiffies()
	if until(ctx, from.Add(during)) != nil {
		return nil
	}
	usedThen, allThen := jiffies()
	if allThen == all {
		return nil
	}
	share := (usedThen - used) / (allThen - all)
	return &share
}

func (m measures) busyPercent() float64 {
	if m.Busy == nil {
		return math.NaN()
	}
	return 100 * *m.Busy
}

// jiffies are the processors' time in use, and all of it, since the machine started. Both are 0 if unknown.
func jiffies() (used, all float64) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	var user, nice, system, idle, iowait, irq, softirq float64
	if _, err := fmt.Sscanf(string(line), "cpu %f %f %f %f %f %f %f", &user, &nice, &system, &idle, &iowait, &irq, &softirq); err != nil {
		return 0, 0
	}
	used = user + nice + system + irq + softirq
	return used, used + idle + iowait
}
