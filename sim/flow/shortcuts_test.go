package flow

import (
	"context"
	"reflect"
	"testing"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/player"
	viewing "swarmlab/sim/viewer"
)

// toldEngine hides that a core can follow a playback, so that the player tells it each update.
type toldEngine struct{ player.Engine }

// TestShortcutsChangeNothing compares whole runs with such in which each viewer's position is told four times a second and each
// announcement, and each part of a segment, has a turn of its own.
func TestShortcutsChangeNothing(t *testing.T) {
	for _, c := range []struct{ name, sets string }{
		{"live", "run.duration=80s"}, {"vod", "run.duration=60s"}, {"abr", "run.duration=120s"},
		{"live-low-latency", "run.duration=60s"}, {"churn", "run.duration=5m"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := preset(t, c.name, "peers.count=30", c.sets)
			var kept, parts int
			run := func(o viewing.Options) *viewing.Outcome {
				w, err := newWorld(s, streamOf(t, s))
				if err != nil {
					t.Fatal(err)
				}
				w.prompt = o.NewEngine != nil
				out, err := w.run(context.Background(), o)
				if err != nil || w.mistaken > 0 {
					t.Fatal(err, w.mistaken)
				}
				kept, parts = w.kept, w.parts
				return out
			}
			short := run(viewing.Options{})
			if kept < 500 {
				t.Errorf("only %d announcements were kept back", kept)
			}
			if parts < 500 && c.name != "live-low-latency" { // where nothing is shared
				t.Errorf("only %d parts of segments were kept back", parts)
			}
			long := run(viewing.Options{NewEngine: func(env p2pml.Env, cfg p2pml.Config, ev p2pml.Events) player.Engine {
				return toldEngine{p2pml.New(env, cfg, ev)}
			}})
			for i, v := range long.Viewers {
				if got := short.Viewers[i]; !reflect.DeepEqual(got, v) {
					t.Fatalf("%s: with shortcuts %+v, without %+v", v.Info().Name, got.Totals(), v.Totals())
				}
			}
			if !reflect.DeepEqual(short.Sampler, long.Sampler) {
				t.Error("the samples differ")
			}
		})
	}
}
