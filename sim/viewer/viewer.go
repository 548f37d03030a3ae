package viewer

import (
	"time"

	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/player"
	"swarmlab/sim/webtorrent"
)

// Viewer is one viewer of a run: a player, and the record of what happened to it. Like the player it lives on its own turns.
type Viewer struct {
	Record *results.ViewerRecord
	Live   bool // the stream has turned out to be

	plan    scenarios.Viewer
	env     p2pml.Env
	source  Source
	player  *player.Player
	told    *observer
	corrupt map[string]bool // segments whose bytes are not the origin's, by runtime id
	doubted map[string]bool // segments of which an answer may have got mixed up with another, likewise
	played  map[int64]bool  // ids the picture has shown, of VOD
	done    bool
}

// New makes the viewer of a plan. env is the tier's; Assemble of that env should call the viewer's.
func New(env p2pml.Env, s *scenarios.Scenario, plan scenarios.Viewer, d Deployment, src Source) *Viewer {
	v := &Viewer{
		Record: results.NewViewer(results.ViewerInfo{
			Name: plan.Name, Group: plan.Group, Link: plan.LinkName, NAT: plan.NAT, Region: plan.Region,
			Uploads: plan.Upload, JoinedAt: env.Now(),
		}),
		plan: plan, env: env, source: src,
		corrupt: map[string]bool{}, doubted: map[string]bool{}, played: map[int64]bool{},
	}
	v.told = &observer{recorder: newRecorder(v.Record), v: v}
	v.player = player.New(newBrowser(env, v.Record), playerConfig(s, plan, d), v.told)
	return v
}

// Start begins to watch.
func (v *Viewer) Start() { v.player.Start() }

// Leave ends the stay. clean: the viewer closes its connections, and the record says so; otherwise it has vanished, and the
// tier has cut its link before. Nothing of the viewer is left afterwards.
func (v *Viewer) Leave(clean bool) {
	if v.done {
		return
	}
	v.Record.Watched(v.player.Gauge().Watched)
	v.player.Leave() // what was unfinished is accounted for as left
	v.Record.Left(v.env.Now(), clean)
	v.done = true
	v.told.close()
}

// Finish ends the record where the run ends, as it stands: the viewer has not left, and what is unfinished stays so.
func (v *Viewer) Finish() {
	if v.done {
		return
	}
	v.Record.Watched(v.player.Gauge().Watched)
	v.done = true
	v.told.close()
	v.player.Leave()
}

// Sample is the viewer as a sampler sees it, each simulated second.
func (v *Viewer) Sample() (results.Totals, results.Gauge) {
	if v.done {
		return v.Record.Totals(), results.Gauge{}
	}
	s := v.player.Gauge()
	g := results.Gauge{Buffer: asDuration(s.BufferedAhead), LiveLatency: asDuration(s.LiveLatency)}
	v.Live = v.Live || s.Live
	if s.Live && s.Started {
		v.Record.LiveLatency(g.LiveLatency)
	}
	v.Record.Watched(s.Watched)
	return v.Record.Totals(), g
}

// Warm reads what nearly every turn needs; see webtorrent.Warmer.
func (v *Viewer) Warm(depth int) int {
	if depth == 0 && v.done {
		return 1
	}
	return v.player.Warm(depth)
}

func asDuration(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// Assemble has the blocks of a completed segment checked. What differs from the origin's is counted, and played all the same.
func (v *Viewer) Assemble(s *p2pml.Segment, blocks []webtorrent.Message) webtorrent.Message {
	data, verdict := v.source.Check(s.URL, s.ByteRange, blocks, v.doubted[s.RuntimeID])
	delete(v.doubted, s.RuntimeID)
	if v.done || verdict == Intact || verdict == Unknown {
		return data
	}
	v.corrupt[s.RuntimeID] = true // whoever plays it has not seen what the origin made, whoever is to blame
	switch verdict {
	case Misfiled:
		v.Record.Error("misfiled-segment")
	case Disordered:
		v.Record.Error("disordered-segment")
	default:
		v.Record.SegmentCorrupt()
	}
	return data
}
