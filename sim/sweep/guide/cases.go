package main

import (
	"fmt"
	"slices"

	"swarmlab/results"
	"swarmlab/scenarios"
)

// stream is what an audience watches, and the space that is searched for it.
type stream struct {
	name, title string
	preset      string
	sets        []string
	axes        []results.Axis
	// audiences are the only ones that the stream is run with; nil: those that the command line names.
	audiences []int
	// stumbles: the lines do, so stalls decide. The flow tier sees fewer of those than packets have, and may pick what packets refuse.
	stumbles bool
}

// origin is a CDN: it grows with the audience. At the preset's 1 Gbit/s, 3,000 viewers who come within half a minute would measure the
// queue at the origin and not the settings.
const origin = "origin.link={preset: origin, down: unlimited, up: unlimited}"

// stumbling lines are those of netem's lte-congested; nothing else is changed, so that it is the lines that a difference comes from.
const (
	stumbling       = "lte-congested"
	stumblingGroups = "peers.groups[0].link=" + stumbling
)

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

var vod = stream{name: "vod", title: "VOD, 160 s in segments of 4 s", preset: "vod", axes: vodAxes}

// onMobile is the stream for a hundred viewers on mobile lines in a crowd, with high-demand windows to match: what is short there stalls.
func (s stream) onMobile(windows ...string) stream {
	s.name, s.title = s.name+"-mobile", s.title+", congested mobile lines"
	s.sets = append(slices.Clone(s.sets), stumblingGroups)
	s.audiences, s.stumbles = []int{100}, true
	s.axes = slices.Clone(s.axes)
	s.axes[0].Values = windows
	return s
}

// streams are from the shortest window to none, the good lines first.
var streams = []stream{
	live(4, 2), live(8, 2), live(6, 6), live(12, 6), vod,
	live(6, 6).onMobile("1", "4", "8", "12", "15"), vod.onMobile("2", "5", "10", "15"),
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
	sets := append([]string{fmt.Sprintf("peers.count=%d", c.viewers), fmt.Sprintf("run.seed=%d", seed), "name=" + c.id(), origin}, c.sets...)
	return s, s.SetAll(sets)
}

// course is how a case is worked on.
type course struct {
	searchSeeds int // of the grid; 0: the audience is too large for one, and the grid of the next smaller one serves
	// candidates are the best of the grid, each with another high-demand window. They are tried beside the defaults as they will be
	// judged, and the best of them is judged. 0: the grid's best is judged at once.
	candidates, candidateSeeds int
	tier                       string // of candidates and judgement
	seeds                      int    // of the judgement
}

// course has many seeds where a run is cheap and says little, and few where it averages over thousands of viewers by itself. tier is
// what the command line asks for; auto is packets where they decide, or cost next to nothing. A run of 10,000 viewers takes one to three
// minutes of CPU, one of 100 on stumbling lines takes a minute and a half in the packet tier: seven and twelve of them are what fits.
func (c guideCase) course(tier string) course {
	switch {
	case c.viewers > 3000:
		return course{candidates: 2, candidateSeeds: 1, tier: orElse(tier, "flow"), seeds: 2}
	case c.viewers > mostInGrid:
		return course{candidates: 3, candidateSeeds: 1, tier: orElse(tier, "flow"), seeds: 5}
	case c.stumbles:
		return course{searchSeeds: 4, candidates: 3, candidateSeeds: 1, tier: orElse(tier, "packet"), seeds: 4}
	case c.viewers <= 30:
		return course{searchSeeds: 8, tier: orElse(tier, "packet"), seeds: 12}
	}
	return course{searchSeeds: 4, tier: orElse(tier, "flow"), seeds: 8}
}

// mostInGrid is the largest audience that a grid is run with.
const mostInGrid = 300

const auto = "auto"

func orElse(tier, automatic string) string {
	if tier == auto {
		return automatic
	}
	return tier
}

// Where the seeds of each part begin: no part sees another one's.
const (
	searchSeed    = 1
	candidateSeed = 501
	judgeSeed     = 1001
)
