package main

import (
	"fmt"

	"swarmlab/results"
	"swarmlab/scenarios"
)

// stream is what an audience watches, and the space that is searched for it.
type stream struct {
	name, title string
	preset      string
	sets        []string
	axes        []results.Axis
}

const core = "p2pml.core."

// The spaces. Every axis has the library's default, so that the defaults are among the combinations. For live, 30 s instead of 6000 and 10 s
// instead of 3000 are the only ones that differ from the default at all: playlists reach no further. The high-demand window goes down to
// 1 s, half of the shortest segment.
var (
	liveAxes = []results.Axis{
		{Path: core + "highDemandTimeWindow", Values: []string{"1", "2", "4", "8", "15"}},
		{Path: core + "simultaneousP2PDownloads", Values: []string{"3", "6"}},
		{Path: core + "httpDownloadTimeWindow", Values: []string{"10", "3000"}},
		{Path: core + "p2pDownloadTimeWindow", Values: []string{"30", "6000"}},
	}
	vodAxes = []results.Axis{
		{Path: core + "highDemandTimeWindow", Values: []string{"2", "5", "10", "15"}},
		{Path: core + "simultaneousP2PDownloads", Values: []string{"3", "6"}},
		{Path: core + "httpDownloadTimeWindow", Values: []string{"15", "60", "3000"}},
		{Path: core + "p2pDownloadTimeWindow", Values: []string{"60", "6000"}},
	}
)

func live(segments, seconds int) stream {
	return stream{
		name: fmt.Sprintf("live-%dx%ds", segments, seconds), title: fmt.Sprintf("Live, %d segments of %d s", segments, seconds), preset: "live",
		sets: []string{fmt.Sprintf("stream.window=%d", segments), fmt.Sprintf("stream.segmentDuration=%ds", seconds)}, axes: liveAxes,
	}
}

// streams are from the shortest window to none.
var streams = []stream{
	live(4, 2), live(8, 2), live(6, 6), live(12, 6),
	{name: "vod", title: "VOD, 160 s in segments of 4 s", preset: "vod", axes: vodAxes},
}

// guideCase is a stream and an audience.
type guideCase struct {
	stream
	viewers int
}

func (c guideCase) id() string { return fmt.Sprintf("%s-%d", c.name, c.viewers) }

// scenario is the preset with the case's stream and audience; extra are further settings.
func (c guideCase) scenario(seed uint64) (*scenarios.Scenario, error) {
	s, err := scenarios.Load(c.preset)
	if err != nil {
		return nil, err
	}
	sets := append([]string{fmt.Sprintf("peers.count=%d", c.viewers), fmt.Sprintf("run.seed=%d", seed), "name=" + c.id()}, c.sets...)
	return s, s.SetAll(sets)
}

// searchSeeds are many where a run is cheap and says little, and few where it averages over thousands of viewers by itself.
func (c guideCase) searchSeeds() int {
	switch {
	case c.viewers <= 30:
		return 8
	case c.viewers <= 300:
		return 4
	case c.viewers <= 3000:
		return 2
	}
	return 1
}

// judge says in which tier, and with how many fresh seeds. tier is what the command line asks for; auto is packets where they are
// affordable.
func (c guideCase) judge(tier string) (string, int) {
	switch {
	case c.viewers <= 30:
		return orElse(tier, "packet"), 12
	case c.viewers <= 300:
		return orElse(tier, "packet"), 5
	case c.viewers <= 3000:
		return orElse(tier, "flow"), 5
	}
	return orElse(tier, "flow"), 3
}

const auto = "auto"

func orElse(tier, automatic string) string {
	if tier == auto {
		return automatic
	}
	return tier
}

// firstFreshSeed is where seeds begin that no grid used.
const firstFreshSeed = 1001
