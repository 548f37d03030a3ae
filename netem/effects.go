package netem

import (
	"hash/fnv"
	"math/rand/v2"
)

// effect is something a link does to packets besides carrying them. One effect, one file, one test, one line here.
//
// pass is told when (nanoseconds since the network began; it never goes back) a packet has left the link, and answers how
// much longer than the link's delay the packet takes (less, if negative) or that it is lost. The link keeps the packets'
// order whatever an effect says.
type effect interface {
	pass(at int64) (extra int64, lost bool)
}

// effectMaker makes the effect for one direction of a link, or nil if the link does not ask for it.
type effectMaker func(l Link, chance *rand.Rand) effect

// effects lists the link effects in the order they are applied.
var effects = newRegistry[effectMaker]("link effect")

func init() {
	effects.register("loss", newLoss)
	effects.register("jitter", newJitter)
}

// newEffects makes all the effects of one direction of a link. Each draws from a stream of chance of its own, so that
// turning one on does not disturb another.
func newEffects(l Link, seed uint64, owner string) []effect {
	var made []effect
	for _, name := range effects.names {
		if e := effects.values[name](l, chanceFor(seed, owner+"/"+name)); e != nil {
			made = append(made, e)
		}
	}
	return made
}

// chanceFor derives an independent random stream from a seed and a name.
func chanceFor(seed uint64, name string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // never fails
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}
