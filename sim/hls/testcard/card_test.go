package testcard

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

var want4s = Card{Duration: 4 * time.Second, Number: 17, Pictures: 50, Width: 640, Height: 360, AVC: 0x42c01e, Audio: true}

func TestWhatIsLeftOutWhereThereIsNoRoom(t *testing.T) {
	last, silent, sound, large := want4s, want4s, want4s.withoutVideo(), want4s
	last.Last, silent.Audio = true, false
	large.Width, large.Height, large.AVC = 7680, 4320, 0x42c03e
	for _, c := range []struct {
		name     string
		card     Card
		packets  int
		pictures int
		audio    bool
	}{
		{"204 kB: all of it", want4s, 1085, 50, true},
		{"as little as will do", want4s, 2 + 32 + 64 + 32, 50, true},
		{"a packet less: half the pictures", want4s, 2 + 32 + 64 + 32 - 1, 25, true},
		{"and half again", want4s, 2 + 32 + 32 + 32 - 1, 12, true},
		{"one group of packets for video", want4s, 2 + 32 + 16 + 32, 12, true},
		{"a packet less: audio alone", want4s, 2 + 32 + 16 + 32 - 1, 0, true},
		{"as little as audio needs", want4s, 2 + 32 + 32, 0, true},
		{"a packet less: padding", want4s, 2 + 32 + 32 - 1, 0, false},
		{"one packet", want4s, 1, 0, false},
		{"pictures without sound need less", silent, 2 + 32 + 16, 12, false},
		{"and then there is nothing else", silent, 2 + 32 + 15, 0, false},
		{"sound alone", sound, 2 + 32 + 32, 0, true},
		{"the last segment rounds nothing up", last, 2 + 2 + 8 + 24 + 5, 6, true},
		{"not even sound", last, 2 + 2 + 24 - 1, 0, false},
		{"a picture larger than the segment", large, 400, 0, true},
	} {
		got := Fit(c.card, c.packets)
		if got.Pictures != c.pictures || got.Audio != c.audio || (got.Width == 0) != (c.pictures == 0) {
			t.Errorf("%s: %v; want %d pictures, audio %v", c.name, got, c.pictures, c.audio)
		}
		if err := Write(make([]byte, c.packets*PacketBytes), got); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got != c.card {
			if err := Write(make([]byte, c.packets*PacketBytes), c.card); !errors.Is(err, ErrNoRoom) {
				t.Errorf("%s: all of it is written, %v", c.name, err)
			}
		}
	}
}

// randomCard is anything that a stream may want.
func randomCard(r *rand.Rand) Card {
	durations := []time.Duration{10 * time.Millisecond, time.Microsecond, 20 * time.Millisecond, 100 * time.Millisecond, time.Second / 3, 2002 * time.Millisecond, 10 * time.Second}
	c := Card{Duration: durations[r.IntN(len(durations))], Number: r.Int64N(1 << 53), Audio: r.IntN(4) > 0, Last: r.IntN(4) == 0}
	c.Start = time.Duration(r.Int64N(1<<24)) * c.Duration
	if r.IntN(4) > 0 {
		c.Width, c.Height = 2+2*r.IntN(1<<(1+r.IntN(12))), 2+2*r.IntN(1<<(1+r.IntN(11)))
		rate := 1 + r.IntN(60_000)
		c.AVC, c.Pictures, c.Colour = AVC("", c.Width, c.Height, rate), Pictures(c.Duration, rate), r.IntN(Colours)
		if c.AVC == 0 || c.Pictures == 0 {
			c = c.withoutVideo()
		}
	}
	return c
}

// TestWhateverFitsIsWritten: Fit's result is always written, every packet once and in its turn, and more room never gives less.
func TestWhateverFitsIsWritten(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		c, count := randomCard(r), 1+r.IntN(1<<(1+r.IntN(11)))
		got := Fit(c, count)
		data := make([]byte, count*PacketBytes)
		if err := Write(data, got, []byte("a\n"), []byte("b\n")); err != nil {
			t.Fatalf("%+v in %d packets: %v", got, count, err)
		}
		if n := Notes(data); len(n) == 0 || n[0] != "a\n" || len(n) > 1 != !got.Empty() {
			t.Fatalf("%+v in %d packets: notes %q", got, count, n)
		}
		if !got.Empty() {
			checkSlots(t, got, count)
		}
		if more := Fit(c, count+1); more.Pictures < got.Pictures || got.Audio && !more.Audio {
			t.Fatalf("%d packets for %v, but %d for %v", count, got, count+1, more)
		}
	}
}

func checkSlots(t *testing.T, c Card, count int) {
	t.Helper()
	packets := c.packets()
	perPID := map[uint16]int{}
	for _, p := range packets {
		perPID[p.pid]++
		room := payloadBytes
		if p.pcr {
			room -= pcrBytes
		}
		if len(p.payload) == 0 || len(p.payload) > room {
			t.Fatalf("%+v: %d bytes in a packet of PID %#x", c, len(p.payload), p.pid)
		}
	}
	for pid, n := range perPID {
		if n%group != 0 && !c.Last {
			t.Fatalf("%+v: %d packets of PID %#x", c, n, pid)
		}
	}
	s := slots(packets, count, c.ticks())
	for i, slot := range s {
		if slot >= count || slot >= noteSlot && slot < noteSlot+notes || i > 0 && slot <= s[i-1] {
			t.Fatalf("%+v: slots %v of %d", c, s, count)
		}
	}
	if !slices.Equal(s[:2], []int{0, 1}) || packets[0].pid != pidPAT || packets[1].pid != pidPMT {
		t.Fatalf("%+v: begins with %v", c, packets[:2])
	}
}

func TestAMovedMarkFitsInAPacket(t *testing.T) {
	for width := 2; width <= 16384; width += 2 + width/7*2 {
		for height := 2; height <= 8192; height += 2 + height/5*2 {
			for _, pictures := range []int{2, 3, 50} {
				c := Card{Width: width, Height: height, Pictures: pictures}
				p := firstPicture(c)
				for i := 1; i < pictures; i++ {
					if n := len(pUnit(c, p, i)); n > payloadBytes-pcrBytes-pesBytes {
						t.Fatalf("%dx%d, picture %d of %d: %d bytes", width, height, i, pictures, n)
					}
				}
			}
		}
	}
}

func TestProfileAndLevel(t *testing.T) {
	for _, c := range []struct {
		codecs        string
		width, height int
		milliHertz    int
		want          uint32
	}{
		{"", 640, 360, 12_500, 0x42c016}, // 920 macroblocks, 11500 a second: 2.2
		{"", 640, 360, 30_000, 0x42c01e},
		{"", 1920, 1080, 12_500, 0x42c028}, // 8160 macroblocks, 102000 a second: 4
		{"", 3840, 2160, 60_000, 0x42c034},
		{"", 2, 2, 1, 0x42c00a},
		{"", 2048, 16, 1, 0x42c01f}, // 128 macroblocks, but all in a row: the root of 8 * 1620 is 113, of 8 * 3600 is 169
		{"avc1.42c01e,mp4a.40.2", 640, 360, 12_500, 0x42c01e},
		{"mp4a.40.2, avc1.4d401f", 768, 432, 12_500, 0x4d401f},
		{"avc3.64001F", 1280, 720, 25_000, 0x64001f},
		{"avc1.64001f", 1920, 1080, 25_000, 0x640028}, // stated too low: raised
		{"avc1.42c00d", 320, 180, 12_500, 0x42c00d},
		{"avc1.7a001f", 640, 360, 12_500, 0x42c016}, // 4:2:2, which this is not
		{"avc1.64031f", 640, 360, 12_500, 0x42c016}, // reserved bits
		{"avc1.66.30", 640, 360, 12_500, 0x42c016},
		{"hvc1.1.6.L93.B0", 640, 360, 12_500, 0x42c016},
		{"avc1.42c0ff", 640, 360, 12_500, 0x42c016}, // no such level
		{"", 65536, 65536, 1, 0},
		{"", 16384, 16384, 1, 0},
	} {
		if got := AVC(c.codecs, c.width, c.height, c.milliHertz); got != c.want {
			t.Errorf("%q, %dx%d at %d mHz: %06x, want %06x", c.codecs, c.width, c.height, c.milliHertz, got, c.want)
		}
	}
}

func TestALineIsReadBackAndNothingElseIs(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		c := randomCard(r)
		line := string(c.Line())
		if got, err := ParseLine(line, c.Number); err != nil || got != c {
			t.Fatalf("%q: %+v, %v; want %+v", line, got, err, c)
		}
		if len(line) > payloadBytes {
			t.Fatalf("%q is too long for a packet", line)
		}
	}
	line := string(want4s.Line())
	for _, bad := range []string{"", "\n", line + "\n", " " + line, strings.Replace(line, "=0", "=00", 1), strings.Replace(line, "=0", "=+0", 1),
		strings.Replace(line, "true", "t", 1), strings.Replace(line, "42c01e", "42C01E", 1), strings.TrimSpace(line)} {
		if got, err := ParseLine(bad, 0); err == nil {
			t.Errorf("%q is read as %+v", bad, got)
		}
	}
}

func TestAForgedCardIsRefusedBeforeAnythingIsMade(t *testing.T) {
	for name, change := range map[string]func(*Card){
		"a start before the stream's": func(c *Card) { c.Start = -1 },
		"a start beyond time":         func(c *Card) { c.Start = 1 << 62 },
		"no duration":                 func(c *Card) { c.Duration = 0 },
		"a duration backwards":        func(c *Card) { c.Duration = -time.Second },
		"an endless duration":         func(c *Card) { c.Duration = 1 << 60 },
		"a huge picture":              func(c *Card) { c.Width, c.Height = 65536, 65536 },
		"a picture beyond numbers":    func(c *Card) { c.Width, c.Height = 1<<62, 1<<62 },
		"an odd picture":              func(c *Card) { c.Width = 641 },
		"a picture of nothing":        func(c *Card) { c.Width = 0 },
		"more pictures than packets":  func(c *Card) { c.Pictures = 1 << 40 },
		"fewer pictures than none":    func(c *Card) { c.Pictures = -1 },
		"pictures of no number":       func(c *Card) { c.Pictures = 0 },
		"no such colour":              func(c *Card) { c.Colour = Colours },
		"no such colour either":       func(c *Card) { c.Colour = -1 },
		"no such profile":             func(c *Card) { c.AVC = 0xffffffff },
		"a negative number":           func(c *Card) { c.Number = -1 },
		"an hour in a few packets":    func(c *Card) { c.Duration, c.Pictures = time.Hour, 3 },
	} {
		c := want4s
		change(&c)
		if err := Write(make([]byte, 300*PacketBytes), c); err == nil {
			t.Errorf("%s: written", name)
		}
	}
	for _, size := range []int{0, 1, 187, 189} {
		if err := Write(make([]byte, size), Card{}); err == nil {
			t.Errorf("%d bytes are no packets, but are written", size)
		}
	}
}
