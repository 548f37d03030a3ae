package webtorrent

import (
	"errors"
	"slices"
)

// Sockets is the pool of a page: all announce clients of one viewer share one socket per tracker URL, so that a socket carries
// several info hashes and peer ids.
//
// It follows that leaving one stream is invisible to the tracker while another stream of that viewer stays.
type Sockets struct {
	env   Env
	byURL map[string]*pooled
}

// NewSockets makes the pool of one viewer.
func NewSockets(env Env) *Sockets {
	return &Sockets{env: env, byURL: make(map[string]*pooled)}
}

// Len is the number of sockets open or being opened.
func (s *Sockets) Len() int { return len(s.byURL) }

// attach returns the socket to url, and whether it was opened for this user.
func (s *Sockets) attach(url string, user *announcer) (p *pooled, fresh bool) {
	p = s.byURL[url]
	if p == nil {
		fresh = true
		p = &pooled{pool: s, url: url}
		s.byURL[url] = p
		p.socket = s.env.OpenSocket(url, p)
	}
	p.users = append(p.users, user)
	return p, fresh
}

func (s *Sockets) forget(p *pooled) {
	if s.byURL[p.url] == p {
		delete(s.byURL, p.url)
	}
}

// pooled is one socket and those who use it, in the order they came.
type pooled struct {
	pool   *Sockets
	url    string
	socket Socket
	open   bool
	closed bool
	users  []*announcer
	// waiting are called once, in order, when the socket opens.
	waiting []func()
}

// whenOpen runs f when the socket opens, which it has not yet.
func (p *pooled) whenOpen(f func()) { p.waiting = append(p.waiting, f) }

func (p *pooled) send(text []byte) {
	if p.open {
		p.socket.Send(text)
	}
}

// detach takes one user off; the last one closes the socket. The library's Node build would wait up to a second for an
// expected response; the browser bundle lacks that constant and closes at once, and so do we.
func (p *pooled) detach(user *announcer) {
	p.users = slices.DeleteFunc(p.users, func(u *announcer) bool { return u == user })
	if len(p.users) > 0 || p.closed {
		return
	}
	p.pool.forget(p)
	p.open, p.closed = false, true
	p.waiting = nil
	p.socket.Close()
}

// SocketOpened implements SocketHandler.
func (p *pooled) SocketOpened() {
	p.open = true
	waiting := p.waiting
	p.waiting = nil
	for _, f := range waiting {
		f()
	}
}

// SocketMessage implements SocketHandler. The message is parsed once; every user sees it and looks whether it is for him.
func (p *pooled) SocketMessage(text []byte) {
	r, err := parseResponse(text)
	for _, u := range slices.Clone(p.users) { // a user may leave while being told
		if u.link != p {
			continue
		}
		if err != nil {
			u.warn(err)
			continue
		}
		u.receive(&r)
	}
}

// SocketClosed implements SocketHandler.
func (p *pooled) SocketClosed(err error) {
	p.pool.forget(p)
	p.open, p.closed = false, true
	p.waiting = nil
	users := p.users
	p.users = nil
	for _, u := range users {
		if u.link == p {
			u.lost(err)
		}
	}
}

// errAction is why a socket is given up although it works.
var errAction = errors.New("invalid action in the tracker's message")
