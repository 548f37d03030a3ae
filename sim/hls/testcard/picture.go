package testcard

import "strconv"

// colours are the variants' backgrounds: luma, and the two chroma that the whole picture shares. Chroma differ from grey by an
// even number, which is what the quantiser can say exactly.
var colours = [...][3]int{
	{80, 168, 104}, // blue
	{90, 100, 96},  // green
	{110, 88, 168}, // orange
	{80, 156, 156}, // purple
	{95, 144, 84},  // teal
	{80, 112, 176}, // red
	{105, 80, 136}, // olive
	{90, 128, 128}, // grey
}

// Luma of what is drawn on the background.
const (
	digitLuma = 235
	trackLuma = 40
	markLuma  = 235
)

// digits are 3 wide and 5 high; a row's bits from left to right.
var digits = [10][5]byte{
	{7, 5, 5, 5, 7}, {2, 6, 2, 2, 7}, {7, 1, 7, 4, 7}, {7, 1, 7, 1, 7}, {5, 5, 7, 1, 1},
	{7, 4, 7, 1, 7}, {7, 4, 7, 5, 7}, {7, 1, 1, 1, 1}, {7, 5, 7, 5, 7}, {7, 5, 7, 1, 7},
}

// canvas is a picture of macroblocks, each of one luma.
type canvas struct {
	across, down int
	// fullAcross and fullDown leave out the last column and row where the picture's edge cuts them.
	fullAcross, fullDown int
	luma                 []byte
}

// firstPicture is the card as the segment begins: the background, the number, and the track with the mark at its left end.
func firstPicture(c Card) *canvas {
	p := &canvas{across: blocks(c.Width), down: blocks(c.Height), fullAcross: max(c.Width/16, 1), fullDown: max(c.Height/16, 1)}
	p.luma = make([]byte, p.across*p.down)
	p.fill(0, 0, p.across, p.down, byte(colours[c.Colour][0]))
	p.drawNumber(c.Number)
	p.fill(0, p.trackTop(), p.fullAcross, p.trackHeight(), trackLuma)
	p.fill(0, p.trackTop(), 1, p.trackHeight(), markLuma)
	return p
}

func (p *canvas) fill(x, y, w, h int, luma byte) {
	for row := y; row < y+h; row++ {
		line := p.luma[row*p.across+x:][:w]
		for i := range line {
			line[i] = luma
		}
	}
}

// trackHeight is at most 3, so that a moved mark fits in one packet.
func (p *canvas) trackHeight() int { return min(max(p.fullDown/10, 1), 3) }
func (p *canvas) trackTop() int    { return p.fullDown - p.trackHeight() }

// markAt is the mark's column in a picture of the segment.
func (p *canvas) markAt(picture, pictures int) int { return picture * p.fullAcross / pictures }

// drawNumber draws as many of the number's last digits as there is room for, as large as they can be.
func (p *canvas) drawNumber(n int64) {
	room := p.trackTop() - 2
	text := strconv.FormatInt(n, 10)
	if most := (p.fullAcross - 1) / 4; len(text) > most {
		text = text[len(text)-most:]
	}
	if text == "" || room < 5 {
		return
	}
	scale := min((p.fullAcross-2)/(4*len(text)-1), room/5)
	left := (p.fullAcross - scale*(4*len(text)-1)) / 2
	top := 1 + (room-5*scale)/2
	for i := range text {
		p.drawDigit(text[i]-'0', left+4*i*scale, top, scale)
	}
}

func (p *canvas) drawDigit(digit byte, left, top, scale int) {
	for y, row := range digits[digit] {
		for x := range 3 {
			if row&(4>>x) != 0 {
				p.fill(left+x*scale, top+y*scale, scale, scale, digitLuma)
			}
		}
	}
}
