package browser

import (
	"context"
	"sync"
	"testing"
)

// TestARehearsalLeavesNothing: two pages play another stream to one another; then neither has any note of it, and both play the real one
// from its beginning, whose origin nobody had asked for anything.
func TestARehearsalLeavesNothing(t *testing.T) {
	needBrowser(t)
	d, other := deploy(t, recording), deploy(t, recording)
	pages := []*viewer{d.open("start=no"), d.open("start=no")}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var all sync.WaitGroup
	for _, v := range pages {
		all.Go(func() {
			got, err := v.Rehearse(ctx, Rehearsal{Manifest: other.urls.Manifest, Tracker: other.urls.Tracker, Seconds: 1})
			if err != nil || !got.Picture || got.PeersSeen != 1 || got.Segments.HTTP+got.Segments.P2P == 0 {
				t.Errorf("the rehearsal: %+v, %v", got, err)
			}
		})
	}
	all.Wait()
	for _, v := range pages {
		now, events := v.look()
		if now.Started != nil || now.Bytes != (Bytes{}) || now.PeersSeen != 0 || len(now.Connections) != 0 || now.Errors != 0 || len(events) != 0 {
			t.Errorf("after the rehearsal: %+v, events %+v", now, events)
		}
	}
	if asked := d.Stats().Origin.CopiesPerSegment; asked != 0 {
		t.Errorf("the real origin has given %v copies", asked)
	}
	for _, v := range pages {
		if err := v.Start(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range pages {
		v.until("the picture and the other page", func(s Snapshot, _ []Event) bool {
			return s.Playback.CurrentTime > 1 && s.PeersSeen == 1
		})
		v.intact()
		v.stepsInOrder()
	}
}

// stepsInOrder: what an open connection went through, each step not before the one that it needs.
func (v *viewer) stepsInOrder() {
	v.t.Helper()
	now, _ := v.look()
	open := 0
	for _, c := range now.Connections {
		if c.Channel != "open" {
			continue
		}
		open++
		for _, two := range [][2]string{
			{"made", "described"}, {"described", "gathered"}, {"heard", "connected"}, {"described", "connecting"}, {"connecting", "connected"}, {"made", "open"},
		} {
			before, ok := c.Steps[two[0]]
			after, too := c.Steps[two[1]]
			if !ok || !too || before > after {
				v.t.Errorf("%s is %s at %v ms and %s at %v", c.Role, two[0], before, two[1], after)
			}
		}
	}
	if open == 0 {
		v.t.Error("no connection is open")
	}
}
