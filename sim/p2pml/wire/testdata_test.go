package wire

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// vectors mirrors testdata/vectors.json.
type vectors struct {
	Integers              []intVector `json:"integers"`
	IntegerDecodeOddities []intVector `json:"integerDecodeOddities"`
	Strings               []struct {
		Hex      string
		Consumed int
	}
	SimilarIntArrays []arrayVector   `json:"similarIntArrays"`
	Commands         []commandVector `json:"commands"`
	ChunkedCommands  []commandVector `json:"chunkedCommands"`
	DecoderOddities  []struct {
		UnframedHex string
		Note        string
		Result      map[string]any
	} `json:"decoderOddities"`
	IsCommandChunk []struct {
		Hex       string
		IsCommand bool
	} `json:"isCommandChunk"`
	Joiner []struct{ Frames, Log []string } `json:"joiner"`
}

type intVector struct {
	Value, Hex, Note, DecodesTo string
	Consumed                    int
}

type arrayVector struct {
	Name             string
	Input            idList
	Hex, HexHead     string
	ByteLength       int
	DecodesToSameSet bool
	DecodedOrder     []int64
	DecodedCount     int
	Consumed         int
}

type commandVector struct {
	Name                 string
	MaxMessageSize       int
	Command              wireCommand
	FrameCount           int
	FrameLengths         []int
	FramesHex            []string
	FramesSha256         []string
	DecodeError          *string
	SerializeError       *string
	RoundTripsExactly    bool
	MaxFrameExceedsLimit bool
	UnframedLength       int
}

type wireCommand struct {
	C          byte
	L, P       idList
	I, R, B, S int64
}

func (w wireCommand) command(v commandVector) Command {
	return Command{
		ID: ID(w.C), Loaded: w.L.ids(v), Loading: w.P.ids(v),
		Segment: w.I, Request: w.R, Byte: w.B, Size: w.S,
	}
}

// idList is a list, or {first, count, step}.
type idList struct {
	list               []int64
	First, Count, Step int64
	gaps, fractional   bool
}

func (l *idList) UnmarshalJSON(b []byte) error {
	if b[0] == '[' {
		err := json.Unmarshal(b, &l.list)
		l.fractional = err != nil && strings.Contains(string(b), ".")
		if l.fractional {
			return nil
		}
		return err
	}
	var raw struct {
		First, Count int64
		Step         any
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	l.First, l.Count = raw.First, raw.Count
	step, isNumber := raw.Step.(float64)
	l.Step, l.gaps = int64(step), !isNumber
	return nil
}

func (l idList) ids(v commandVector) []int64 {
	if l.gaps {
		return gapList(v.UnframedLength)
	}
	ids := l.list
	for i := range l.Count {
		ids = append(ids, l.First+i*l.Step)
	}
	return ids
}

// gapList is the list the vectors' author used to reach an exact payload length without any full block: 255 ids of each block
// from the second on, whole blocks while that leaves 300 bytes, then single ids.
func gapList(unframed int) []int64 {
	var ids []int64
	length := func() int { return len(Encode(Command{Loaded: ids})) }
	block := int64(1)
	for ; length() < unframed-300; block++ {
		for i := range int64(255) {
			ids = append(ids, block*256+i)
		}
	}
	const header = 8 // more than a new block adds: far from the end, ids come in numbers that cannot overshoot
	for i := int64(0); length() < unframed; {
		for range max(1, (unframed-length()-header)/2) {
			ids = append(ids, (block+i/255)*256+i%255)
			i++
		}
	}
	return ids
}

func loadVectors(t testing.TB) vectors {
	t.Helper()
	b, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
