package netem

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// DefaultQueue is what a zero [Queue] stands for: a tenth of a second, a buffer neither starved nor bloated.
const DefaultQueue = 100 * time.Millisecond

// Queue is the size of the drop-tail queue before a link, either in time at the link's rate (as modem makers and AQM
// people think) or in bytes (as driver writers do). The zero Queue is [DefaultQueue].
type Queue struct {
	Time  time.Duration
	Bytes int64
}

// QueueTime is a queue that holds d worth of packets at the link's rate.
func QueueTime(d time.Duration) Queue { return Queue{Time: d} }

// QueueBytes is a queue that holds n bytes.
func QueueBytes(n int64) Queue { return Queue{Bytes: n} }

var queueUnits = []struct {
	suffix string
	bytes  int64
}{
	{"gib", 1 << 30}, {"mib", 1 << 20}, {"kib", 1 << 10},
	{"gb", 1e9}, {"mb", 1e6}, {"kb", 1e3}, {"b", 1},
}

// ParseQueue reads "250ms" (time) or "64KiB", "100kB", "1500B" (bytes); "" is the default.
func ParseQueue(s string) (Queue, error) {
	text := strings.ToLower(strings.TrimSpace(s))
	if text == "" || text == "default" {
		return Queue{}, nil
	}
	for _, u := range queueUnits {
		number, ok := strings.CutSuffix(text, u.suffix)
		if !ok {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || math.IsNaN(v) || v <= 0 || v*float64(u.bytes) >= math.MaxInt64 {
			return Queue{}, fmt.Errorf("queue %q: %q is not a positive number of bytes", s, strings.TrimSpace(number))
		}
		return Queue{Bytes: max(1, int64(v*float64(u.bytes)))}, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return Queue{}, fmt.Errorf("queue %q: want a time or a size, as in \"250ms\" or \"64KiB\"", s)
	}
	if d <= 0 {
		return Queue{}, fmt.Errorf("queue %q: must be longer than nothing", s)
	}
	return Queue{Time: d}, nil
}

// String is what [ParseQueue] reads back.
func (q Queue) String() string {
	switch {
	case q.Bytes > 0 && q.Bytes%(1<<20) == 0:
		return fmt.Sprintf("%dMiB", q.Bytes>>20)
	case q.Bytes > 0 && q.Bytes%(1<<10) == 0:
		return fmt.Sprintf("%dKiB", q.Bytes>>10)
	case q.Bytes > 0:
		return fmt.Sprintf("%dB", q.Bytes)
	case q.Time > 0:
		return q.Time.String()
	default:
		return "default"
	}
}

// MarshalText implements encoding.TextMarshaler.
func (q Queue) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (q *Queue) UnmarshalText(text []byte) error {
	v, err := ParseQueue(string(text))
	if err != nil {
		return err
	}
	*q = v
	return nil
}

// Limit is the queue's size in bytes before a link of the given rate.
func (q Queue) Limit(r Rate) int64 {
	switch {
	case q.Bytes > 0:
		return q.Bytes
	case q.Time > 0:
		return r.Bytes(q.Time)
	default:
		return r.Bytes(DefaultQueue)
	}
}

func (q Queue) validate() error {
	switch {
	case q.Bytes < 0 || q.Time < 0:
		return fmt.Errorf("queue is negative")
	case q.Bytes > 0 && q.Time > 0:
		return fmt.Errorf("queue is given both in time (%v) and in bytes (%d): choose one", q.Time, q.Bytes)
	}
	return nil
}
