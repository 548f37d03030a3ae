package wire

import "math/rand/v2"

// Names gives out the ids of one round.
type Names struct {
	salt uint32 // 24 bits; tells this round's peers from another's
	hash rand.PCG
}

// Peer is what a peer id says: a viewer's slot, which of the viewers that had it one after the other, and in which of its swarms.
type Peer struct {
	Slot       uint32 // 24 bits
	Generation uint32 // 18 bits, then it starts again
	Member     uint8  // 6 bits
}

// peerPrefix is P2P Media Loader 2.3's.
const peerPrefix = "-PM0203-"

// NewNames draws the ids of a round.
func NewNames(seed uint64, round int) *Names {
	const stream = 0x7261636b6572 // any number of our own, so that nobody else draws the same
	source := rand.NewPCG(seed, stream+uint64(round))
	n := &Names{salt: uint32(source.Uint64() >> 40)}
	n.hash = *source
	return n
}

// AppendPeer appends the 20 characters of a peer id.
func (n *Names) AppendPeer(dst []byte, p Peer) []byte {
	dst = append(dst, peerPrefix...)
	dst = append64(dst, p.Slot)
	dst = append64(dst, p.Generation<<6|uint32(p.Member&63))
	return append64(dst, n.salt)
}

// ParsePeer reads a peer id of this round; ok is false of any other.
func (n *Names) ParsePeer(id []byte) (p Peer, ok bool) {
	if len(id) != idLength || string(id[:len(peerPrefix)]) != peerPrefix {
		return p, false
	}
	rest := id[len(peerPrefix):]
	slot, ok1 := parse64(rest[:4])
	which, ok2 := parse64(rest[4:8])
	salt, ok3 := parse64(rest[8:])
	return Peer{slot, which >> 6, uint8(which & 63)}, ok1 && ok2 && ok3 && salt == n.salt
}

// InfoHashes draws the info hashes of count swarms. aquatic_ws gives swarms to its workers by the first byte, so that it has to differ;
// the last four characters are the swarm's number.
func (n *Names) InfoHashes(count int) [][]byte {
	source := n.hash // a copy: the same hashes every time
	hashes := make([][]byte, count)
	for i := range hashes {
		h := make([]byte, 0, idLength)
		for range 2 {
			bits := source.Uint64()
			h = append64(append64(h, uint32(bits)), uint32(bits>>32))
		}
		hashes[i] = append64(h, uint32(i))
	}
	return hashes
}

// ParseInfoHash is the number of the swarm that an info hash may be of; whether it is must be seen by comparing.
func ParseInfoHash(hash []byte) (swarm int, ok bool) {
	if len(hash) != idLength {
		return 0, false
	}
	v, ok := parse64(hash[16:])
	return int(v), ok
}
