package testcard

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Card is what is to be seen and heard in one segment. The zero value is nothing.
type Card struct {
	// Start is the time from the beginning of the stream's first segment to that of this.
	Start    time.Duration
	Duration time.Duration
	Number   int64 // shown in the picture
	// Pictures are spread evenly over the duration; 0: no video, and the next four fields are 0 too.
	Pictures      int
	Width, Height int // even
	AVC           uint32
	Colour        int // of the background, from 0 to Colours-1
	Audio         bool
	// Last says that no segment follows, for which there would have to be more packets (see the package's comment).
	Last bool
}

// Colours is how many backgrounds there are.
const Colours = len(colours)

// Empty reports that there is nothing to see and nothing to hear.
func (c Card) Empty() bool { return c.Pictures == 0 && !c.Audio }

// Codecs is what the attribute CODECS would be for this segment: "avc1.42c01e,mp4a.40.2".
func (c Card) Codecs() string {
	switch {
	case c.Empty():
		return ""
	case c.Pictures == 0:
		return "mp4a.40.2"
	case !c.Audio:
		return fmt.Sprintf("avc1.%06x", c.AVC)
	default:
		return fmt.Sprintf("avc1.%06x,mp4a.40.2", c.AVC)
	}
}

// String says what is inside, to a person.
func (c Card) String() string {
	video := fmt.Sprintf("%d pictures of %dx%d", c.Pictures, c.Width, c.Height)
	switch {
	case c.Empty():
		return "padding only"
	case c.Pictures == 0:
		return "audio"
	case !c.Audio:
		return video
	default:
		return video + ", and audio"
	}
}

func (c Card) withoutVideo() Card {
	c.Pictures, c.Width, c.Height, c.AVC, c.Colour = 0, 0, 0, 0, 0
	return c
}

// The form of a card's line, which is its first note after the caller's; the Number is left to the caller.
const lineForm = "swarmlab-card v1 start=%d duration=%d pictures=%d size=%dx%d avc1=%06x colour=%d audio=%t last=%t\n"

// Line is the card in one line, for people and for [ParseLine].
func (c Card) Line() []byte {
	return fmt.Appendf(nil, lineForm, c.Start, c.Duration, c.Pictures, c.Width, c.Height, c.AVC, c.Colour, c.Audio, c.Last)
}

// ParseLine reads what Line writes, and nothing else.
func ParseLine(line string, number int64) (Card, error) {
	c := Card{Number: number}
	_, err := fmt.Sscanf(line, lineForm, &c.Start, &c.Duration, &c.Pictures, &c.Width, &c.Height, &c.AVC, &c.Colour, &c.Audio, &c.Last)
	if err != nil || string(c.Line()) != line {
		return Card{}, fmt.Errorf("not a card's line: %q", line)
	}
	return c, nil
}

// Limits of a card: 73 years of stream, and what segments there can be.
const (
	maxStart    = time.Duration(1 << 61)
	maxDuration = time.Hour
	maxSide     = 1 << 16
)

// ErrNoRoom says that a card needs more packets than there are.
var ErrNoRoom = errors.New("the card does not fit in the segment")

// check finds what no card may have, before any work is done that its numbers would make large.
func (c Card) check(packets int) error {
	if c.Start < 0 || c.Start > maxStart || c.Duration < 0 || c.Duration > maxDuration || c.Number < 0 {
		return fmt.Errorf("card from %v for %v of segment %d: out of range", c.Start, c.Duration, c.Number)
	}
	if c.Pictures == 0 && c != c.withoutVideo() {
		return errors.New("card without pictures, but with a size")
	}
	if !c.Empty() && c.ticks() < 1 {
		return ErrNoRoom
	}
	if c.Pictures != 0 {
		return c.checkVideo(packets)
	}
	return nil
}

func (c Card) checkVideo(packets int) error {
	switch {
	case c.Width < 2 || c.Height < 2 || c.Width > maxSide || c.Height > maxSide || c.Width%2+c.Height%2 > 0:
		return fmt.Errorf("card of %dx%d: sides are even, from 2 to %d", c.Width, c.Height, maxSide)
	case c.Colour < 0 || c.Colour >= Colours || !knownProfile(c.AVC):
		return fmt.Errorf("card with colour %d and profile %06x", c.Colour, c.AVC)
	case c.Pictures < 0 || int64(c.Pictures) > c.ticks():
		return fmt.Errorf("card of %d pictures in %v", c.Pictures, c.Duration)
	// A macroblock takes 6 bits and more, a picture a packet.
	case c.Pictures > packets || blocks(c.Width)*blocks(c.Height) > packets*payloadBytes*8/6:
		return ErrNoRoom
	}
	return nil
}

// startTick and ticks are the segment's place on the 90 kHz clock, both from one rounding, so that a segment ends where the next
// begins.
func (c Card) startTick() int64 { return ticksAt(c.Start) }
func (c Card) ticks() int64     { return ticksAt(c.Start+c.Duration) - ticksAt(c.Start) }

// ticksAt does not overflow: it takes whole seconds and the rest apart.
func ticksAt(t time.Duration) int64 {
	return int64(t/time.Second)*clockRate + int64(t%time.Second)*clockRate/int64(time.Second)
}

// audioFrames are the numbers of the first frame in the segment and of the first after it.
func (c Card) audioFrames() (first, end int64) {
	if !c.Audio {
		return 0, 0
	}
	return ceilDiv(c.startTick(), frameTicks), ceilDiv(c.startTick()+c.ticks(), frameTicks)
}

func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }

// Pictures is how many pictures a rate in thousandths of a hertz gives for a segment; one at least, and none that would not
// have a tick of its own.
func Pictures(d time.Duration, milliHertz int) int {
	ticks := int64(d) * clockRate / int64(time.Second)
	n := math.Ceil(d.Seconds()*float64(milliHertz)/1000 - 1e-9)
	return int(min(max(int64(n), 1), ticks))
}

// Fit gives the richest card that fits in so many packets: with all pictures; with half of them, and half again; without video;
// an empty one.
func Fit(c Card, packets int) Card {
	if c.Pictures == 0 {
		c = c.withoutVideo()
	}
	for c.Pictures > 0 && !c.fits(packets) {
		if c.Pictures /= 2; c.Pictures == 0 {
			c = c.withoutVideo()
		}
	}
	if c.Audio && !c.fits(packets) {
		c.Audio = false
	}
	return c
}
