package testcard

import (
	"testing"
	"time"
)

// FuzzWrite: whatever a line says, it is written whole or refused, and by its numbers alone costs nothing.
func FuzzWrite(f *testing.F) {
	f.Add(string(want4s.Line()), uint16(1085))
	f.Add(string(want4s.withoutVideo().Line()), uint16(66))
	last := want4s
	last.Last, last.Duration, last.Pictures = true, 20*time.Millisecond, 1
	f.Add(string(last.Line()), uint16(11))
	f.Add("swarmlab-card v1 start=2305843009213693952 duration=3600000000000 pictures=60000 size=65536x16 avc1=64003e colour=7 audio=true last=true\n", uint16(65535))
	f.Fuzz(func(t *testing.T, line string, count uint16) {
		c, err := ParseLine(line, int64(count))
		if err != nil || count > 4096 && c.Width > 4096 {
			return // a large picture in a large segment is fine, and slow
		}
		data := make([]byte, int(count)*PacketBytes)
		if err := Write(data, c, []byte("a\n"), []byte("b\n")); err != nil {
			return
		}
		if n := Notes(data); len(n) == 0 || n[0] != "a\n" {
			t.Fatalf("notes %q", n)
		}
		if !c.Empty() {
			checkSlots(t, c, int(count))
		}
	})
}
