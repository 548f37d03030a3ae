package slowlink

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"
)

func TestFigures(t *testing.T) {
	from := time.Unix(1000, 0)
	at := func(ms, bytes int) Arrival { return Arrival{from.Add(time.Duration(ms) * time.Millisecond), bytes} }
	for _, tt := range []struct {
		name     string
		arrivals []Arrival
		mbits    float64
		silence  time.Duration
		megabyte time.Duration
	}{
		{"nothing", nil, 0, 2 * time.Second, 0},
		{"before and after the window", []Arrival{at(-1, 500_000), at(2001, 600_000)}, 0, 2 * time.Second, 2001 * time.Millisecond},
		{"on its edges", []Arrival{at(0, 7), at(2000, 250_000)}, 1, 2 * time.Second, 0},
		{"steady", []Arrival{at(500, 500_000), at(1000, 500_000), at(1500, 500_000)}, 6, 500 * time.Millisecond, time.Second},
		{"silent in the middle", []Arrival{at(100, 1), at(1400, 1), at(1900, 1)}, 0, 1300 * time.Millisecond, 0},
		{"silent at the end", []Arrival{at(100, 1), at(200, 1)}, 0, 1800 * time.Millisecond, 0},
	} {
		if got := round(goodput(tt.arrivals, from, 2*time.Second)); got != tt.mbits {
			t.Errorf("%s: goodput %v, want %v", tt.name, got, tt.mbits)
		}
		if got := silence(tt.arrivals, from, 2*time.Second); got != tt.silence {
			t.Errorf("%s: silence %v, want %v", tt.name, got, tt.silence)
		}
		if got := firstMegabyte(tt.arrivals, from); got != tt.megabyte {
			t.Errorf("%s: first megabyte after %v, want %v", tt.name, got, tt.megabyte)
		}
	}
}

// A meter believes no message that is not the next one of push's.
func TestMeter(t *testing.T) {
	message := func(number uint32, size int) []byte {
		b := make([]byte, size)
		binary.BigEndian.PutUint32(b, number)
		return b
	}
	for _, tt := range []struct {
		name     string
		messages [][]byte
		err      string
	}{
		{"in order", [][]byte{message(0, MessageBytes), message(1, MessageBytes)}, ""},
		{"one missing", [][]byte{message(0, MessageBytes), message(2, MessageBytes)}, "message 1 says it is number 2"},
		{"cut", [][]byte{message(0, 100)}, "has 100 bytes"},
	} {
		var m meter
		for _, b := range tt.messages {
			m.message(b)
		}
		got, err := m.all()
		if len(got) != len(tt.messages) {
			t.Errorf("%s: %d arrivals", tt.name, len(got))
		}
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.err)
		}
	}
}
