package hls

import (
	"fmt"
	"math"
	"time"
)

// align sets the tracks of a folder against each other. Looped as live they must come round together, or audio and video would
// part a little more every time: each track waits at its end for the longest one.
func (o *opener) align() error {
	longest, shortest := time.Duration(0), time.Duration(math.MaxInt64)
	var target time.Duration
	for _, t := range o.stream.tracks {
		longest, shortest = max(longest, t.cycle), min(shortest, t.cycle)
		target = max(target, t.target)
	}
	if longest-shortest > target {
		text := fmt.Sprintf("the playlists last from %v to %v; they should last equally long", shortest, longest)
		if o.live {
			return &ParseError{URL: o.display(o.stream.masterPath), Text: text + " to be looped as live"}
		}
		o.warn("%s", text)
	}
	if !o.live {
		return nil
	}
	var full time.Duration
	for _, t := range o.stream.tracks {
		t.cycle = longest
		full = max(full, t.fullWindowEnd())
	}
	for _, t := range o.stream.tracks {
		t.begins = -full
	}
	return nil
}

// comparePeak warns where BANDWIDTH promises less than the files need: players choose by BANDWIDTH and will stall.
func (o *opener) comparePeak(variant int, v Variant) {
	// RFC 8216 section 4.3.4.2 asks for an upper bound; a tenth is what packagers' rounding takes.
	if peak, _ := o.bitrates(variant); float64(peak) > 1.1*float64(v.Bandwidth) {
		o.warn("%s: BANDWIDTH is %d, but the files peak at %d bit/s; players will choose it too early", o.display(v.URI), v.Bandwidth, peak)
	}
}

func (o *opener) bitrates(track int) (peak, average int64) {
	return measureBitrates(o.tracks[track].segments, o.stream.tracks[track].target)
}

// measureBitrates gives the peak segment bit rate, the largest of any run of segments that lasts between half and one and a half
// target durations, and the average segment bit rate (RFC 8216 section 4.1). A short leftover at the end counts for nothing by
// itself, which is why the naive maximum over segments will not do.
func measureBitrates(segments []folderSegment, target time.Duration) (peak, average int64) {
	var total int64
	var length time.Duration
	for i, s := range segments {
		total += s.size
		length += s.duration
		var size int64
		var d time.Duration
		for _, next := range segments[i:] {
			size += next.size
			d += next.duration
			if d > target*3/2 {
				break
			}
			if d >= target/2 {
				peak = max(peak, bitrate(size, d))
			}
		}
	}
	average = bitrate(total, length)
	return max(peak, average), average
}

func bitrate(size int64, d time.Duration) int64 {
	return max(int64(math.Ceil(float64(size)*8/d.Seconds())), 1)
}
