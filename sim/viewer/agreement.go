package viewer

import (
	"crypto/sha256"
	"sync"

	"swarmlab/sim/hls"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

const (
	// maxAgreed bounds what is remembered of segments; beyond it nothing new is learnt.
	maxAgreed = 200_000
	// maxShared bounds the buffers that are lent to several viewers, in bytes.
	maxShared = 256 << 20
)

// agreement is the Source of a stream that is somebody else's.
type agreement struct {
	mu     sync.Mutex
	seen   map[segmentKey]agreed
	shared int
	// disordered has the sums of segments whose viewers were in doubt.
	disordered map[[sha256.Size]byte]bool
}

type segmentKey struct {
	url        string
	start, end int64
}

// agreed is what the first viewer got for a segment.
type agreed struct {
	sum  [sha256.Size]byte
	data []byte // nil: not kept
}

// Agreement is a Source that knows no origin. Segments of swarmlab's own synthetic stream carry what verifies them. Of others it
// remembers what the first viewer got: who gets something else for the same URL later, or got it then, has a corrupt segment.
// That takes for granted that a URL names the same bytes throughout a run, as P2P sharing itself does.
func Agreement() Source { return &agreement{seen: make(map[segmentKey]agreed)} }

// Check implements Source. It is called by viewers on goroutines of their own.
func (a *agreement) Check(url string, r *p2pml.ByteRange, blocks []webtorrent.Message, doubtful bool) (webtorrent.Message, Verdict) {
	data := join(blocks)
	key := segmentKey{url: url, end: -1}
	if r != nil {
		key.start, key.end = r.Start, r.End
	}
	sum := sha256.Sum256(data.Bytes)
	before, known := a.look(key)
	if known && before.sum == sum {
		if before.data != nil {
			data = webtorrent.Text(before.data)
		}
		return data, Intact
	}
	id, err := hls.VerifySynthetic(data.Bytes)
	synthetic := id != hls.SyntheticID{}
	if synthetic && err != nil || known && !synthetic {
		return data, a.wrong(sum, doubtful)
	}
	if doubtful && !synthetic {
		return data, Unknown // nothing to hold others' against
	}
	a.remember(key, agreed{sum: sum, data: data.Bytes})
	if synthetic {
		return data, Intact
	}
	return data, Unknown
}

func (a *agreement) look(key segmentKey) (agreed, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before, known := a.seen[key]
	return before, known
}

func (a *agreement) remember(key segmentKey, first agreed) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, known := a.seen[key]; known || len(a.seen) >= maxAgreed {
		return
	}
	if a.shared += len(first.data); a.shared > maxShared {
		first.data = nil
	}
	a.seen[key] = first
}

// wrong is the verdict of a segment that is not what it should be. Whoever has the same later has it from there.
func (a *agreement) wrong(sum [sha256.Size]byte, doubtful bool) Verdict {
	a.mu.Lock()
	defer a.mu.Unlock()
	if doubtful && len(a.disordered) < maxAgreed {
		if a.disordered == nil {
			a.disordered = make(map[[sha256.Size]byte]bool)
		}
		a.disordered[sum] = true
	}
	if a.disordered[sum] {
		return Disordered
	}
	return Corrupt
}

// Segments is not known.
func (*agreement) Segments() int { return 0 }
