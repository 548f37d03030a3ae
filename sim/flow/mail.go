package flow

import (
	"slices"
	"time"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

// letter is a message that the receiver is not in a hurry for: an announcement of which it has said so, or a part of a segment, since only
// the command that ends the segment has consequences.
type letter struct {
	at     time.Duration // when it arrives
	to     *peerConn
	notice *notice
	parcel *delivery // has the part, if there is no notice
}

// notice is an announcement and the frame it came in. A broadcast's is the same for all.
type notice struct {
	says  p2pml.Announcement
	frame []byte
}

// mailbox holds what is kept back for a viewer, in the order of its arrival. It is emptied when the viewer has its next turn, or when
// all are asked how they are and there are parts of segments, which are counted, or many letters.
//
// With some fifty peers a viewer, six in seven messages that arrive are such: each would be an event.
type mailbox struct {
	letters  []letter
	parcels  int            // of the letters
	looks    bool           // while they are being read it was said which may be kept
	patience p2pml.Patience // beside the letters in memory, since whoever looks at it adds one
	reading  bool
	at       time.Duration // of the one that is being read
}

// manyLetters are more than a viewer gets from one turn to the next, but for one that waits for a long time.
const manyLetters = 100

// postage reads what a frame announces, once for all who get it.
type postage struct {
	notice  *notice // the last one's; nil: there was none
	whole   bool    // it is an announcement
	command wire.Command
}

func (p *postage) of(frame []byte) (*notice, bool) {
	if p.notice != nil && &frame[0] == &p.notice.frame[0] {
		return p.notice, p.whole
	}
	if p.whole || p.notice == nil { // somebody may have kept it
		p.notice = new(notice)
	}
	p.notice.frame = frame
	p.whole = p.notice.says.Read(frame, &p.command)
	return p.notice, p.whole
}

// keep puts a message that arrives later into the mailbox, if it may.
func (w *world) keep(to *peerConn, m webtorrent.Message, at time.Duration) bool {
	if w.prompt || w.tamper != nil {
		return false
	}
	box := &to.v.mail
	if len(m.Bytes) == 0 {
		if !box.patience.Parts() {
			return false
		}
		w.parts++
		box.put(letter{at: at, to: to, parcel: w.pack(to, m)})
		return true
	}
	if !box.patience.Any() {
		return false
	}
	n, whole := w.postage.of(m.Bytes)
	if !whole || !box.patience.Permits(&n.says) {
		return false
	}
	w.kept++
	box.put(letter{at: at, to: to, notice: n})
	return true
}

func (b *mailbox) put(l letter) {
	if l.notice == nil {
		b.parcels++
	}
	i := len(b.letters)
	for i > 0 && b.letters[i-1].at > l.at {
		i--
	}
	b.letters = slices.Insert(b.letters, i, l)
}

// discard throws away what nobody is there to read any more.
func (b *mailbox) discard() {
	for i := range b.letters {
		if l := &b.letters[i]; l.notice == nil {
			l.parcel.unpack()
		}
	}
	b.letters, b.parcels, b.patience = nil, 0, p2pml.Patience{}
}

// Await implements p2pml.Patient. What is on its way and cannot wait any more gets its event.
func (v *viewer) Await(p p2pml.Patience) {
	box := &v.mail
	box.patience = p
	if box.reading {
		box.looks = true
		return
	}
	w := v.world
	box.letters = slices.DeleteFunc(box.letters, func(l letter) bool {
		switch {
		case l.notice == nil && p.Parts(), l.notice != nil && p.Permits(&l.notice.says):
			return false
		case l.notice == nil:
			box.parcels--
			l.parcel.post(l.at)
		default:
			w.post(l.to, webtorrent.Text(l.notice.frame), l.at)
		}
		return true
	})
}

// read hands over what has arrived, each at its time.
func (v *viewer) read() {
	box := &v.mail
	now := v.world.clock.now
	if len(box.letters) == 0 || box.letters[0].at > now {
		return
	}
	n := 1
	for n < len(box.letters) && box.letters[n].at <= now {
		n++
	}
	box.reading = true
	for i := range n {
		if i%warmAhead == 0 {
			for depth := range 3 {
				v.world.clock.warmth += warmLetters(box.letters[i:n], depth)
			}
		}
		l := &box.letters[i]
		box.at = l.at
		if l.notice != nil {
			l.to.announce(l.notice)
			continue
		}
		box.parcels--
		l.parcel.hand()
	}
	box.reading = false
	box.letters = slices.Delete(box.letters, 0, n)
	if len(v.deferred) > 0 { // it was news after all
		v.world.mistaken++
	}
	if len(v.deferred) > 0 || box.looks {
		box.looks = false
		v.Await(box.patience)
	}
}
