package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzDecode: no bytes make the decoder panic or keep more than it was given, and what it understood survives the next trip.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{0})
	f.Add([]byte{1, 'i', 1, 5, 'r', 2, 0, 194, 'b', 3, 6, 26, 128})
	f.Add([]byte{0, 'l', 0x10, 2, 1, 3, 1, 2, 3, 2, 1, 1, 4, 'p', 0x10, 1, 2, 0x80, 0xff, 0xff})
	f.Add([]byte{4, 'x', 0x20, 2, 'h', 'i', 'i', 0x0f, 0x7f})
	f.Add(Encode(Command{Loaded: run(0, 256)}))
	f.Fuzz(func(t *testing.T, payload []byte) {
		c, err := Decode(payload)
		if err != nil {
			return
		}
		if n := cap(c.Loaded) + cap(c.Loading); n > len(payload) {
			t.Fatalf("%d bytes decode to room for %d ids", len(payload), n)
		}
		c = onlySent(c)
		c.Loaded, c.Loading = OmitFromFullBlocks(c.Loaded), OmitFromFullBlocks(c.Loading)
		again, err := Decode(Encode(c))
		if err != nil {
			t.Fatalf("%+v does not decode: %v", c, err)
		}
		if third, err := Decode(Encode(again)); err != nil || !cmp.Equal(third, again, cmpopts.EquateEmpty()) {
			t.Fatalf("%+v becomes %+v, %v", again, third, err)
		}
	})
}

// onlySent clears the fields that a command of this id does not carry.
func onlySent(c Command) Command {
	switch c.ID {
	case SegmentsAnnouncement:
		return Command{ID: c.ID, Loaded: c.Loaded, Loading: c.Loading}
	case SegmentRequest:
		return Command{ID: c.ID, Segment: c.Segment, Request: c.Request, Byte: c.Byte}
	case SegmentData:
		return Command{ID: c.ID, Segment: c.Segment, Request: c.Request, Size: c.Size}
	case SegmentDataSendingCompleted, SegmentAbsent, CancelSegmentRequest:
		return Command{ID: c.ID, Segment: c.Segment, Request: c.Request}
	}
	return Command{ID: c.ID}
}

// FuzzJoiner: whatever frames come in whatever order, the joiner never holds more than its bound, says "complete" only for a
// frame with the closing tail, and hands out exactly the bytes between the marks since the opening head.
func FuzzJoiner(f *testing.F) {
	f.Add([]byte("\x01\x00\x02"), []byte("payload"))
	f.Add([]byte("\x00\x01\x02\x03\x03\x01"), []byte(""))
	f.Add([]byte("\x01\x04\x02"), []byte("cstrcend"))
	f.Fuzz(func(t *testing.T, kinds, body []byte) {
		var j Joiner
		var want []byte
		joining := false
		for _, kind := range kinds {
			first, last := kind&1 == 0, kind&2 == 0
			frame := body
			if kind&4 == 0 {
				head, tail := headNext, tailMore
				if first {
					head = headFirst
				}
				if last {
					tail = tailLast
				}
				frame = appendFrame(nil, head, body, tail)
			} else if IsCommand(frame) {
				continue
			}
			payload, complete, err := j.Add(frame)
			if len(j.parts) > MaxCommandBytes {
				t.Fatalf("holds %d bytes", len(j.parts))
			}
			if kind&4 != 0 {
				if !errors.Is(err, ErrNotCommand) {
					t.Fatalf("data: %v", err)
				}
				continue
			}
			switch {
			case first && joining, !first && !joining:
				if err == nil {
					t.Fatal("took a frame out of order")
				}
				joining, want = false, nil
				continue
			case errors.Is(err, ErrTooLong):
				joining, want = false, nil
				continue
			case err != nil || complete != last:
				t.Fatalf("complete %v, error %v", complete, err)
			}
			want = append(want, body...)
			joining = !last
			if last {
				if !bytes.Equal(payload, want) {
					t.Fatalf("joined %q, want %q", payload, want)
				}
				want = nil
			}
		}
	})
}

// FuzzRoundTrip: whatever a sender may say arrives, through any message size.
func FuzzRoundTrip(f *testing.F) {
	f.Add(byte(0), int64(0), int64(0), int64(0), 65535, []byte("\x01\x02\x03"))
	f.Add(byte(1), int64(1746403200), int64(999), int64(1<<20), 9, []byte{})
	f.Add(byte(2), int64(-1), int64(7), int64(400000), 12, bytes.Repeat([]byte{0, 1, 2, 3, 4, 5, 6, 7}, 40))
	f.Fuzz(func(t *testing.T, id byte, segment, request, size int64, limit int, ids []byte) {
		const exact = 1 << 53
		bound := func(v int64) int64 { return v % exact }
		c := onlySent(Command{
			ID: ID(id % 6), Segment: bound(segment), Request: bound(request), Byte: bound(size), Size: bound(size),
			Loaded: OmitFromFullBlocks(spread(ids)), Loading: OmitFromFullBlocks(spread(ids[len(ids)/2:])),
		})
		payload := Encode(c)
		var j Joiner
		frames := Frames(payload, limit)
		for i, frame := range frames {
			got, complete, err := j.Add(frame)
			if err != nil || complete != (i == len(frames)-1) {
				t.Fatalf("frame %d of %d: %v %v", i, len(frames), complete, err)
			}
			if complete && !bytes.Equal(got, payload) {
				t.Fatal("the payload changed on its way")
			}
		}
		back, err := Decode(payload)
		if err != nil {
			t.Fatal(err)
		}
		sort := cmpopts.SortSlices(func(a, b int64) bool { return a < b })
		if diff := cmp.Diff(c, back, sort, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// spread makes ids of fuzz bytes: mostly neighbours, sometimes far away.
func spread(b []byte) []int64 {
	var ids []int64
	base := int64(0)
	for i, x := range b {
		if x == 0xff && len(b)-i > 8 {
			base = int64(binary.BigEndian.Uint64(b[i+1:])) >> 12
		}
		ids = append(ids, base+int64(i)+int64(x)<<4)
	}
	return ids
}
