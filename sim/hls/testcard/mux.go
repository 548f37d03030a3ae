package testcard

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// group is the packets after which continuity counters are where they were: every PID has a multiple of it in every segment, so
// that segments can be joined without anybody counting.
const group = 16

// Slots of a segment that has a card. Before them nothing else would be of use to a player.
const (
	noteSlot = 2 // after PAT and PMT
	notes    = 2
)

// fits reports whether there is room.
func (c Card) fits(packets int) bool {
	if c.check(packets) != nil {
		return false
	}
	video := 0
	if c.Pictures > 0 {
		video = idrPackets(len(idrUnit(c, firstPicture(c)))) + c.Pictures - 1
	}
	return notes+2*c.tables()+c.roundUp(video)+c.audioPackets() <= packets
}

// roundUp gives a PID its whole groups; what nothing follows may end anywhere.
func (c Card) roundUp(packets int) int {
	if c.Last {
		return packets
	}
	return (packets + group - 1) / group * group
}

// tables is how often PAT and PMT are sent.
func (c Card) tables() int { return c.roundUp(1) }

// idrPackets is how many packets a first picture takes, whose first has a PCR too.
func idrPackets(size int) int {
	rest := max(size+pesBytes+pcrBytes-payloadBytes, 0)
	return 1 + (rest+payloadBytes-1)/payloadBytes
}

// framesPerPES: that many fit in a packet whatever they are, and last 0.17 s.
const framesPerPES = 8

func (c Card) audioPackets() int {
	first, end := c.audioFrames()
	return c.roundUp(int(ceilDiv(end-first, framesPerPES)))
}

// Write puts a card over a segment's padding, as MPEG-TS: data is a whole number of packets. The texts, one in each, are kept
// in null packets that a reader finds with [Notes]; an empty card has room for one only.
func Write(data []byte, c Card, texts ...[]byte) error {
	count := len(data) / PacketBytes
	if len(data)%PacketBytes != 0 || count == 0 {
		return fmt.Errorf("segment of %d bytes: use whole packets of %d", len(data), PacketBytes)
	}
	for i := range count {
		copy(data[i*PacketBytes:], []byte{0x47, pidNull >> 8, pidNull & 0xff, 0x10})
	}
	if c.Empty() {
		writeNotes(data, texts[:min(len(texts), 1)])
		return nil
	}
	if !c.fits(count) {
		return ErrNoRoom
	}
	writeNotes(data[noteSlot*PacketBytes:], texts[:min(len(texts), notes)])
	packets := c.packets()
	ticks := c.ticks()
	for i, slot := range slots(packets, count, ticks) {
		sent := (firstTick+c.startTick()-pcrDelay)*300 + ticks*300*int64(slot)/int64(count)
		packets[i].write(data[slot*PacketBytes:][:PacketBytes], sent)
	}
	return nil
}

func writeNotes(data []byte, texts [][]byte) {
	for i, text := range texts {
		copy(data[i*PacketBytes+4:][:payloadBytes], text)
	}
}

// Notes are the texts that Write put in, each with its line's end; none if the bytes are no such segment's.
func Notes(data []byte) []string {
	first := 0
	if len(data) > noteSlot*PacketBytes && !isNull(data) {
		first = noteSlot
	}
	var texts []string
	for slot := first; slot < first+notes && len(data) >= (slot+1)*PacketBytes; slot++ {
		p := data[slot*PacketBytes:][:PacketBytes]
		end := bytes.IndexByte(p, '\n')
		if !isNull(p) || end < 4 || first == 0 && slot > 0 {
			break
		}
		texts = append(texts, string(p[4:end+1]))
	}
	return texts
}

func isNull(p []byte) bool {
	return strings.HasPrefix(string(p[:min(len(p), 4)]), "\x47\x1f\xff\x10")
}

// packets are all of a card's, in the order of sending.
func (c Card) packets() []packet {
	list := slices.Concat(c.videoPackets(), c.tablePackets(), c.audioParts())
	slices.SortStableFunc(list, func(a, b packet) int { return int(a.due - b.due) })
	return list
}

// slots gives every packet its place among count: the first that is not before its time, but early enough for all that follow.
func slots(packets []packet, count int, ticks int64) []int {
	s := make([]int, len(packets))
	next := 0
	for i, p := range packets {
		s[i] = max(next, int(p.due*int64(count)/ticks))
		if next = s[i] + 1; next == noteSlot {
			next += notes
		}
	}
	for i, most := len(s)-1, count-1; i >= 0; i, most = i-1, most-1 {
		s[i] = min(s[i], most)
		most = s[i]
	}
	return s
}

// tablePackets repeats PAT and PMT, for whoever begins in the middle.
func (c Card) tablePackets() []packet {
	pat, pmt := associationSection(), mapSection(c.Pictures > 0, c.Audio)
	var list []packet
	for i := range c.tables() {
		due := c.ticks() * int64(i) / int64(c.tables())
		if i == 0 {
			due = -1 // before all else
		}
		list = append(list, packet{pid: pidPAT, start: true, count: byte(i), payload: pat, due: due},
			packet{pid: pidPMT, start: true, count: byte(i), payload: pmt, due: due})
	}
	return list
}

func (c Card) videoPackets() []packet {
	if c.Pictures == 0 {
		return nil
	}
	canvas := firstPicture(c)
	idr := idrUnit(c, canvas)
	parts := idrPackets(len(idr))
	parts += c.roundUp(parts+c.Pictures-1) - (parts + c.Pictures - 1)
	list := c.spread(nil, pidVideo, idVideo, 0, parts, idr)
	list[0].random = true
	for i := 1; i < c.Pictures; i++ {
		due := c.ticks() * int64(i) / int64(c.Pictures)
		list = c.spread(list, pidVideo, idVideo, due, 1, pUnit(c, canvas, i))
	}
	return list
}

func (c Card) audioParts() []packet {
	first, end := c.audioFrames()
	frames, total := int(end-first), c.audioPackets()
	units := min(frames, total)
	var list []packet
	for i := range units {
		from, to := first+int64(i*frames/units), first+int64((i+1)*frames/units)
		var data []byte
		for n := from; n < to; n++ {
			data = append(data, audioFrame(n)...)
		}
		parts := 1
		if i == 0 { // where there are fewer frames than packets, the first make them up
			parts += total - units
		}
		list = c.spread(list, pidAudio, idAudio, from*frameTicks-c.startTick(), parts, data)
	}
	return list
}

// spread appends a PES packet, due at a time, as so many packets of about equal size.
func (c Card) spread(list []packet, pid uint16, id byte, due int64, parts int, data []byte) []packet {
	pes := append(appendPESHeader(nil, id, firstTick+c.startTick()+due, len(data)), data...)
	pcr := pid == pidVideo || c.Pictures == 0
	for i := range parts {
		size := (len(pes) + parts - i - 1) / (parts - i)
		if i == 0 { // the header in one piece
			size = max(size, pesBytes)
		}
		if i == 0 && pcr {
			size = min(size, payloadBytes-pcrBytes)
		}
		list = append(list, packet{pid: pid, start: i == 0, count: byte(len(list)), pcr: i == 0 && pcr, payload: pes[:size], due: due})
		pes = pes[size:]
	}
	return list
}
