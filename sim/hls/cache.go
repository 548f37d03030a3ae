package hls

import (
	"container/list"
	"sync"
)

type cacheKey struct {
	variant int
	content int64 // see facts.content
}

// byteCache keeps segment bytes, the least recently used go first. A segment that many ask for at once is made once.
//
// The wait for another's work is a sync.Once and not golang.org/x/sync/singleflight: the latter waits on a WaitGroup, and a
// WaitGroup belongs to one synctest bubble, while a stream may outlive the bubble that first used it.
type byteCache struct {
	limit int64

	mu      sync.Mutex
	size    int64
	entries map[cacheKey]*list.Element // of *cacheEntry
	recent  *list.List                 // newest in front
}

type cacheEntry struct {
	key  cacheKey
	once sync.Once
	// data and err are written inside once.
	data []byte
	err  error
	// counted (under mu): data is in byteCache.size. An entry that is still being made weighs nothing and is not evicted.
	counted bool
}

func newByteCache(limit int64) *byteCache {
	return &byteCache{limit: limit, entries: make(map[cacheKey]*list.Element), recent: list.New()}
}

func (c *byteCache) get(key cacheKey, load func() ([]byte, error)) ([]byte, error) {
	e := c.entry(key)
	e.once.Do(func() {
		e.data, e.err = load()
		c.settle(e)
	})
	return e.data, e.err
}

func (c *byteCache) entry(key cacheKey) *cacheEntry {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el, ok := c.entries[key]; ok {
		c.recent.MoveToFront(el)
		return el.Value.(*cacheEntry)
	}
	e := &cacheEntry{key: key}
	c.entries[key] = c.recent.PushFront(e)
	return e
}

// settle weighs a finished entry and makes room for it. A failure is forgotten: the next one to ask tries again.
func (c *byteCache) settle(e *cacheEntry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.err != nil {
		c.recent.Remove(c.entries[e.key])
		delete(c.entries, e.key)
		return
	}
	e.counted = true
	c.size += int64(len(e.data))
	for el := c.recent.Back(); el != nil && c.size > c.limit; {
		older := el.Prev()
		if old := el.Value.(*cacheEntry); old.counted {
			c.size -= int64(len(old.data))
			c.recent.Remove(el)
			delete(c.entries, old.key)
		}
		el = older
	}
}
