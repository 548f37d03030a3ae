package netem

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Rate is a speed in bits per second. The zero Rate means "not limited".
type Rate int64

// Units of [Rate]. They are decimal, as everywhere in networking.
const (
	BitPerSecond Rate = 1
	Kbit              = 1000 * BitPerSecond
	Mbit              = 1000 * Kbit
	Gbit              = 1000 * Mbit
)

// rateUnits lists what people write, longest first, so that "Mbit/s" is not read as "bit/s" of something else. Lower case.
var rateUnits = []struct {
	suffix string
	rate   Rate
}{
	{"gbit/s", Gbit}, {"mbit/s", Mbit}, {"kbit/s", Kbit}, {"bit/s", BitPerSecond},
	{"gbps", Gbit}, {"mbps", Mbit}, {"kbps", Kbit}, {"bps", BitPerSecond},
	{"gbit", Gbit}, {"mbit", Mbit}, {"kbit", Kbit}, {"bit", BitPerSecond},
}

// ParseRate reads "20Mbit/s", "800 kbit/s", "1.5Mbps", "1Gbit/s" or "unlimited". Upper and lower case are the same:
// nobody means millibits, and bytes are not accepted (8 is too easy a factor to lose).
func ParseRate(s string) (Rate, error) {
	text := strings.ToLower(strings.TrimSpace(s))
	if text == "unlimited" {
		return 0, nil
	}
	if strings.HasSuffix(text, "b/s") && !strings.HasSuffix(text, "bit/s") {
		return 0, fmt.Errorf("rate %q: \"B/s\" may mean bits or bytes; write bits, as in \"20Mbit/s\"", s)
	}
	for _, u := range rateUnits {
		number, ok := strings.CutSuffix(text, u.suffix)
		if !ok {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || math.IsNaN(v) || v < 0 {
			return 0, fmt.Errorf("rate %q: %q is not a positive number", s, strings.TrimSpace(number))
		}
		bits := v * float64(u.rate)
		if bits >= math.MaxInt64 {
			return 0, fmt.Errorf("rate %q is too large", s)
		}
		if bits < 0.5 {
			return 0, fmt.Errorf("rate %q lets nothing through; for no limit write \"unlimited\"", s)
		}
		return Rate(math.Round(bits)), nil
	}
	return 0, fmt.Errorf("rate %q: want a number and a unit, as in \"20Mbit/s\", \"800kbit/s\" or \"unlimited\"", s)
}

// String writes the rate with the largest unit that keeps it exact.
func (r Rate) String() string {
	switch {
	case r == 0:
		return "unlimited"
	case r%Gbit == 0:
		return fmt.Sprintf("%dGbit/s", int64(r/Gbit))
	case r%Mbit == 0:
		return fmt.Sprintf("%dMbit/s", int64(r/Mbit))
	case r%Kbit == 0 && r < 10*Mbit:
		return fmt.Sprintf("%dkbit/s", int64(r/Kbit))
	case r%(Kbit*10) == 0:
		return strconv.FormatFloat(float64(r)/float64(Mbit), 'f', -1, 64) + "Mbit/s"
	case r%Kbit == 0:
		return fmt.Sprintf("%dkbit/s", int64(r/Kbit))
	default:
		return fmt.Sprintf("%dbit/s", int64(r))
	}
}

// MarshalText implements encoding.TextMarshaler.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Rate) UnmarshalText(text []byte) error {
	v, err := ParseRate(string(text))
	if err != nil {
		return err
	}
	*r = v
	return nil
}

// Transmit is how long it takes to put so many bytes on a link of this rate; nothing at all on an unlimited one. It
// saturates instead of overflowing.
func (r Rate) Transmit(bytes int64) time.Duration {
	if r <= 0 || bytes <= 0 {
		return 0
	}
	const exact = math.MaxInt64 / (8 * int64(time.Second)) // below it, integers do (1.1 GB)
	if bytes <= exact {
		return time.Duration(bytes * 8 * int64(time.Second) / int64(r))
	}
	d := float64(bytes) * 8 * float64(time.Second) / float64(r)
	if d >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(d)
}

// Bytes is how many whole bytes the rate moves in d; math.MaxInt64 if it is unlimited.
func (r Rate) Bytes(d time.Duration) int64 {
	if r <= 0 {
		return math.MaxInt64
	}
	b := float64(r) / 8 * d.Seconds()
	if b >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(b)
}
