package hls

import (
	"errors"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestASegmentThatManyAskForIsMadeOnce(t *testing.T) {
	c := newByteCache(1000)
	var made atomic.Int32
	started := make(chan struct{})
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			data, err := c.get(cacheKey{0, 1}, func() ([]byte, error) {
				made.Add(1)
				close(started) // a second call would panic
				return make([]byte, 10), nil
			})
			if len(data) != 10 || err != nil {
				t.Errorf("%d bytes, %v", len(data), err)
			}
		})
	}
	<-started
	wg.Wait()
	if made.Load() != 1 {
		t.Errorf("made %d times", made.Load())
	}
}

func TestTheCacheKeepsItsBoundAndTheMostRecent(t *testing.T) {
	c := newByteCache(30)
	made := 0
	get := func(seq int64) {
		if _, err := c.get(cacheKey{0, seq}, func() ([]byte, error) { made++; return make([]byte, 10), nil }); err != nil {
			t.Fatal(err)
		}
		if c.size > 30 || len(c.entries) != c.recent.Len() {
			t.Fatalf("%d bytes in the cache, %d entries, %d listed", c.size, len(c.entries), c.recent.Len())
		}
	}
	for _, seq := range []int64{1, 2, 3, 1, 4} { // 4 pushes out 2, not 1
		get(seq)
	}
	if get(1); made != 4 {
		t.Errorf("made %d, the most recent was thrown away", made)
	}
	if get(2); made != 5 {
		t.Errorf("made %d, more is kept than the bound", made)
	}
	if _, err := c.get(cacheKey{1, 1}, func() ([]byte, error) { return make([]byte, 99), nil }); err != nil || c.size > 30 {
		t.Errorf("one larger than the cache: %v, %d bytes kept", err, c.size)
	}
}

func TestAFailureIsNotKept(t *testing.T) {
	c := newByteCache(100)
	fails := errors.New("fails")
	if _, err := c.get(cacheKey{}, func() ([]byte, error) { return nil, fails }); !errors.Is(err, fails) {
		t.Error(err)
	}
	if data, err := c.get(cacheKey{}, func() ([]byte, error) { return []byte{1}, nil }); err != nil || len(data) != 1 {
		t.Errorf("the second try: %v", err)
	}
}

// A stream may be made outside a bubble of virtual time and used in several, which a WaitGroup inside would forbid.
func TestOneStreamInSeveralBubbles(t *testing.T) {
	s := newStream(t, Config{Kind: Live, SegmentDuration: 2 * time.Second})
	for range 2 {
		synctest.Test(t, func(t *testing.T) {
			o := NewOrigin(s, OriginConfig{ResponseDelay: time.Second})
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() { checkNewest(t, o, s) })
			}
			wg.Wait()
		})
	}
}

// checkNewest asks at 1 s of virtual time for what is published at 2 s; the origin thinks for a second.
func checkNewest(t *testing.T, o *Origin, s *Stream) {
	time.Sleep(time.Second)
	for path, want := range map[string]int{"/v0/6.ts": 200, "/v0/8.ts": 404} {
		if got := statusOf(o, path); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	if _, err := s.Bytes(0, 6); err != nil {
		t.Error(err)
	}
}

func statusOf(o *Origin, path string) int {
	w := httptest.NewRecorder()
	o.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Code
}
