package hls

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"

	"swarmlab/sim/hls/testcard"
)

// SyntheticID is what a synthetic segment says of itself.
type SyntheticID struct {
	Stream  uint64 // Config.Seed
	Variant string // Variant.Name
	Seq     int64
	Bytes   int64
	// Card is what is to be seen and heard in it.
	Card testcard.Card
}

// A synthetic segment is made of two lines of text, which it carries in null packets: this one, and after it the card's, if
// there is anything to see or hear. It is the ChaCha8 keystream (math/rand/v2) whose seed is the SHA-256 of these lines, newlines
// included, with the card and the lines laid over it (testcard.Write). So nothing but the bytes is needed to verify the bytes.
const identityForm = "swarmlab-segment v2 stream=%d variant=%s seq=%d bytes=%d\n"

func (id SyntheticID) line() []byte {
	return fmt.Appendf(nil, identityForm, id.Stream, id.Variant, id.Seq, id.Bytes)
}

func syntheticBytes(id SyntheticID) ([]byte, error) {
	texts := [][]byte{id.line()}
	if !id.Card.Empty() {
		texts = append(texts, id.Card.Line())
	}
	seed := sha256.New()
	for _, text := range texts {
		seed.Write(text)
	}
	data := make([]byte, id.Bytes)
	// ChaCha8.Read cannot fail.
	_, _ = rand.NewChaCha8([32]byte(seed.Sum(nil))).Read(data)
	if err := testcard.Write(data, id.Card, texts...); err != nil {
		return nil, fmt.Errorf("segment %d of variant %s: %w", id.Seq, id.Variant, err)
	}
	return data, nil
}

// VerifySynthetic checks a synthetic segment by its own bytes alone, and tells which one it is.
func VerifySynthetic(data []byte) (SyntheticID, error) {
	id, err := identify(data)
	if err != nil {
		return SyntheticID{}, fmt.Errorf("not a synthetic segment: %w", err)
	}
	// The length is compared first, so that a forged line cannot ask for more memory than the data has already taken.
	if id.Bytes != int64(len(data)) {
		return id, fmt.Errorf("%w: %d bytes, not %d", ErrCorrupt, len(data), id.Bytes)
	}
	want, err := syntheticBytes(id)
	if err != nil {
		return id, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return id, difference(data, want)
}

// identify reads the lines of a segment.
func identify(data []byte) (SyntheticID, error) {
	texts := testcard.Notes(data)
	if len(texts) == 0 {
		return SyntheticID{}, errors.New("its first line is missing")
	}
	var id SyntheticID
	_, err := fmt.Sscanf(texts[0], identityForm, &id.Stream, &id.Variant, &id.Seq, &id.Bytes)
	if err != nil || string(id.line()) != texts[0] {
		return SyntheticID{}, fmt.Errorf("its first line reads %q", texts[0])
	}
	if len(texts) > 1 {
		if id.Card, err = testcard.ParseLine(texts[1], id.Seq); err != nil {
			return SyntheticID{}, err
		}
	}
	return id, nil
}
