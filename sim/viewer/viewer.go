package viewer

import (
	"time"

	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/player"
	"swarmlab/sim/webtorrent"
)

// Source knows what the origin made, so that a segment can be checked wherever it came from.
type Source interface {
	// Canonical returns the bytes of the segment at a URL, shared and read-only; nil if there is no such segment.
	Canonical(url string, r *p2pml.ByteRange) []byte
	// Siblings returns the bytes of the other renditions' segments of the same sequence number.
	Siblings(url string, r *p2pml.ByteRange) [][]byte
	// Segments is the number of segments of a VOD rendition; 0 if the stream is live.
	Segments() int
}

// Viewer is one viewer of a run: a player, and the record of what happened to it. Like the player it lives on its own turns.
type Viewer struct {
	Record *results.ViewerRecord

	plan    scenarios.Viewer
	env     p2pml.Env
	source  Source
	player  *player.Player
	told    *observer
	corrupt map[string]bool // segments whose bytes are not the origin's, by runtime id
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
		corrupt: map[string]bool{}, played: map[int64]bool{},
	}
	v.told = &observer{recorder: newRecorder(v.Record), v: v}
	v.player = player.New(env, playerConfig(s, plan, d), v.told)
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
	v.Record.Watched(v.player.Snapshot().Watched)
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
	v.Record.Watched(v.player.Snapshot().Watched)
	v.done = true
	v.told.close()
	v.player.Leave()
}

// Sample is the viewer as a sampler sees it, each simulated second.
func (v *Viewer) Sample() (results.Totals, results.Gauge) {
	if v.done {
		return v.Record.Totals(), results.Gauge{}
	}
	s := v.player.Snapshot()
	g := results.Gauge{Buffer: asDuration(s.BufferedAhead), LiveLatency: asDuration(s.LiveLatency)}
	if s.Live && s.Started {
		v.Record.LiveLatency(g.LiveLatency)
	}
	v.Record.Watched(s.Watched)
	return v.Record.Totals(), g
}

func asDuration(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// Assemble checks the blocks of a completed segment against what the origin made. If they agree, the storage keeps the origin's
// own buffer: hundreds of viewers then share one copy of every segment.
func (v *Viewer) Assemble(s *p2pml.Segment, blocks []webtorrent.Message) webtorrent.Message {
	want := v.source.Canonical(s.URL, s.ByteRange)
	if equal(want, blocks) {
		return webtorrent.Text(want)
	}
	if !v.done {
		v.corrupt[s.RuntimeID] = true // whoever plays it has not seen what the origin made, whoever is to blame
		if v.misfiled(s, blocks) {
			v.Record.Error("misfiled-segment")
		} else {
			v.Record.SegmentCorrupt()
		}
	}
	return join(blocks)
}

// misfiled tells whether these are the bytes of another rendition's segment: the library's own mistake (p2pml's
// Defects.FiledUnderPlayed), which real viewers see too. Everything else that differs is ours, and fails the run.
func (v *Viewer) misfiled(s *p2pml.Segment, blocks []webtorrent.Message) bool {
	for _, other := range v.source.Siblings(s.URL, s.ByteRange) {
		if equal(other, blocks) {
			return true
		}
	}
	return false
}

// equal compares the blocks in order with want. nil equals nothing: a segment that the origin does not know cannot be right.
func equal(want []byte, blocks []webtorrent.Message) bool {
	if want == nil {
		return false
	}
	for _, b := range blocks {
		if len(want) < len(b.Bytes) || string(want[:len(b.Bytes)]) != string(b.Bytes) {
			return false
		}
		want = want[len(b.Bytes):]
	}
	return len(want) == 0
}

func join(blocks []webtorrent.Message) webtorrent.Message {
	var all []byte
	for _, b := range blocks {
		all = append(all, b.Bytes...)
	}
	return webtorrent.Text(all)
}
