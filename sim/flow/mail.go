package flow

import (
	"slices"
	"time"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

// letter is an announcement that the receiver has said not to be in a hurry for.
type letter struct {
	at    time.Duration // when it arrives
	to    *peerConn
	frame []byte
}

// mailbox holds what is kept back for a viewer, in the order of its arrival. It is emptied when the viewer has its next turn, and once a
// second at the least, when all are asked how they are.
//
// With some fifty peers a viewer, four in five messages that arrive are such: each would be an event.
type mailbox struct {
	patience p2pml.Patience
	letters  []letter
	reading  bool
	at       time.Duration // of the one that is being read
}

// postage reads what a frame announces. A broadcast's frame is the same for all, so it is read once.
type postage struct {
	frame   *byte
	whole   bool
	says    p2pml.Announcement
	command wire.Command
}

func (p *postage) of(frame []byte) (*p2pml.Announcement, bool) {
	if first := &frame[0]; first != p.frame {
		p.frame, p.whole = first, p.says.Read(frame, &p.command)
	}
	return &p.says, p.whole
}

// keep puts a message that arrives later into the mailbox, if it may.
func (w *world) keep(to *peerConn, m webtorrent.Message, at time.Duration) bool {
	if len(m.Bytes) == 0 || w.prompt || w.tamper != nil {
		return false
	}
	says, whole := w.postage.of(m.Bytes)
	box := &to.v.mail
	if !whole || !box.patience.Permits(says) {
		return false
	}
	w.kept++
	i := len(box.letters)
	for i > 0 && box.letters[i-1].at > at {
		i--
	}
	box.letters = slices.Insert(box.letters, i, letter{at, to, m.Bytes})
	return true
}

// Await implements p2pml.Patient. What is on its way and cannot wait any more gets its event.
func (v *viewer) Await(p p2pml.Patience) {
	box := &v.mail
	box.patience = p
	if len(box.letters) == 0 || box.reading {
		return
	}
	w := v.world
	box.letters = slices.DeleteFunc(box.letters, func(l letter) bool {
		if says, _ := w.postage.of(l.frame); p.Permits(says) {
			return false
		}
		w.post(l.to, webtorrent.Text(l.frame), l.at)
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
	for depth := range 3 {
		v.world.clock.warmth += warmLetters(box.letters[:n], depth)
	}
	box.reading = true
	for i := range n {
		l := &box.letters[i]
		box.at = l.at
		l.to.hand(webtorrent.Text(l.frame))
	}
	box.reading = false
	box.letters = slices.Delete(box.letters, 0, n)
	if len(v.deferred) > 0 { // it was news after all
		v.world.mistaken++
		v.Await(box.patience)
	}
}
