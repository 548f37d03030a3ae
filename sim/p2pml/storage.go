package p2pml

import (
	"cmp"
	"slices"

	"swarmlab/sim/webtorrent"
)

const mebibyte = 1 << 20

// storage is the viewer's memory of segments, of all renditions together. It evicts only while storing.
//
// P2P Media Loader 2.3 behaviour: segment storage (memory).
type storage struct {
	cfg      *Config
	live     *bool
	limit    int64
	shelves  map[string]*shelf // by stream swarm id
	order    []*shelf          // the same, in order of creation
	changed  func(swarmID string)
	usage    int64 // what the library believes to hold, see Defects.StorageCountsTwice
	total    int64 // what is really held
	position float64
	playing  bool // a playback update has come
	asked    bool // a segment was requested
	sequence uint64
}

// shelf holds one stream's segments, oldest first: the order in which they are announced.
type shelf struct {
	swarmID string
	kind    StreamType
	items   []*stored
	byID    map[int64]*stored
	ids     idSet // the same: each pass of the scheduler asks for all of its queue
}

type stored struct {
	id         int64
	start, end float64
	data       webtorrent.Message
	sequence   uint64 // order of storing, over all shelves
}

func newStorage(cfg *Config, live *bool, changed func(swarmID string)) *storage {
	limit := cfg.SegmentMemoryStorageLimitMiB
	if limit <= 0 {
		limit = defaultStorageLimitMiB
	}
	return &storage{cfg: cfg, live: live, limit: int64(limit * mebibyte), shelves: make(map[string]*shelf), changed: changed}
}

func (st *storage) shelf(swarmID string) *shelf { return st.shelves[swarmID] }

// has works on a nil shelf: nothing of that stream was ever stored.
func (s *shelf) has(id int64) bool { return s != nil && s.ids.has(id) }

func (s *shelf) get(id int64) (webtorrent.Message, bool) {
	if !s.has(id) {
		return webtorrent.Message{}, false
	}
	return s.byID[id].data, true
}

func (s *shelf) len() int {
	if s == nil {
		return 0
	}
	return len(s.items)
}

// store adds a segment, after making room.
func (st *storage) store(swarmID string, s *segment, data webtorrent.Message) {
	st.evict(int64(data.Size))
	sh := st.shelves[swarmID]
	if sh == nil {
		sh = &shelf{swarmID: swarmID, kind: s.rendition.Type, byID: make(map[int64]*stored)}
		st.shelves[swarmID] = sh
		st.order = append(st.order, sh)
	}
	st.sequence++
	item := sh.byID[s.ExternalID]
	switch {
	case item == nil:
		item = &stored{id: s.ExternalID, sequence: st.sequence}
		sh.byID[item.id] = item
		sh.ids.add(item.id)
		sh.items = append(sh.items, item)
		st.usage += int64(data.Size)
	case st.cfg.Defects.StorageCountsTwice:
		st.usage += int64(data.Size)
	default:
		st.usage += int64(data.Size - item.data.Size)
	}
	st.total += int64(data.Size - item.data.Size)
	item.start, item.end, item.data = s.Start, s.End, data
	st.changed(swarmID)
}

func (st *storage) evict(incoming int64) {
	if !st.playing {
		return
	}
	if *st.live {
		st.evictLive()
		return
	}
	if st.usage+incoming > st.limit {
		st.evictVOD(incoming)
	}
}

// evictLive removes what lies further behind than anybody is expected to play, full or not.
func (st *storage) evictLive() {
	var emptied []removal
	for _, sh := range st.order {
		window := st.cfg.Of(sh.kind).HighDemandTimeWindow.Seconds()
		var first *stored
		sh.items = slices.DeleteFunc(sh.items, func(it *stored) bool {
			if st.position <= it.end+window {
				return false
			}
			st.forget(sh, it)
			if first == nil || before(it, first) < 0 {
				first = it
			}
			return true
		})
		if first != nil {
			emptied = append(emptied, removal{sh, first})
		}
	}
	// The streams are told in the order in which they lost their first segment: segments go by their start, whatever their stream.
	slices.SortFunc(emptied, func(a, b removal) int { return before(a.it, b.it) })
	for _, r := range emptied {
		st.changed(r.sh.swarmID)
	}
}

// removal is a segment that leaves its shelf.
type removal struct {
	sh *shelf
	it *stored
}

// before orders segments as they are evicted: by their start, then as they were stored.
func before(a, b *stored) int {
	return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.sequence, b.sequence))
}

// evictVOD removes what was played, the earliest first, until the newcomer fits. If that is not enough the limit is exceeded: the
// library never refuses a segment.
func (st *storage) evictVOD(incoming int64) {
	var played []removal
	for _, sh := range st.order {
		for _, it := range sh.items {
			if it.end < st.position {
				played = append(played, removal{sh, it})
			}
		}
	}
	slices.SortFunc(played, func(a, b removal) int { return before(a.it, b.it) })
	var affected []*shelf
	for _, r := range played {
		if st.usage+incoming <= st.limit {
			break
		}
		st.forget(r.sh, r.it)
		if !slices.Contains(affected, r.sh) {
			affected = append(affected, r.sh)
		}
	}
	for _, sh := range affected {
		sh.items = slices.DeleteFunc(sh.items, func(it *stored) bool { return sh.byID[it.id] != it })
		st.changed(sh.swarmID)
	}
}

func (st *storage) forget(sh *shelf, it *stored) {
	delete(sh.byID, it.id)
	sh.ids.remove(it.id)
	st.usage -= int64(it.data.Size)
	st.total -= int64(it.data.Size)
}

// usedBytes is what counts for the pressure test: once playback is known, only what is still ahead of it.
func (st *storage) usedBytes() int64 {
	if !st.playing || !st.asked {
		return st.usage
	}
	used := int64(0)
	for _, sh := range st.order {
		for _, it := range sh.items {
			if st.position <= it.end {
				used += int64(it.data.Size)
			}
		}
	}
	return used
}

// freePercent is what the windows shrink by. Only values up to 10 matter, so an empty enough storage is not counted through.
func (st *storage) freePercent() float64 {
	if st.roomy() {
		return 100
	}
	return 100 - float64(float64(st.usedBytes())/float64(st.limit)*100)
}

// roomy tells that there is no pressure, wherever the playhead is.
func (st *storage) roomy() bool { return max(st.usage, st.total)*10 < st.limit*8 }

func (st *storage) updatePlayback(position float64) { st.position, st.playing = position, true }

func (st *storage) clear() {
	st.shelves, st.order, st.usage, st.total = make(map[string]*shelf), nil, 0, 0
}

// appendIDs lists the ids in the order of storing.
func (s *shelf) appendIDs(ids []int64) []int64 {
	if s == nil {
		return ids
	}
	for _, it := range s.items {
		ids = append(ids, it.id)
	}
	return ids
}
