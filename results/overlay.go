package results

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
)

// Overlay is who was connected to whom over the whole run, and who uploaded how much to whom. Two viewers that were connected at
// any time are a pair, whatever the number of their connections.
type Overlay struct {
	Pairs       int64 `json:"pairs"`
	GivingPairs int64 `json:"givingPairs"` // those in which at least one uploaded something of use
	// Bytes are useful bytes whose uploader is known; OutsideBytes came from peers that are no viewers of this run, or that could
	// not be told apart.
	Bytes        int64 `json:"bytes"`
	OutsideBytes int64 `json:"outsideBytes"`
	// Degrees says how many viewers had how many different partners; Components, how many groups of viewers that hang together
	// there are of each size, the largest first. A viewer that was never connected is a component of one.
	Degrees    []Tally `json:"degrees"`
	Components []Tally `json:"components"`
	// Links are the pairs, at most mostLinks of them: those that moved the most. The others are only counted.
	Links        []OverlayLink `json:"links"`
	LinksLeftOut int64         `json:"linksLeftOut,omitempty"`
}

// Tally is how many there are of something.
type Tally struct {
	Of    int `json:"of"`
	Count int `json:"count"`
}

// OverlayLink is one pair: two places in Result.Peers, A before B, and what each uploaded to the other. In JSON it is a list of
// these four, because there are many.
type OverlayLink struct {
	A, B       int
	AToB, BToA int64 // useful bytes
}

// mostLinks keeps a result small: 500 viewers with 40 partners each are 10,000 pairs, a third of this.
const mostLinks = 30_000

// MarshalJSON writes [a, b, bytes from a to b, bytes from b to a].
func (l OverlayLink) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "[%d,%d,%d,%d]", l.A, l.B, l.AToB, l.BToA), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (l *OverlayLink) UnmarshalJSON(data []byte) error {
	var four []int64
	if err := json.Unmarshal(data, &four); err != nil {
		return fmt.Errorf("a link of the overlay: %w", err)
	}
	if len(four) != 4 || four[0] < 0 || four[1] < 0 {
		return fmt.Errorf("a link of the overlay is %s; it must be [viewer, viewer, bytes, bytes]", data)
	}
	*l = OverlayLink{int(four[0]), int(four[1]), four[2], four[3]}
	return nil
}

// overlayOf is nil if nobody knew by which ids the viewers are known: then there is nothing to say of who is who.
func overlayOf(viewers []*ViewerRecord) *Overlay {
	byID := map[string]int{}
	for i, v := range viewers {
		for _, id := range v.ids {
			byID[id] = i
		}
	}
	if len(byID) == 0 {
		return nil
	}
	o := &Overlay{}
	links := o.collect(viewers, byID)
	o.Pairs = int64(len(links))
	partners, component := make([]int, len(viewers)), newForest(len(viewers))
	for _, l := range links {
		partners[l.A]++
		partners[l.B]++
		component.join(l.A, l.B)
		o.GivingPairs += int64(one(l.AToB+l.BToA > 0))
	}
	o.Degrees = tally(partners)
	o.Components = tally(component.sizes())
	slices.Reverse(o.Components)
	o.keep(links)
	return o
}

// collect joins what each viewer knows of the others to pairs, in the viewers' order.
func (o *Overlay) collect(viewers []*ViewerRecord, byID map[string]int) []OverlayLink {
	pairs := map[[2]int]*OverlayLink{}
	for i, v := range viewers {
		o.OutsideBytes += v.fromUnnamed
		for id, p := range v.partners { // sums do not depend on the order, and the list is sorted below
			j, known := byID[id]
			if !known || j == i {
				o.OutsideBytes += p.receivedBytes
				continue
			}
			o.Bytes += p.receivedBytes
			at := [2]int{min(i, j), max(i, j)}
			l := pairs[at]
			if l == nil {
				l = &OverlayLink{A: at[0], B: at[1]}
				pairs[at] = l
			}
			if j == l.A {
				l.AToB += p.receivedBytes
			} else {
				l.BToA += p.receivedBytes
			}
		}
	}
	links := make([]OverlayLink, 0, len(pairs))
	for _, l := range pairs {
		links = append(links, *l)
	}
	slices.SortFunc(links, inOrder)
	return links
}

// keep stores the links that moved the most, in the viewers' order.
func (o *Overlay) keep(links []OverlayLink) {
	if len(links) > mostLinks {
		slices.SortStableFunc(links, func(a, b OverlayLink) int { return cmp.Compare(b.AToB+b.BToA, a.AToB+a.BToA) })
		o.LinksLeftOut = int64(len(links) - mostLinks)
		links = links[:mostLinks]
		slices.SortFunc(links, inOrder)
	}
	o.Links = links
}

func inOrder(a, b OverlayLink) int { return cmp.Or(a.A-b.A, a.B-b.B) }

// tally counts equal values, the smallest first.
func tally(values []int) []Tally {
	sorted := slices.Sorted(slices.Values(values))
	out := []Tally{}
	for _, v := range sorted {
		if n := len(out); n > 0 && out[n-1].Of == v {
			out[n-1].Count++
		} else {
			out = append(out, Tally{v, 1})
		}
	}
	return out
}

// forest finds what hangs together (union by size, with path halving).
type forest struct{ parent, size []int }

func newForest(n int) forest {
	f := forest{make([]int, n), make([]int, n)}
	for i := range n {
		f.parent[i], f.size[i] = i, 1
	}
	return f
}

func (f forest) root(i int) int {
	for f.parent[i] != i {
		f.parent[i] = f.parent[f.parent[i]]
		i = f.parent[i]
	}
	return i
}

func (f forest) join(i, j int) {
	i, j = f.root(i), f.root(j)
	if i == j {
		return
	}
	if f.size[i] < f.size[j] {
		i, j = j, i
	}
	f.parent[j] = i
	f.size[i] += f.size[j]
}

// sizes are the sizes of all trees.
func (f forest) sizes() []int {
	var out []int
	for i, p := range f.parent {
		if i == p {
			out = append(out, f.size[i])
		}
	}
	return out
}
