package player

import (
	"slices"
	"testing"
	"time"

	"swarmlab/sim/hls"
)

// warmScript notes how deep it is read ahead.
type warmScript struct {
	Engine
	depths []int
}

func (s *warmScript) Warm(depth int) int {
	s.depths = append(s.depths, depth)
	return depth
}

// TestTheEngineBehindIsReadAheadToo, whatever the player has: one that plays, live or not, has most.
func TestTheEngineBehindIsReadAheadToo(t *testing.T) {
	for name, cfg := range map[string]hls.Config{
		"live": liveStream(2*time.Second, 8),
		"vod":  {},
	} {
		for _, after := range []time.Duration{0, 20 * time.Second} {
			w := newWorld(t, cfg)
			p, _, s := w.engineViewer()
			w.do(p.Start)
			w.run(w.now + after)
			if playing := len(p.media.buffer.spans) > 0; playing != (after > 0) {
				t.Fatalf("%s after %v: is there a picture? %v", name, after, playing)
			}
			engine := &warmScript{Engine: s}
			p.core = engine
			for depth := range 5 {
				p.Warm(depth)
			}
			if want := []int{0, 1, 2, 3}; !slices.Equal(engine.depths, want) {
				t.Errorf("%s after %v: read at depths %v, want %v", name, after, engine.depths, want)
			}
		}
	}
}
