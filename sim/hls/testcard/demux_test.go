package testcard_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
)

// This is the tests' own reader of MPEG-TS, written against ISO/IEC 13818-1 and not against the writer. It reads one programme
// and is strict: whatever a careful demuxer may complain of is an error.

// pes is one PES packet as read.
type pes struct {
	pid    int
	slot   int   // of its first packet
	pts    int64 // 33 bits
	pcr    int64 // 27 MHz, of its first packet; -1 if that has none
	random bool
	size   int // PES_packet_length
	data   []byte
}

// demuxer keeps what goes on from segment to segment.
type demuxer struct {
	t      *testing.T
	counts map[int]byte // continuity_counter, by PID
	slots  int          // packets read so far
	tables []int        // PIDs of the first packets
	pmt    int
	types  map[int]byte // stream_type, by PID
	pcrPID int
	open   map[int]*pes
	done   []pes
}

func newDemuxer(t *testing.T) *demuxer {
	return &demuxer{t: t, counts: map[int]byte{}, types: map[int]byte{}, open: map[int]*pes{}, pmt: -1}
}

// read takes a whole segment and returns its PES packets in the order in which they began.
func (d *demuxer) read(segment []byte) []pes {
	d.t.Helper()
	if len(segment)%188 != 0 {
		d.t.Fatalf("%d bytes are not whole packets", len(segment))
	}
	d.done = nil
	for p := range slices.Chunk(segment, 188) {
		d.packet(p)
		d.slots++
	}
	for pid := range d.open {
		d.close(pid)
	}
	return d.done
}

func (d *demuxer) packet(p []byte) {
	pid := int(binary.BigEndian.Uint16(p[1:]) & 0x1fff)
	start, adaptation, payload := p[1]&0x40 != 0, p[3]&0x20 != 0, p[3]&0x10 != 0
	if p[0] != 0x47 || p[1]&0x80 != 0 || p[3]&0xc0 != 0 {
		d.t.Fatalf("packet %d begins % x", d.slots, p[:4])
	}
	if pid == 0x1fff {
		return
	}
	if count, seen := d.counts[pid]; !payload || seen && p[3]&15 != (count+1)&15 {
		d.t.Fatalf("packet %d of PID %#x: continuity counter %d after %d", d.slots, pid, p[3]&15, count)
	}
	d.counts[pid] = p[3] & 15
	rest := p[4:]
	begun := pes{pid: pid, slot: d.slots, pcr: -1}
	if adaptation {
		field := rest[1 : 1+rest[0]]
		rest = rest[1+rest[0]:]
		if len(field) > 0 {
			begun.random = field[0]&0x40 != 0
			if field[0]&0x10 != 0 {
				base := int64(binary.BigEndian.Uint32(field[1:]))<<1 | int64(field[5]>>7)
				begun.pcr = base*300 + int64(field[5]&1)<<8 + int64(field[6])
			}
			if field[0]&^0x50 != 0 {
				d.t.Fatalf("packet %d: adaptation flags %#x", d.slots, field[0])
			}
		}
	}
	switch {
	case pid == 0 || pid == d.pmt:
		if d.slots < 2 {
			d.tables = append(d.tables, pid)
		}
		d.section(pid, start, rest)
	case d.types[pid] == 0:
		d.t.Fatalf("packet %d of PID %#x, which no PMT tells of", d.slots, pid)
	case start:
		d.close(pid)
		d.begin(begun, rest)
	case d.open[pid] == nil:
		d.t.Fatalf("packet %d of PID %#x: the middle of nothing", d.slots, pid)
	default:
		d.open[pid].data = append(d.open[pid].data, rest...)
	}
}

func (d *demuxer) section(pid int, start bool, p []byte) {
	if !start || p[0] != 0 {
		d.t.Fatalf("packet %d: a section of several packets", d.slots)
	}
	length := int(binary.BigEndian.Uint16(p[2:]) & 0xfff)
	s := p[1 : 4+length]
	// The CRC of a section with its CRC is 0: by polynomial division, bit by bit.
	var crc uint32 = 0xffffffff
	for _, b := range s {
		for bit := 7; bit >= 0; bit-- {
			out := crc>>31 ^ uint32(b>>bit&1)
			if crc <<= 1; out == 1 {
				crc ^= 0x04c11db7
			}
		}
	}
	if crc != 0 || len(bytes.Trim(p[4+length:], "\xff")) != 0 {
		d.t.Fatalf("packet %d: section % x", d.slots, p[:4+length])
	}
	body := s[8 : len(s)-4]
	if pid == 0 {
		d.pmt = int(binary.BigEndian.Uint16(body[2:]) & 0x1fff)
		return
	}
	d.pcrPID = int(binary.BigEndian.Uint16(body) & 0x1fff)
	for body = body[4:]; len(body) > 0; body = body[5:] {
		d.types[int(binary.BigEndian.Uint16(body[1:])&0x1fff)] = body[0]
	}
}

func (d *demuxer) begin(b pes, p []byte) {
	if !bytes.HasPrefix(p, []byte{0, 0, 1}) || p[6]&0xc0 != 0x80 || p[7] != 0x80 || p[8] != 5 || p[9]>>4 != 2 || p[9]&p[11]&p[13]&1 != 1 {
		d.t.Fatalf("packet %d: PES header % x", d.slots, p[:min(len(p), 14)])
	}
	b.size = int(binary.BigEndian.Uint16(p[4:]))
	b.pts = int64(p[9]>>1&7)<<30 | int64(p[10])<<22 | int64(p[11]>>1)<<15 | int64(p[12])<<7 | int64(p[13]>>1)
	b.data = bytes.Clone(p[14:])
	d.open[b.pid] = &b
	d.done = append(d.done, b)
}

// close files a PES packet that is complete.
func (d *demuxer) close(pid int) {
	p := d.open[pid]
	if p == nil {
		return
	}
	if p.size != 0 && p.size != len(p.data)+8 || p.size == 0 && len(p.data) < 0xffff-8 {
		d.t.Fatalf("a PES packet of PID %#x at packet %d has %d bytes, and says %d", pid, p.slot, len(p.data), p.size-8)
	}
	for i := range d.done {
		if d.done[i].slot == p.slot {
			d.done[i] = *p
		}
	}
	delete(d.open, pid)
}

// nalTypes are the types of an access unit's NAL units.
func nalTypes(data []byte) []byte {
	var types []byte
	for i := 0; i+3 < len(data); i++ {
		if data[i] == 0 && data[i+1] == 0 && data[i+2] == 1 {
			types = append(types, data[i+3]&31)
		}
	}
	return types
}

// adtsFrames counts the frames of AAC.
func adtsFrames(t *testing.T, data []byte) int {
	t.Helper()
	n := 0
	for ; len(data) > 0; n++ {
		if len(data) < 7 || data[0] != 0xff || data[1] != 0xf1 {
			t.Fatalf("no ADTS frame: % x", data)
		}
		size := int(data[3]&3)<<11 | int(data[4])<<3 | int(data[5]>>5)
		if size < 8 || size > len(data) {
			t.Fatalf("an ADTS frame of %d bytes in %d", size, len(data))
		}
		data = data[size:]
	}
	return n
}
