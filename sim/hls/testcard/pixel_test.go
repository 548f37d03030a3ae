package testcard

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/cmplx"
	"os/exec"
	"testing"
	"time"
)

// decodeRaw makes a segment of a card and has ffmpeg decode it.
func decodeRaw(t *testing.T, c Card, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is not installed (Debian: apt-get install ffmpeg): nobody looks at the pictures")
	}
	data := make([]byte, 4000*PacketBytes)
	if err := Write(data, c); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "ffmpeg", append(append([]string{"-v", "warning", "-f", "mpegts", "-i", "-"}, args...), "-")...)
	cmd.Stdin = bytes.NewReader(data)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestPicturesAreExact: what a decoder shows is the canvas, to the last pixel of the last picture.
func TestPicturesAreExact(t *testing.T) {
	for _, c := range []Card{
		{Width: 320, Height: 180, AVC: 0x42c00d, Number: 90210, Colour: 0, Pictures: 30},
		{Width: 640, Height: 360, AVC: 0x4d401e, Number: 3, Colour: 1, Pictures: 7},
		{Width: 854, Height: 482, AVC: 0x64001f, Number: 1 << 53, Colour: 2, Pictures: 27},
		{Width: 2, Height: 2, AVC: 0x42c00a, Number: 1, Colour: 3, Pictures: 5},
		{Width: 18, Height: 400, AVC: 0x42c00d, Number: 1, Colour: 4, Pictures: 5},
		{Width: 1280, Height: 720, AVC: 0x42c01f, Number: 1234567, Colour: 5, Pictures: 12},
		{Width: 64, Height: 16, AVC: 0x42c00a, Number: 1, Colour: 6, Pictures: 3},
		{Width: 352, Height: 288, AVC: 0x42000d, Number: 46, Colour: 7, Pictures: 11},
	} {
		c.Duration = 2 * time.Second
		raw := decodeRaw(t, c, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-fps_mode", "passthrough")
		size := c.Width * c.Height * 3 / 2
		if len(raw) != size*c.Pictures {
			t.Fatalf("%v: %d bytes of pictures, want %d", c, len(raw), size*c.Pictures)
		}
		for i := range c.Pictures {
			checkPicture(t, c, i, raw[i*size:][:size])
		}
	}
}

func checkPicture(t *testing.T, c Card, picture int, raw []byte) {
	t.Helper()
	p := firstPicture(c)
	p.fill(0, p.trackTop(), p.fullAcross, p.trackHeight(), trackLuma)
	p.fill(p.markAt(picture, c.Pictures), p.trackTop(), 1, p.trackHeight(), markLuma)
	for i := range c.Width * c.Height {
		x, y := i%c.Width, i/c.Width
		if want := p.luma[y/16*p.across+x/16]; raw[i] != want {
			t.Fatalf("%v: luma at %d,%d of picture %d is %d, not %d", c, x, y, picture, raw[i], want)
		}
	}
	chroma := raw[c.Width*c.Height:]
	for i, got := range chroma {
		if want := colours[c.Colour][1+i*2/len(chroma)]; int(got) != want {
			t.Fatalf("%v: chroma %d of picture %d is %d, not %d", c, i, picture, got, want)
		}
	}
}

// TestIDRPicturesInARowDiffer in idr_pic_id (section 7.4.3), also where the number is not drawn.
func TestIDRPicturesInARowDiffer(t *testing.T) {
	c := Card{Width: 16, Height: 16, Pictures: 1}
	before := idrUnit(c, firstPicture(c))
	c.Number++
	if bytes.Equal(before, idrUnit(c, firstPicture(c))) {
		t.Error("two IDR pictures in a row are the same")
	}
}

// TestTheBeepIsAPureTone: frequency and loudness as derived in aac.go, at the beginning of every second, and silence between.
func TestTheBeepIsAPureTone(t *testing.T) {
	raw := decodeRaw(t, Card{Start: 10 * time.Second, Duration: 4 * time.Second, Audio: true}, "-f", "s16le")
	samples := make([]float64, len(raw)/2)
	for i := range samples {
		samples[i] = float64(int16(binary.LittleEndian.Uint16(raw[2*i:])))
	}
	// The first frame in the segment begins 5.33 ms after it: frame 469 is at 10.00533 s.
	const first = 469 * frameSamples
	for second := 10; second < 14; second++ {
		begin := (second*sampleRate+frameSamples-1)/frameSamples*frameSamples - first
		var sum complex128
		for n, x := range samples[begin+frameSamples:][:2*frameSamples] {
			sum += cmplx.Rect(x, -2*math.Pi*BeepHertz/sampleRate*float64(n))
		}
		if amplitude := cmplx.Abs(sum) / frameSamples; math.Abs(amplitude-1024) > 1 {
			t.Errorf("second %d: %.1f Hz has an amplitude of %.1f, not 1024", second, BeepHertz, amplitude)
		}
		for n, x := range samples[begin+(beepFrames+1)*frameSamples:][:30*frameSamples] {
			if x != 0 {
				t.Fatalf("second %d: sample %d after the beep is %v", second, n, x)
			}
		}
	}
}
