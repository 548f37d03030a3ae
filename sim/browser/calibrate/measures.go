package main

import (
	"fmt"
	"slices"
)

// measures are what one run gave, the same for real and virtual viewers.
type measures struct {
	ratio     float64 // P2P bytes / all bytes, by chunks
	copies    float64 // origin bytes / bytes of the distinct segments
	http, p2p float64 // segments by the source of their last byte
	// introducedMs is from the first segment's request, which is when a viewer first announces itself, to the first peer; firstPeerMs
	// is from joining, with all that a browser does before the first request: compiling the libraries, making the player. That is
	// the machine's processors, and is modelled by nobody. Virtual viewers do it in no time, so both are the same. Medians over viewers.
	introducedMs, firstPeerMs float64
	startupMs                 float64 // likewise
	connections               float64
	stalls                    float64
	busy                      float64 // share of the machine's processors in use while pages that came together met; NaN: not known
}

func (m measures) String() string {
	return fmt.Sprintf("ratio %.3f, copies %.2f, segments %.0f http %.0f p2p, first peer %.0f (%.0f) ms, startup %.0f ms, %.0f connections, %.0f stalls",
		m.ratio, m.copies, m.http, m.p2p, m.introducedMs, m.firstPeerMs, m.startupMs, m.connections, m.stalls)
}

// median is 0 of nothing.
func median(of []float64) float64 {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
