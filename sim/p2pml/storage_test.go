package p2pml

import (
	"slices"
	"testing"
	"time"

	"swarmlab/sim/webtorrent"
)

func TestStorageVectors(t *testing.T) {
	type row struct {
		Name                                        string
		Live                                        bool
		LimitMiB, HighDemandTimeWindow, SegDuration float64
		Log                                         []struct {
			Step            []any
			Stored          []int64
			Usage           struct{ TotalCapacity, UsedCapacity float64 }
			ChangeCallbacks int
		}
	}
	for _, v := range vector[[]row](t, "storage") {
		cfg := Default()
		cfg.SegmentMemoryStorageLimitMiB = v.LimitMiB
		cfg.Main.HighDemandTimeWindow = time.Duration(v.HighDemandTimeWindow * float64(time.Second))
		calls := 0
		st := newStorage(&cfg, &v.Live, func(string) { calls++ })
		rend := newRendition(Stream{Type: Main})
		rend.update(playlistOf(0, 10, v.SegDuration), nil)
		for i, step := range v.Log {
			calls = 0
			n := step.Step[1].(float64)
			switch step.Step[0] {
			case "store":
				size := int(step.Step[2].(float64) * mebibyte)
				st.store("s", rend.byExternalID(int64(n)), webtorrent.Message{Size: size})
			case "req":
				st.asked = true
			case "pos":
				st.updatePlayback(n)
			}
			ids := st.shelf("s").appendIDs([]int64{})
			used := float64(st.usedBytes()) / mebibyte
			if !slices.Equal(ids, step.Stored) || used != step.Usage.UsedCapacity || calls != step.ChangeCallbacks {
				t.Errorf("%s, step %d %v: stored %v, used %v, %d callbacks; want %v, %v, %d", v.Name, i, step.Step,
					ids, used, calls, step.Stored, step.Usage.UsedCapacity, step.ChangeCallbacks)
			}
			if got := float64(st.limit) / mebibyte; got != step.Usage.TotalCapacity {
				t.Errorf("%s: limit %v MiB", v.Name, got)
			}
		}
	}
}
