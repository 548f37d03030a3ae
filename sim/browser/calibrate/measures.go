package main

import (
	"fmt"
	"slices"
)

// measures are what one run gave, the same for real and virtual viewers.
type measures struct {
	Ratio  float64 // P2P bytes / all bytes, by chunks
	Copies float64 // origin bytes / bytes of the distinct segments
	HTTP   float64 // segments by the source of their last byte
	P2P    float64
	// IntroducedMs is from the first segment's request, which is when a viewer first announces itself, to the first peer; FirstPeerMs
	// is from joining, with all that a browser does before the first request: compiling the libraries, making the player. That is
	// the machine's processors, and is modelled by nobody. Virtual viewers do it in no time, so both are the same. Typical viewers'.
	IntroducedMs float64
	FirstPeerMs  float64
	StartupMs    float64 // likewise
	Connections  float64
	Stalls       float64
	Busy         *float64 // share of the machine's processors in use while pages met, where it is known
}

func (m measures) String() string {
	return fmt.Sprintf("ratio %.3f, copies %.2f, segments %.0f http %.0f p2p, first peer %.0f (%.0f) ms, startup %.0f ms, %.0f connections, %.0f stalls",
		m.Ratio, m.Copies, m.HTTP, m.P2P, m.IntroducedMs, m.FirstPeerMs, m.StartupMs, m.Connections, m.Stalls)
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

// typical is the lower of the two in the middle where there is no middle. The first viewer meets nobody before the second has come,
// and of two it is the second whose time tells something. It is 0 of nothing.
func typical(of []float64) float64 {
	if len(of) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(of))[(len(of)-1)/2]
}
