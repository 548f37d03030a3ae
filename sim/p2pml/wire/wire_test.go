package wire

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func run(first, n int64) []int64 {
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = first + int64(i)
	}
	return ids
}

func TestFullBlockIsUndecodableUntilOneIDIsOmitted(t *testing.T) {
	tests := []struct {
		name string
		ids  []int64
		want []int64
	}{
		{"no full block: nothing changes", run(100, 200), run(100, 200)},
		{"255 of a block: nothing changes", run(0, 255), run(0, 255)},
		{"the first id of a full block goes", run(0, 256), run(1, 255)},
		{"of a full block in the middle too", run(200, 400), slices.Concat(run(200, 56), run(257, 343))},
		{"first in the list, not the smallest", append([]int64{255}, run(0, 255)...), run(0, 255)},
		{"ids that are repeated count each time", append(run(0, 255), 7, 8, 9), append(run(3, 252), 7, 8, 9)},
		{"negative ids have blocks as well", run(-256, 256), run(-255, 255)},
		{"nothing stays nothing", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decode(Encode(Command{Loaded: tt.ids, Loading: []int64{7}}))
			if changes := len(tt.want) != len(tt.ids); changes != errors.Is(err, ErrUndecodable) {
				t.Errorf("as it is: error %v", err)
			}
			got := OmitFromFullBlocks(tt.ids)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			c, err := Decode(Encode(Command{Loaded: got}))
			if err != nil || !cmp.Equal(c.Loaded, got, cmpopts.EquateEmpty()) {
				t.Errorf("what is left does not arrive: %v", err)
			}
		})
	}
}

func TestMoreBlocksThanTheCountByteHoldsAreOmitted(t *testing.T) {
	var ids []int64
	for block := range int64(300) {
		ids = append(ids, run(block*256, 256)...)
	}
	got := OmitFromFullBlocks(ids)
	if want := 255 * 255; len(got) != want {
		t.Fatalf("%d ids left, want %d", len(got), want)
	}
	c, err := Decode(Encode(Command{Loaded: got}))
	if err != nil || !slices.Equal(c.Loaded, got) {
		t.Errorf("what is left does not arrive: %v", err)
	}
}

func TestAnyIDsArriveInGroupOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		c := Command{Loaded: randomIDs(rng), Loading: randomIDs(rng)}
		payload := Encode(c)
		got, err := Decode(payload)
		if err != nil {
			t.Fatalf("%v: %v", c, err)
		}
		sort := cmpopts.SortSlices(func(a, b int64) bool { return a < b })
		if diff := cmp.Diff(c, got, sort, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
		// In group order ids come back in group order: encoding what was decoded gives the same bytes.
		if !bytes.Equal(Encode(got), payload) {
			t.Fatalf("%v is not stable", got)
		}
		if cap(payload) != len(payload) {
			t.Fatalf("payload of %d bytes in a buffer of %d", len(payload), cap(payload))
		}
	}
}

// randomIDs makes up to 250 ids, no block full, spread over few or many blocks.
func randomIDs(rng *rand.Rand) []int64 {
	spread := int64(1) << rng.IntN(52)
	ids := make([]int64, rng.IntN(250))
	for i := range ids {
		ids[i] = rng.Int64N(2*spread) - spread
	}
	return ids
}

func TestIntegersOfAllSizesArrive(t *testing.T) {
	for shift := range 54 {
		for _, v := range []int64{1<<shift - 1, 1 << shift, 1<<shift + 1} {
			if v > 1<<53 {
				continue
			}
			for _, v := range []int64{v, -v} {
				c, err := Decode(Encode(Command{ID: SegmentData, Segment: v, Request: v, Size: v}))
				if err != nil || c.Segment != v || c.Request != v || c.Size != v {
					t.Errorf("%d arrives as %+v, %v", v, c, err)
				}
			}
		}
	}
}

func TestIntegersBeyondADoubleRoundLikeOne(t *testing.T) {
	tests := []struct{ sent, arrives int64 }{
		{1 << 53, 1 << 53},
		{1<<53 + 1, 1 << 53}, // ties to even
		{1<<53 + 3, 1<<53 + 4},
		{-(1<<53 + 1), -(1 << 53)},
		{math.MaxInt64, math.MaxInt64},
		{math.MinInt64, math.MinInt64},
	}
	for _, tt := range tests {
		c, err := Decode(Encode(Command{ID: SegmentAbsent, Segment: tt.sent}))
		if err != nil || c.Segment != tt.arrives {
			t.Errorf("%d arrives as %d, %v; want %d", tt.sent, c.Segment, err, tt.arrives)
		}
	}
	ids := []int64{math.MaxInt64, math.MinInt64 + 300}
	c, err := Decode(Encode(Command{Loaded: ids}))
	if err != nil || len(c.Loaded) != 2 || c.Loaded[0] != math.MaxInt64 {
		t.Errorf("%v arrive as %v, %v", ids, c.Loaded, err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct {
		name    string
		payload []byte
	}{
		{"nothing", nil},
		{"a list cut off within a group", []byte{0, 'l', 0x10, 1, 0x01, 0x03, 1, 2}},
		{"a list whose group begins with another type", []byte{0, 'l', 0x10, 1, 0x10, 0}},
		{"a type that does not exist", []byte{1, 'x', 0x30}},
		{"a number where a list belongs", []byte{0, 'l', 0x01, 5}},
		{"a list where a number belongs", []byte{1, 'i', 0x10, 0}},
		{"a string where a number belongs", []byte{1, 'r', 0x20, 0}},
		{"an error inside a field nobody knows", []byte{1, 'x', 0x10, 1, 0x01, 0x03}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if c, err := Decode(tt.payload); !errors.Is(err, ErrUndecodable) {
				t.Errorf("decoded to %+v, error %v", c, err)
			}
		})
	}
}

func TestDecodeTakes(t *testing.T) {
	tests := []struct {
		name    string
		payload []byte
		want    Command
	}{
		{"a string field nobody knows", []byte{4, 'x', 0x20, 2, 'h', 'i', 'i', 0x01, 9}, Command{ID: 4, Segment: 9}},
		{"a list nobody knows", []byte{4, 'x', 0x10, 1, 0x01, 1, 7, 'i', 0x01, 9}, Command{ID: 4, Segment: 9}},
		{"of two lists the last", []byte{0, 'l', 0x10, 1, 1, 2, 7, 8, 'l', 0x10, 1, 1, 1, 9}, Command{Loaded: []int64{9}}},
		{"a list without its head", []byte{0, 'p', 0x10}, Command{}},
		{"groups that are missing altogether", []byte{0, 'p', 0x10, 200, 1, 1, 5}, Command{Loading: []int64{5}}},
		{"a string that claims more than there is", []byte{0, 'x', 0x2f}, Command{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Decode(tt.payload)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeKeepsNoMoreThanItIsGiven(t *testing.T) {
	// 64 KiB that claim as much as they can: full groups of one id over and over.
	payload := []byte{0}
	for len(payload) < 64<<10 {
		payload = append(payload, 'l', 0x10, 0xff)
		for range 255 {
			payload = append(payload, 0x02, 0x00, 0xff)
			payload = append(payload, make([]byte, 255)...)
		}
	}
	c, err := Decode(payload)
	if err != nil || len(c.Loaded) == 0 || cap(c.Loaded) > len(payload) {
		t.Errorf("%d ids in a list of %d, error %v", len(c.Loaded), cap(c.Loaded), err)
	}
	// Short fields with lists nobody knows must cost nothing.
	payload = append([]byte{0}, bytes.Repeat([]byte{'x', 0x10, 0xff}, 1<<14)...)
	if n := testing.AllocsPerRun(5, func() { _, _ = Decode(payload) }); n > 2 {
		t.Errorf("%v allocations for nothing", n)
	}
}

func TestJoinerIsBounded(t *testing.T) {
	var j Joiner
	frame := appendFrame(nil, headFirst, make([]byte, 65536), tailMore)
	next := appendFrame(nil, headNext, make([]byte, 65536), tailMore)
	if _, _, err := j.Add(frame); err != nil {
		t.Fatal(err)
	}
	for added := 2 * 65536; added <= MaxCommandBytes; added += 65536 {
		if _, _, err := j.Add(next); err != nil {
			t.Fatalf("after %d bytes: %v", added, err)
		}
	}
	if _, _, err := j.Add(next); !errors.Is(err, ErrTooLong) {
		t.Fatalf("error %v, want ErrTooLong", err)
	}
	if j.joining || j.parts != nil {
		t.Error("the joiner keeps what it refused")
	}
	if _, _, err := j.Add(next); !errors.Is(err, ErrNoFirst) {
		t.Errorf("after refusal: %v, want ErrNoFirst", err)
	}
}

func TestJoinerLeavesDataAlone(t *testing.T) {
	var j Joiner
	must := func(frame []byte) {
		t.Helper()
		if _, complete, err := j.Add(frame); err != nil || complete {
			t.Fatal(complete, err)
		}
	}
	must([]byte("cstr\x00dend"))
	if _, _, err := j.Add([]byte("segment bytes")); !errors.Is(err, ErrNotCommand) {
		t.Fatalf("error %v, want ErrNotCommand", err)
	}
	payload, complete, err := j.Add([]byte("dstrcend"))
	if err != nil || !complete || !bytes.Equal(payload, []byte{0}) {
		t.Errorf("%x %v %v: data between the parts spoiled the command", payload, complete, err)
	}
}

func TestPayloadsOfOneJoinerDoNotShareMemory(t *testing.T) {
	var j Joiner
	join := func(b byte) []byte {
		if _, _, err := j.Add([]byte{'c', 's', 't', 'r', b, 'd', 'e', 'n', 'd'}); err != nil {
			t.Fatal(err)
		}
		payload, complete, err := j.Add([]byte("dstrcend"))
		if err != nil || !complete {
			t.Fatal(complete, err)
		}
		return payload
	}
	first := join(1)
	join(2)
	if first[0] != 1 {
		t.Error("a command changed when the next one came")
	}
}

func TestFramesOfOddSizes(t *testing.T) {
	for size := range 80 {
		payload := bytes.Repeat([]byte{0xab}, size)
		for _, limit := range []int{-1, 0, 1, 2, 7, 8, 9, 20, 65535} {
			var j Joiner
			frames := Frames(payload, limit)
			for i, f := range frames {
				got, complete, err := j.Add(f)
				if err != nil || complete != (i == len(frames)-1) {
					t.Fatalf("%d bytes at %d, frame %d: %v %v", size, limit, i, complete, err)
				}
				if complete && !bytes.Equal(got, payload) {
					t.Fatalf("%d bytes at %d come back as %d", size, limit, len(got))
				}
			}
		}
	}
}

func TestUnknownCommandsAreNamedAndEncoded(t *testing.T) {
	if got := Encode(Command{ID: 9, Segment: 5}); !bytes.Equal(got, []byte{9}) {
		t.Errorf("%x", got)
	}
	if ID(9).String() != "unknown" || CancelSegmentRequest.String() != "CancelSegmentRequest" {
		t.Error("wrong names")
	}
}
