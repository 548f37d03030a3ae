package p2pml

import (
	"swarmlab/sim/p2pml/wire"
	"swarmlab/sim/webtorrent"
)

// Core is one viewer's P2P engine: what the library calls Core. It is single-threaded; see Env for the rules.
type Core struct {
	env      Env
	micro    microtasks
	ticks    ticks
	follow   follower
	patient  Patient // nil: nothing is kept back
	patience bool    // it may keep something back
	wary     int     // connections that are closed but are not yet, see peer.awaitsData, and downloads of which an earlier one had the id
	open     openConns
	cfg      Config
	ev       Events
	strategy *generation

	manifestURL   string
	live          bool
	activeBitrate float64 // bit/s; 0: unknown

	renditions []*rendition // in order of registration
	byID       map[string]*rendition
	loaders    [2]*hybridLoader // main, secondary; nil: not needed yet
	storage    *storage         // nil until the first request
	all, http  bandwidthMeter   // shared by both stream types

	sockets    *webtorrent.Sockets
	newTracker func(c *Core, s *swarm, infoHash, peerID string) trackerClient
	peerIDs    map[string]string // by info hash: one id each for the page's lifetime
	destroyed  bool
	restless   bool // in tests: runs every pass, see calm

	free    []*peer // scratch of the peer choice
	weights []float64
	command wire.Command // scratch: the one that has just arrived
	heard   Announcement // scratch: likewise
	warmth  int          // of what was read ahead; of no use, but that the reading cannot be left out
	changes []change     // scratch of an announcement's arrival
}

// New makes a core. Nothing happens before the first LoadSegment. An unknown generation is a programming error and panics:
// whoever reads configurations checks it against Generations.
func New(env Env, cfg Config, ev Events) *Core {
	if cfg.Generation == "" {
		cfg.Generation = DefaultGeneration
	}
	strategy, ok := generations[cfg.Generation]
	if !ok {
		panic("p2pml: no generation named " + cfg.Generation)
	}
	if ev == nil {
		ev = NoEvents{}
	}
	c := &Core{
		env: env, cfg: cfg, ev: ev, strategy: strategy,
		byID:       make(map[string]*rendition),
		sockets:    webtorrent.NewSockets(env),
		newTracker: newTrackerClient,
		peerIDs:    make(map[string]string),
	}
	c.all.asked, c.http.asked = askedOfAll, askedOfHTTP
	c.micro.init(env)
	c.ticks.env = env
	if c.patient, _ = env.(Patient); c.patient != nil {
		c.patient.Await(PartsAlone)
	}
	c.follow.alarm.init(env, c.update)
	return c
}

// SetManifestURL tells the master playlist's URL after redirects, which is the swarm id unless the configuration has one. The
// first segment request of a rendition fixes it for that rendition.
func (c *Core) SetManifestURL(url string) { c.manifestURL = url }

// AddStream registers a rendition. The first one with a runtime id wins.
func (c *Core) AddStream(s Stream) {
	if _, known := c.byID[s.RuntimeID]; known || c.destroyed {
		return
	}
	r := newRendition(s)
	c.byID[s.RuntimeID] = r
	c.renditions = append(c.renditions, r)
}

// UpdateStream applies a playlist update: segments that are new, and the runtime ids of those that are gone. Segments already
// known are left as they are. An unknown stream is ignored.
func (c *Core) UpdateStream(runtimeID string, added []Segment, removedRuntimeIDs []string) {
	r := c.byID[runtimeID]
	if r == nil || c.destroyed || !r.update(added, removedRuntimeIDs) {
		return
	}
	for _, l := range c.loaders {
		if l != nil {
			l.playlistUpdated(r)
		}
	}
}

func (c *Core) segment(runtimeID string) *segment {
	for _, r := range c.renditions {
		if s := r.byID[runtimeID]; s != nil {
			return s
		}
	}
	return nil
}

// HasSegment reports whether the segment is in a known playlist. What is not is the player's own to fetch.
func (c *Core) HasSegment(segmentRuntimeID string) bool { return c.segment(segmentRuntimeID) != nil }

// IsSegmentLoadable reports whether LoadSegment is to be used: the segment is known and P2P is on for its stream type.
func (c *Core) IsSegmentLoadable(segmentRuntimeID string) bool {
	s := c.segment(segmentRuntimeID)
	return s != nil && !c.destroyed && !c.cfg.Of(s.rendition.Type).IsP2PDisabled
}

// LoadSegment is the player's request. Each stream type has one pending request: a new one fails the one before with ErrAborted,
// except that a segment found in the storage is answered without disturbing it. A segment that is not known fails.
//
// The library looks after its storage first, which takes a microtask: a pass that is due already does not know of the request yet.
func (c *Core) LoadSegment(segmentRuntimeID string, h LoadHandler) {
	c.micro.put(func() { c.load(segmentRuntimeID, h) })
}

func (c *Core) load(segmentRuntimeID string, h LoadHandler) {
	s := c.segment(segmentRuntimeID)
	if s == nil || c.destroyed {
		c.deliver(func() { h.SegmentFailed(ErrFailed) })
		return
	}
	if c.storage == nil {
		c.storage = newStorage(&c.cfg, &c.live, c.stored)
	}
	l := &c.loaders[slot(s.rendition.Type)]
	if *l == nil {
		*l = newHybridLoader(c, s)
	}
	(*l).load(s, h)
}

// AbortSegmentLoading withdraws the player's pending request for that segment, which fails with ErrAborted. Its download goes on
// if it is worth it anyway.
func (c *Core) AbortSegmentLoading(segmentRuntimeID string) {
	for _, l := range c.loaders {
		if l != nil {
			l.abortEngine(segmentRuntimeID)
		}
	}
}

// UpdatePlayback tells position (seconds) and rate, as the media element's timeupdate, seeking and ratechange events do.
func (c *Core) UpdatePlayback(position, rate float64) {
	c.RestPlayback()
	c.move(position, rate)
}

func (c *Core) move(position, rate float64) {
	for _, l := range c.loaders {
		if l != nil {
			l.updatePlayback(position, rate)
		}
	}
	if c.storage != nil {
		c.storage.updatePlayback(position)
	}
}

// SetActiveLevelBitrate tells the bitrate of the level that is being loaded now. A change starts the bandwidth estimate anew.
func (c *Core) SetActiveLevelBitrate(bps float64) {
	if bps == c.activeBitrate {
		return
	}
	c.activeBitrate = bps
	for _, l := range c.loaders {
		if l != nil {
			l.levelChanged = c.env.Now()
		}
	}
}

// SetIsLive tells whether the stream is live, which decides how the storage evicts.
func (c *Core) SetIsLive(live bool) { c.live = live }

// ApplyDynamicConfig changes options at run time. They take effect at their next use. Turning P2P off for a stream type destroys
// its loader; turning its upload off or on tells the peers.
func (c *Core) ApplyDynamicConfig(f func(*Config)) {
	if c.destroyed {
		return
	}
	before := c.cfg
	f(&c.cfg)
	for _, t := range []StreamType{Main, Secondary} {
		was, is := before.Of(t), c.cfg.Of(t)
		l := c.loaders[slot(t)]
		if l == nil {
			continue
		}
		l.stir()
		if is.IsP2PDisabled && !was.IsP2PDisabled {
			c.loaders[slot(t)] = nil
			l.destroy()
			continue
		}
		if is.IsP2PUploadDisabled != was.IsP2PUploadDisabled {
			for _, s := range l.swarms.all {
				s.broadcast(is.IsP2PUploadDisabled)
			}
		}
	}
}

// Destroy leaves the swarm: it ends every download, connection and timer and forgets everything. Events may come while it runs,
// none afterwards.
func (c *Core) Destroy() {
	if c.destroyed {
		return
	}
	c.destroyed = true
	c.follow.on = false
	c.follow.alarm.stop()
	for _, l := range c.loaders {
		if l != nil {
			l.destroy()
		}
	}
	c.ticks.finish()
	c.open.close()
	if c.storage != nil {
		c.storage.clear()
	}
	c.loaders = [2]*hybridLoader{}
	c.renditions, c.byID, c.peerIDs = nil, nil, nil
}

// Peers is the number of connected peers, of all renditions.
func (c *Core) Peers() int {
	n := 0
	for _, l := range c.loaders {
		if l == nil {
			continue
		}
		for _, s := range l.swarms.all {
			n += len(s.peers)
		}
	}
	return n
}

// StorageBytes is what the storage holds.
func (c *Core) StorageBytes() int64 {
	if c.storage == nil {
		return 0
	}
	return c.storage.total
}

func slot(t StreamType) int {
	if t == Secondary {
		return 1
	}
	return 0
}

// deliver calls the player back at the end of the turn, never from inside its own call.
func (c *Core) deliver(f func()) {
	if c.destroyed {
		return
	}
	c.micro.answer(func() {
		if !c.destroyed {
			f()
		}
	})
}

// identify fixes a rendition's swarm.
func (c *Core) identify(r *rendition) {
	if r.infoHash != "" {
		return
	}
	r.swarmID = StreamSwarmID(SwarmID(c.cfg.Of(r.Type), c.manifestURL), r.Type, r.Index)
	r.infoHash = InfoHash(r.swarmID)
}

func (c *Core) peerID(infoHash string, cfg *StreamConfig) string {
	id, known := c.peerIDs[infoHash]
	if !known {
		id = PeerID(cfg.TrackerClientVersionPrefix, c.env.Rand())
		c.peerIDs[infoHash] = id
	}
	return id
}

// shelfOf looks the shelf up once: it never goes away before the core does.
func (c *Core) shelfOf(r *rendition) *shelf {
	if r.shelf == nil {
		r.shelf = c.storage.shelf(r.swarmID)
	}
	return r.shelf
}

// stored is the storage's word that a stream's segments have changed: every swarm of it announces, inactive ones too.
func (c *Core) stored(swarmID string) {
	for _, l := range c.loaders {
		if l == nil {
			continue
		}
		l.stir()
		for _, s := range l.swarms.all {
			if s.rendition.swarmID == swarmID {
				s.broadcast(false)
			}
		}
	}
}

func (c *Core) startLoading(src Source) {
	now := c.env.Now()
	if src == HTTP {
		c.http.startLoading(now)
	}
	c.all.startLoading(now)
}

func (c *Core) stopLoading(src Source) {
	now := c.env.Now()
	if src == HTTP {
		c.http.stopLoading(now)
	}
	c.all.stopLoading(now)
}

func (c *Core) addBytes(src Source, n int) {
	now := c.env.Now()
	c.all.addBytes(n, now)
	if src == HTTP {
		c.http.addBytes(n, now)
	}
}
