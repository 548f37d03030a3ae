package viewer

import (
	"swarmlab/results"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/player"
)

// observer writes what the player tells into the viewer's record, beside what the core tells.
type observer struct {
	player.NoEvents // what is not told here is not recorded
	recorder
	v *Viewer
}

// close ends the record: shutting a run down is not part of the run, so what is still told goes to a record that nobody reads.
func (o *observer) close() { o.recorder = newRecorder(results.NewViewer(o.Info())) }

func (o *observer) OnStartup(e player.Startup)       { o.Startup(e.Delay) }
func (o *observer) OnStallStart(e player.StallStart) { o.StallStart(e.At) }
func (o *observer) OnStallEnd(e player.StallEnd)     { o.StallEnd(e.At) }

func (o *observer) OnLevelSwitched(e player.LevelSwitched) {
	if e.From >= 0 { // the first level is no switch
		o.LevelSwitched()
	}
}

func (o *observer) OnSegmentPlayed(e player.SegmentEvent) {
	o.v.played[e.ExternalID] = true
	o.SegmentPlayed(results.SegmentID{Stream: e.PlaylistID, Sequence: e.ExternalID}, e.Bytes, !o.v.corrupt[e.RuntimeID])
}

// OnEnded: whoever saw as many segments as the video has, saw it all, in whatever qualities.
func (o *observer) OnEnded(player.Ended) {
	if n := o.v.source.Segments(); n > 0 && len(o.v.played) >= n {
		o.WatchedAll()
	}
}

// OnRequestIDRepeated: from now on nobody can say whose answer comes.
func (o *observer) OnRequestIDRepeated(e p2pml.RequestIDRepeated) {
	o.v.doubted[e.Segment.RuntimeID] = true
}

func (o *observer) OnLoadError(e player.LoadError)   { o.Error(string(e.Kind)) }
func (o *observer) OnFatalError(e player.FatalError) { o.Error("fatal") }
