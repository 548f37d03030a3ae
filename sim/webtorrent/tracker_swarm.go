package webtorrent

import "time"

// swarm is the peers of one info hash. members is dense, so that a random one costs one look.
type swarm struct {
	infoHash ID
	members  []*member
	byID     map[ID]*member // looked up only
	seeders  int
	index    int // in Tracker.order
}

// member is one peer id in one swarm, over one connection.
type member struct {
	peerID   ID
	swarm    *swarm
	conn     *connection
	seeder   bool
	lastSeen time.Duration

	inSwarm, inConn int // index in swarm.members, conn.members
	older, newer    *member
}

// connection is what came over one socket: P2P Media Loader's pages have several swarms with a peer id each on one.
type connection struct {
	id      ConnID
	first   ID // the peer id that it announced first
	members []*member
}

// join finds or makes a membership. A peer id that comes over another connection than before moves there: it is the same
// viewer back on a new socket while the old one has not been noticed to be dead. (bittorrent-tracker keeps the old socket, so
// that the peer is lost when that closes; aquatic_ws does not answer until it does.) Nothing stops a stranger from
// taking over a peer id that he knows; nothing does with wt-tracker either.
//
// No member and no failure: the announce is ignored.
func (t *Tracker) join(now time.Duration, conn ConnID, infoHash, peerID ID) (*member, string) {
	s := t.swarms[infoHash]
	if s != nil {
		if m := s.byID[peerID]; m != nil {
			if m.conn.id != conn {
				if t.cfg.Reconnect == IsIgnored {
					return nil, ""
				}
				if failure := t.takeOver(m, conn); failure != "" {
					return nil, failure
				}
			}
			t.touch(m, now)
			return m, ""
		}
	}
	switch {
	case t.peers >= t.cfg.MaxPeers:
		return nil, "the tracker is full"
	case s == nil && len(t.order) >= t.cfg.MaxSwarms:
		return nil, "the tracker has too many swarms"
	case t.connFull(conn):
		return nil, "too many swarms on this connection"
	}
	if s == nil {
		s = t.addSwarm(infoHash)
	}
	t.makeRoom(s)
	m := &member{peerID: peerID, swarm: s, inSwarm: len(s.members)}
	s.members = append(s.members, m)
	s.byID[peerID] = m
	t.peers++
	t.connect(m, conn)
	m.lastSeen = now
	t.stale.push(m)
	return m, ""
}

func (t *Tracker) connFull(conn ConnID) bool {
	c := t.conns[conn]
	return c != nil && len(c.members) >= t.cfg.MaxSwarmsPerConn
}

// makeRoom pushes the peer out of a full swarm that has not been heard of for longest. It looks at all of them, as what it
// imitates does at every announce.
func (t *Tracker) makeRoom(s *swarm) {
	if t.cfg.SwarmCapacity <= 0 || len(s.members) < max(t.cfg.SwarmCapacity, 2) { // the last one would take the swarm with it
		return
	}
	oldest := s.members[0]
	for _, m := range s.members {
		if m.lastSeen < oldest.lastSeen {
			oldest = m
		}
	}
	t.counters.Evicted++
	t.remove(oldest)
}

func (t *Tracker) takeOver(m *member, conn ConnID) string {
	if t.cfg.Reconnect == StaysBehind {
		return ""
	}
	if t.connFull(conn) {
		return "too many swarms on this connection"
	}
	t.counters.TakenOver++
	t.disconnect(m)
	t.connect(m, conn)
	return ""
}

func (t *Tracker) touch(m *member, now time.Duration) {
	t.stale.remove(m)
	m.lastSeen = now
	t.stale.push(m)
}

func (t *Tracker) connect(m *member, conn ConnID) {
	c := t.conns[conn]
	if c == nil {
		c = &connection{id: conn, first: m.peerID}
		t.conns[conn] = c
	}
	m.conn, m.inConn = c, len(c.members)
	c.members = append(c.members, m)
}

// disconnect also forgets a connection without members: an idle socket costs the tracker nothing.
func (t *Tracker) disconnect(m *member) {
	c := m.conn
	last := len(c.members) - 1
	c.members[m.inConn] = c.members[last]
	c.members[m.inConn].inConn = m.inConn
	c.members[last] = nil
	c.members = c.members[:last]
	if last == 0 {
		delete(t.conns, c.id)
	}
	m.conn = nil
}

func (t *Tracker) addSwarm(infoHash ID) *swarm {
	s := &swarm{infoHash: infoHash, byID: make(map[ID]*member), index: len(t.order)}
	t.swarms[infoHash] = s
	t.order = append(t.order, s)
	return s
}

// remove ends a membership, and with the last one the swarm. The last peer, or swarm, takes the free place.
func (t *Tracker) remove(m *member) {
	t.stale.remove(m)
	t.disconnect(m)
	s := m.swarm
	s.setSeeder(m, false)
	last := len(s.members) - 1
	s.members[m.inSwarm] = s.members[last]
	s.members[m.inSwarm].inSwarm = m.inSwarm
	s.members[last] = nil
	s.members = s.members[:last]
	delete(s.byID, m.peerID)
	t.peers--
	if last > 0 {
		return
	}
	delete(t.swarms, s.infoHash)
	end := len(t.order) - 1
	t.order[s.index] = t.order[end]
	t.order[s.index].index = s.index
	t.order[end] = nil
	t.order = t.order[:end]
}

func (s *swarm) setSeeder(m *member, seeder bool) {
	if m.seeder == seeder {
		return
	}
	m.seeder = seeder
	if seeder {
		s.seeders++
	} else {
		s.seeders--
	}
}

func (s *swarm) complete() int {
	if s == nil {
		return 0
	}
	return s.seeders
}

func (s *swarm) incomplete() int {
	if s == nil {
		return 0
	}
	return len(s.members) - s.seeders
}

// memberList is all members by the time they were last seen.
type memberList struct{ oldest, newest *member }

func (l *memberList) push(m *member) {
	m.older, m.newer = l.newest, nil
	if l.newest != nil {
		l.newest.newer = m
	} else {
		l.oldest = m
	}
	l.newest = m
}

func (l *memberList) remove(m *member) {
	if m.older != nil {
		m.older.newer = m.newer
	} else {
		l.oldest = m.newer
	}
	if m.newer != nil {
		m.newer.older = m.older
	} else {
		l.newest = m.older
	}
	m.older, m.newer = nil, nil
}
