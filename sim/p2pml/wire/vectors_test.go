package wire

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func atLeast(t *testing.T, got, want int) {
	t.Helper()
	if got < want {
		t.Fatalf("only %d vectors, want at least %d", got, want)
	}
}

func TestIntegersEncodeAndDecodeAsTheLibrary(t *testing.T) {
	vs := loadVectors(t)
	atLeast(t, len(vs.Integers), 38)
	for _, v := range vs.Integers {
		n, ok := new(big.Int).SetString(v.Value, 10)
		if !ok || !n.IsInt64() {
			t.Fatalf("%s is not an int64", v.Value)
		}
		if got := hex.EncodeToString(appendInt(nil, n.Int64())); got != v.Hex {
			t.Errorf("%s encodes to %s, want %s", v.Value, got, v.Hex)
		}
		if got := intSize(n.Int64()); got != len(v.Hex)/2 {
			t.Errorf("size of %s is %d, want %d", v.Value, got, len(v.Hex)/2)
		}
		checkDecodedInt(t, v)
	}
	atLeast(t, len(vs.IntegerDecodeOddities), 8)
	for _, v := range vs.IntegerDecodeOddities {
		checkDecodedInt(t, v)
	}
}

func checkDecodedInt(t *testing.T, v intVector) {
	t.Helper()
	got, consumed, err := readInt(unhex(t, v.Hex))
	if err != nil || consumed != v.Consumed {
		t.Errorf("%q: consumed %d, error %v, want %d", v.Hex, consumed, err, v.Consumed)
	}
	want, _ := new(big.Int).SetString(v.DecodesTo, 10)
	if !want.IsInt64() {
		want = big.NewInt(1<<63 - 1) // the one vector beyond int64 saturates
	}
	if got.number() != want.Int64() {
		t.Errorf("%q decodes to %d, want %d", v.Hex, got.number(), want)
	}
}

func TestStringsAreSkippedAsTheLibraryReadsThem(t *testing.T) {
	vs := loadVectors(t)
	atLeast(t, len(vs.Strings), 8)
	for _, v := range vs.Strings {
		head := unhex(t, v.Hex[:4]) // longer values are abbreviated; the head tells the length
		n, err := new(Command).readStringField('x', head)
		if err != nil || n != v.Consumed {
			t.Errorf("%s: %d, %v; want %d", v.Hex[:4], n, err, v.Consumed)
		}
	}
}

func TestIDListsEncodeAndDecodeAsTheLibrary(t *testing.T) {
	vs := loadVectors(t)
	atLeast(t, len(vs.SimilarIntArrays), 27)
	for _, v := range vs.SimilarIntArrays {
		t.Run(v.Name, func(t *testing.T) {
			ids := v.Input.ids(commandVector{})
			var g grouping
			g.group(ids)
			got := g.append(nil, ids)
			if len(got) != v.ByteLength || len(got) != g.size() {
				t.Errorf("%d bytes, size says %d, want %d", len(got), g.size(), v.ByteLength)
			}
			if want := unhex(t, v.Hex+v.HexHead); !bytes.HasPrefix(got, want) || len(want) == 0 {
				t.Errorf("encodes to %x, want %x", got, want)
			}
			back, consumed, err := readIDs(nil, got)
			if err != nil {
				t.Fatal(err)
			}
			sortIDs := cmpopts.SortSlices(func(a, b int64) bool { return a < b })
			if same := cmp.Equal(ids, back, sortIDs, cmpopts.EquateEmpty()); same != v.DecodesToSameSet {
				t.Errorf("decodes to the same ids: %v, want %v", same, v.DecodesToSameSet)
			}
			if v.DecodedOrder != nil && !cmp.Equal(back, v.DecodedOrder, cmpopts.EquateEmpty()) {
				t.Errorf("decodes to %v, want %v", back, v.DecodedOrder)
			}
			if v.Consumed != 0 && (len(back) != v.DecodedCount || consumed != v.Consumed) {
				t.Errorf("decodes %d ids of %d bytes, want %d of %d", len(back), consumed, v.DecodedCount, v.Consumed)
			}
		})
	}
}

func TestCommandsEncodeFrameAndDecodeAsTheLibrary(t *testing.T) {
	vs := loadVectors(t)
	atLeast(t, len(vs.Commands), 116)
	atLeast(t, len(vs.ChunkedCommands), 34)
	for _, v := range append(vs.Commands, vs.ChunkedCommands...) {
		t.Run(v.Name, func(t *testing.T) {
			if v.SerializeError != nil {
				if !v.Command.L.fractional {
					t.Fatalf("the library refuses this and we do not: %s", *v.SerializeError)
				}
				return // a fraction cannot be put into an int64
			}
			c := v.Command.command(v)
			payload := Encode(c)
			if v.UnframedLength != 0 && len(payload) != v.UnframedLength {
				t.Fatalf("payload of %d bytes, want %d", len(payload), v.UnframedLength)
			}
			checkFrames(t, v, Frames(payload, v.MaxMessageSize))
			checkReceived(t, v, c, Frames(payload, v.MaxMessageSize))
		})
	}
}

func checkFrames(t *testing.T, v commandVector, frames [][]byte) {
	t.Helper()
	if len(frames) != v.FrameCount {
		t.Fatalf("%d frames, want %d", len(frames), v.FrameCount)
	}
	exceeds := false
	for i, f := range frames {
		exceeds = exceeds || len(f) > v.MaxMessageSize
		if len(f) != v.FrameLengths[i] {
			t.Errorf("frame %d has %d bytes, want %d", i, len(f), v.FrameLengths[i])
		}
		switch {
		case v.FramesHex != nil:
			if hex.EncodeToString(f) != v.FramesHex[i] {
				t.Errorf("frame %d is %x, want %s", i, f, v.FramesHex[i])
			}
		default:
			if sum := sha256.Sum256(f); hex.EncodeToString(sum[:]) != v.FramesSha256[i] {
				t.Errorf("frame %d has another SHA-256 than the library's", i)
			}
		}
	}
	if exceeds != v.MaxFrameExceedsLimit {
		t.Errorf("frames exceed the limit: %v, want %v", exceeds, v.MaxFrameExceedsLimit)
	}
}

func checkReceived(t *testing.T, v commandVector, sent Command, frames [][]byte) {
	t.Helper()
	var j Joiner
	for i, f := range frames {
		payload, complete, err := j.Add(f)
		if err != nil || complete != (i == len(frames)-1) {
			t.Fatalf("frame %d: complete %v, error %v", i, complete, err)
		}
		if !complete {
			continue
		}
		got, err := Decode(payload)
		if (err != nil) != (v.DecodeError != nil) {
			t.Fatalf("error %v, the library's %v", err, v.DecodeError)
		}
		if same := cmp.Equal(got, sent, cmpopts.EquateEmpty()); same != v.RoundTripsExactly {
			t.Errorf("round trip exact: %v, want %v: %s", same, v.RoundTripsExactly, cmp.Diff(sent, got))
		}
	}
}

func TestOddPayloadsDecodeAsTheLibrary(t *testing.T) {
	vs := loadVectors(t)
	atLeast(t, len(vs.DecoderOddities), 8)
	for _, v := range vs.DecoderOddities {
		t.Run(v.Note, func(t *testing.T) {
			got, err := Decode(unhex(t, v.UnframedHex))
			_, refused := v.Result["error"]
			_, hasID := v.Result["c"]
			// Without an id the library has a command it does nothing with; here that is an error.
			if (err != nil) != (refused || !hasID) {
				t.Fatalf("error %v, want %v", err, v.Result)
			}
			if err != nil {
				return
			}
			number := func(field string) int64 { n, _ := v.Result[field].(float64); return int64(n) }
			want := Command{ID: ID(number("c")), Segment: number("i"), Request: number("r")}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCommandFramesAreToldFromData(t *testing.T) {
	vs := loadVectors(t)
	atLeast(t, len(vs.IsCommandChunk), 14)
	for _, v := range vs.IsCommandChunk {
		if got := IsCommand(unhex(t, v.Hex)); got != v.IsCommand {
			t.Errorf("%s is a command: %v, want %v", v.Hex, got, v.IsCommand)
		}
	}
}

func TestJoinerFollowsTheLibrary(t *testing.T) {
	vs := loadVectors(t)
	atLeast(t, len(vs.Joiner), 5)
	for _, v := range vs.Joiner {
		var j Joiner
		var log []string
		for _, quoted := range v.Frames {
			var frame string
			if err := json.Unmarshal([]byte(quoted), &frame); err != nil {
				t.Fatal(err)
			}
			payload, complete, err := j.Add([]byte(frame))
			switch {
			case errors.Is(err, ErrNoFirst):
				log = append(log, "error:no-first-chunk")
				continue
			case errors.Is(err, ErrIncomplete):
				log = append(log, "error:incomplete-joining")
				continue
			}
			if complete {
				log = append(log, "complete:"+hex.EncodeToString(payload))
			}
			log = append(log, "accepted")
		}
		if diff := cmp.Diff(v.Log, log); diff != "" {
			t.Errorf("%v: %s", v.Frames, diff)
		}
	}
}

func TestBrowsersFramesDecodeAndEncodeToTheSameBytes(t *testing.T) {
	f, err := os.Open("testdata/browser_frames.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	seen := map[ID]int{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		frame := unhex(t, fields[len(fields)-1])
		var j Joiner
		payload, complete, err := j.Add(frame)
		if err != nil || !complete {
			t.Fatalf("%s: complete %v, error %v", lines.Text(), complete, err)
		}
		c, err := Decode(payload)
		if err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		seen[c.ID]++
		if got := Frames(Encode(c), DefaultMaxMessageSize); len(got) != 1 || !bytes.Equal(got[0], frame) {
			t.Errorf("%x comes back as %x", frame, got)
		}
	}
	if seen[SegmentsAnnouncement] < 100 || seen[SegmentRequest] == 0 || seen[SegmentData] == 0 ||
		seen[SegmentDataSendingCompleted] == 0 {
		t.Errorf("commands seen: %v", seen)
	}
}
