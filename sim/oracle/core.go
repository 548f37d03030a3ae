package oracle

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/player"
	"swarmlab/sim/webtorrent"
)

// Core is one viewer's released core, seen from our side. It stands where a p2pml.Core stands, with the same environment: what
// the core over there wants done is done here, in the order in which it wanted it.
type Core struct {
	process *Process
	id      uint32
	env     p2pml.Env
	cfg     p2pml.Config
	ev      p2pml.Events

	turn   fields // what the present turn has for the core
	ending bool   // the turn's end is deferred
	gone   bool   // destroyed, or being so

	streams  map[string]*p2pml.Stream
	segments map[string]*p2pml.Segment
	sockets  *webtorrent.Sockets
	clients  map[uint32]*client
	conns    map[uint32]*conn
	nextConn uint32
	fetches  map[uint32]p2pml.Fetch
	timers   map[uint32]webtorrent.Timer
	due      []uint32 // timers without a delay, in the order in which they were set
	loads    map[uint32]p2pml.LoadHandler
	nextLoad uint32

	books
}

var _ player.Engine = (*Core)(nil)

func newCore(p *Process, env p2pml.Env, cfg p2pml.Config, ev p2pml.Events) *Core {
	p.cores++
	c := &Core{
		process: p, id: p.cores, env: env, cfg: cfg, ev: ev,
		streams: make(map[string]*p2pml.Stream), segments: make(map[string]*p2pml.Segment),
		sockets: webtorrent.NewSockets(env), clients: make(map[uint32]*client), conns: make(map[uint32]*conn),
		fetches: make(map[uint32]p2pml.Fetch), timers: make(map[uint32]webtorrent.Timer), loads: make(map[uint32]p2pml.LoadHandler),
		books: newBooks(),
	}
	c.tell(inCreate).str(libraryConfig(cfg))
	return c
}

// tell begins something for the core to be told in this turn, and has the turn end as a browser's task does: with everything that
// follows from it.
func (c *Core) tell(k kind) *fields {
	if !c.ending && !c.gone {
		c.ending = true
		c.env.Defer(c.endTurn)
	}
	return c.turn.u8(k).u32(c.id).f64(float64(c.env.Now()) / float64(time.Millisecond))
}

func (c *Core) endTurn() {
	c.ending = false
	if !c.gone {
		c.drain()
	}
}

// drain has the core run what it was told, with all its microtasks, and does what it wants done.
func (c *Core) drain() {
	c.turn.u8(inDrain)
	c.exchange()
	c.dropUnseen()
}

// exchange sends what was collected, and acts until the core has nothing more to say. It returns the core's answer, if that was asked for.
func (c *Core) exchange() bool {
	c.process.send(c.turn.b)
	c.turn.b = c.turn.b[:0]
	for {
		r := c.process.receive()
		for {
			k := r.u8()
			if r.short || c.process.err != nil {
				c.process.fail("a frame ended early")
				return false
			}
			if k > outAskBufferedAmount {
				c.act(k, r)
				continue
			}
			if k == outEnd {
				return r.u8() == 1
			}
			c.process.answer(c.question(k, r))
			break
		}
	}
}

func (c *Core) question(k kind, r *reader) float64 {
	if k == outAskRandom {
		return c.env.Rand().Float64()
	}
	if conn := c.conns[r.u32()]; conn != nil {
		return float64(conn.PeerConn.BufferedAmount())
	}
	return 0
}

func (c *Core) ask(k kind, segmentRuntimeID string) bool {
	if c.gone {
		return false
	}
	c.tell(k).str(segmentRuntimeID)
	return c.exchange()
}

// SetManifestURL implements player.Engine, as do the following.
func (c *Core) SetManifestURL(url string) { c.tell(inSetManifestURL).str(url) }

// AddStream registers a rendition.
func (c *Core) AddStream(s p2pml.Stream) {
	if _, known := c.streams[s.RuntimeID]; !known {
		c.streams[s.RuntimeID] = &s
	}
	c.tell(inAddStream).str(asJSON(map[string]any{"runtimeId": s.RuntimeID, "type": s.Type, "index": s.Index}))
}

// UpdateStream applies a playlist.
func (c *Core) UpdateStream(runtimeID string, added []p2pml.Segment, removed []string) {
	stream := c.streams[runtimeID]
	list := make([]librarySegment, len(added))
	for i := range added {
		s := added[i]
		s.Stream = stream
		c.segments[s.RuntimeID] = &s
		list[i] = newLibrarySegment(&s)
	}
	if removed == nil {
		removed = []string{}
	}
	c.tell(inUpdateStream).str(runtimeID).str(asJSON(list)).str(asJSON(removed))
}

// HasSegment asks the core.
func (c *Core) HasSegment(segmentRuntimeID string) bool {
	return c.ask(inHasSegment, segmentRuntimeID)
}

// IsSegmentLoadable asks the core.
func (c *Core) IsSegmentLoadable(segmentRuntimeID string) bool {
	return c.ask(inIsSegmentLoadable, segmentRuntimeID)
}

// LoadSegment is the player's request.
func (c *Core) LoadSegment(segmentRuntimeID string, h p2pml.LoadHandler) {
	c.nextLoad++
	c.loads[c.nextLoad] = h
	c.tell(inLoadSegment).str(segmentRuntimeID).u32(c.nextLoad)
}

// AbortSegmentLoading withdraws it.
func (c *Core) AbortSegmentLoading(segmentRuntimeID string) {
	c.tell(inAbortSegmentLoading).str(segmentRuntimeID)
}

// UpdatePlayback tells position and rate.
func (c *Core) UpdatePlayback(position, rate float64) {
	c.tell(inUpdatePlayback).f64(position).f64(rate)
}

// SetActiveLevelBitrate tells the bitrate of the level that is being loaded.
func (c *Core) SetActiveLevelBitrate(bps float64) { c.tell(inSetActiveLevelBitrate).f64(bps) }

// SetIsLive tells whether the stream is live.
func (c *Core) SetIsLive(live bool) { c.tell(inSetIsLive).flag(live) }

// Destroy ends the core within the call: whoever leaves has no further turn. The library closes its connections on the next tick of
// a timer, which in a page that is being closed comes at once or never; here at once.
func (c *Core) Destroy() {
	if c.gone {
		return
	}
	c.gone = true
	c.tell(inDestroy)
	c.drain()
	for len(c.due) > 0 && c.process.err == nil {
		id := c.due[0]
		c.due = c.due[1:]
		c.tell(inTimer).u32(id)
		c.drain()
	}
	for _, t := range c.timers {
		t.Stop()
	}
	for _, id := range slices.Sorted(maps.Keys(c.conns)) { // those that the library leaves open end with the page
		c.conns[id].Close()
	}
	c.timers, c.fetches, c.conns = nil, nil, nil
}

// Peers is the number of connected peers.
func (c *Core) Peers() int { return len(c.connected) }

// StorageBytes is what the storage holds.
func (c *Core) StorageBytes() int64 { return c.stored }

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil { // plain structures of strings and numbers
		panic("oracle: " + err.Error())
	}
	return string(b)
}
