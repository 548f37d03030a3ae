package player

import (
	"slices"
	"testing"
)

func TestPlayedIsWhatWasAppendedLast(t *testing.T) {
	var l playlog
	for _, e := range []SegmentEvent{{Sequence: 1, Start: 4, End: 8}, {Sequence: 0, Start: 0, End: 4}, {Sequence: 2, Start: 8, End: 12}, {Sequence: 2, Start: 8.01, End: 12, Level: 1}} {
		l.add(e)
	}
	var got []int64
	show := func(e SegmentEvent) { got = append(got, e.Sequence*10+int64(e.Level)) }
	if l.upTo(3.9, show); !slices.Equal(got, []int64{0}) {
		t.Errorf("at 3.9 s: %v", got)
	}
	l.rewind(9) // a seek over segment 1
	if l.upTo(9, show); !slices.Equal(got, []int64{0, 21}) {
		t.Errorf("at 9 s: %v, want segment 0, then 2 at level 1", got)
	}
}
