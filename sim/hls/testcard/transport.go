package testcard

// This file writes packets of the MPEG-2 transport stream (ISO/IEC 13818-1, sections 2.4.3 and 2.4.4).

// PacketBytes is the size of a packet: a segment is a whole number of them.
const PacketBytes = 188

const (
	payloadBytes = PacketBytes - 4
	pcrBytes     = 8 // an adaptation field with nothing but a PCR
	pesBytes     = 14
)

// The PIDs. Null packets carry the padding and the notes.
const (
	pidPAT   = 0
	pidPMT   = 0x1000
	pidVideo = 0x100
	pidAudio = 0x101
	pidNull  = 0x1fff
)

// Stream types and ids (tables 2-34 and 2-22).
const (
	typeAVC  = 0x1b
	typeADTS = 0x0f
	idVideo  = 0xe0
	idAudio  = 0xc0
)

// PTS and PCR.
const (
	clockRate  = 90_000
	clockWraps = 1 << 33
	// firstTick is when the stream's first picture is shown: late enough for a PCR before it.
	firstTick = clockRate
	// pcrDelay is how long a decoder holds what it receives; ffmpeg's muxer takes the same.
	pcrDelay = clockRate * 7 / 10
)

// packet is a part of a section or PES packet.
type packet struct {
	pid   uint16
	start bool // a section or PES packet begins in it
	count byte // continuity_counter
	// random marks the beginning of a picture that needs no other.
	random  bool
	pcr     bool
	payload []byte
	// due is when it should be sent, in ticks since the segment's beginning.
	due int64
}

// write fills the 188 bytes at dst. sent is the time of sending for the PCR, in 27 MHz ticks.
func (p *packet) write(dst []byte, sent int64) {
	dst[0], dst[1], dst[2] = 0x47, byte(p.pid>>8), byte(p.pid)
	if p.start {
		dst[1] |= 0x40
	}
	dst[3] = 0x10 | p.count&15
	stuffing := payloadBytes - len(p.payload)
	if stuffing > 0 {
		dst[3] |= 0x20
		p.writeAdaptation(dst[4:4+stuffing], sent)
	}
	copy(dst[4+stuffing:], p.payload)
}

func (p *packet) writeAdaptation(field []byte, sent int64) {
	field[0] = byte(len(field) - 1)
	if len(field) == 1 {
		return
	}
	field[1] = 0
	for i := 2; i < len(field); i++ {
		field[i] = 0xff
	}
	if p.random {
		field[1] |= 0x40
	}
	if p.pcr {
		field[1] |= 0x10
		base, extension := uint64(sent/300)%clockWraps, sent%300
		high := base<<15 | 0x3f<<9 | uint64(extension)
		for i := range 6 {
			field[2+i] = byte(high >> (40 - 8*i))
		}
	}
}

// appendPESHeader begins a PES packet of so many bytes with a PTS, which is the DTS too (section 2.4.3.6).
func appendPESHeader(dst []byte, id byte, tick int64, size int) []byte {
	length := size + pesBytes - 6
	if length > 0xffff {
		length = 0 // until the next begins, which only video may
	}
	t := uint64(tick) % clockWraps
	return append(dst, 0, 0, 1, id, byte(length>>8), byte(length),
		0x84, 0x80, 5, // data_alignment_indicator; a PTS follows, of 5 bytes
		0x21|byte(t>>29)&0x0e, byte(t>>22), byte(t>>14)|1, byte(t>>7), byte(t<<1)|1)
}

// associationSection and mapSection are the PAT and the PMT of the one programme, with the pointer in front.
func associationSection() []byte {
	return section(0x00, 1, []byte{0, 1, 0xe0 | pidPMT>>8, pidPMT & 0xff})
}

func mapSection(video, audio bool) []byte {
	pcr := pidAudio
	if video {
		pcr = pidVideo
	}
	body := []byte{0xe0 | byte(pcr>>8), byte(pcr & 0xff), 0xf0, 0}
	if video {
		body = append(body, typeAVC, 0xe0|pidVideo>>8, pidVideo&0xff, 0xf0, 0)
	}
	if audio {
		body = append(body, typeADTS, 0xe0|pidAudio>>8, pidAudio&0xff, 0xf0, 0)
	}
	return section(0x02, 1, body)
}

// section fills the payload of a packet; what follows the section is stuffed with 0xff (section 2.4.4).
func section(table byte, id uint16, body []byte) []byte {
	length := 5 + len(body) + 4
	s := append([]byte{0, table, 0xb0 | byte(length>>8), byte(length), byte(id >> 8), byte(id), 0xc1, 0, 0}, body...)
	sum := crc(s[1:])
	s = append(s, byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum))
	for len(s) < payloadBytes {
		s = append(s, 0xff)
	}
	return s
}

// crc is that of annex A: not hash/crc32's, whose bits run the other way.
func crc(data []byte) uint32 {
	sum := uint32(0xffffffff)
	for _, b := range data {
		sum ^= uint32(b) << 24
		for range 8 {
			carry := sum >> 31
			sum = sum<<1 ^ carry*0x04c11db7
		}
	}
	return sum
}
