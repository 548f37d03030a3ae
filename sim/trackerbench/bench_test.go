package trackerbench

import (
	"bytes"
	"testing"
	"time"

	"swarmlab/sim/trackerbench/load"
	"swarmlab/sim/trackerbench/socket"
)

// mirror is a network that costs next to nothing: to an announce it replies, and hands each offer to the next connection but one, and so on. What
// is left is what the generator itself does.
type mirror struct {
	r       *round
	peers   int
	now     time.Duration
	pending []sent
}

type sent struct {
	slot int
	text []byte
}

func (n *mirror) Dial(slot int)       { n.r.Opened(slot, n.now) }
func (n *mirror) Finish(int)          {}
func (n *mirror) Close(int)           {}
func (n *mirror) Reset(int)           {}
func (n *mirror) Now() time.Duration  { return n.now }
func (n *mirror) Stats() socket.Stats { return socket.Stats{} }
func (n *mirror) Shutdown()           {}
func (n *mirror) Wait(until time.Duration) error {
	n.now = max(n.now, until)
	for i := range n.pending {
		n.r.Message(n.pending[i].slot, n.now, n.pending[i].text)
	}
	n.pending = n.pending[:0]
	return nil
}

var offersKey = []byte(`{"offer":`)

func (n *mirror) Send(slot int, buf []byte) bool {
	text := buf[socket.HeaderRoom:]
	at := bytes.Index(text, []byte(`"info_hash":`))
	ids := text[at : at+len(`"info_hash":"01234567890123456789","peer_id":"01234567890123456789"`)]
	n.push(slot, `{"action":"announce","interval":120,"complete":0,"incomplete":50,`, ids, nil)
	rest := text[at:]
	for to := slot; ; {
		from := bytes.Index(rest, offersKey)
		if from < 0 {
			return true
		}
		end := bytes.IndexByte(rest[from:], ']')
		if next := bytes.Index(rest[from+1:], offersKey); next >= 0 {
			end = next
		}
		to = (to + 1) % n.peers
		n.push(to, `{"action":"announce",`, ids, bytes.TrimRight(rest[from+1:from+end], ",}"))
		rest = rest[from+end:]
	}
}

func (n *mirror) push(slot int, head string, ids, tail []byte) {
	var text []byte
	if len(n.pending) < cap(n.pending) {
		text = n.pending[:len(n.pending)+1][len(n.pending)].text[:0]
	}
	text = append(append(text, head...), ids...)
	if tail != nil {
		text = append(append(text, ','), tail...)
	}
	n.pending = append(n.pending, sent{slot, append(text, '}')})
}

// BenchmarkAnnounceUnit is an announce with five offers, its response, and the five offers arriving: all but the kernel.
func BenchmarkAnnounceUnit(b *testing.B) {
	const peers = 50
	options, err := Options{MaxEdges: 1, Load: load.Load{Peers: peers, Swarms: load.Swarms{Count: 1}, Rate: 1000}}.withDefaults(plain)
	if err != nil {
		b.Fatal(err)
	}
	r := newRound(Target{Profile: plain}, options)
	n := &mirror{r: r, peers: peers}
	r.net = n
	for place := range int32(peers) {
		r.join(place, 0)
	}
	_ = n.Wait(time.Second)
	b.ReportAllocs()
	due := r.start
	for i := 0; b.Loop(); i++ {
		due += time.Microsecond
		n.now = due
		r.announceDue(int32(i%peers), 0, due)
		_ = n.Wait(due + 100*time.Microsecond)
	}
	r.ledger.Settle()
	d := r.ledger.Offers
	if d.Lost > 0 || d.Altered > 0 || d.Misdirected > 0 || d.Delivered+d.ToDeparted != d.Expected || d.Expected == 0 {
		b.Fatalf("the mirror is bent: %+v", d)
	}
}
