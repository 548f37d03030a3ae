package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"swarmlab/scenarios"
)

// A calibration case is a scenario of viewers on one machine, without any link between them to speak of.
type calibration struct {
	name, what string
	stream     string
	sets       []string
}

// The streams of the cases. Segments are as large as those of the first measurements with real browsers: 204 kB and 102 kB. The picture is
// small, since it is decoded and drawn without a graphics processor, by those that connect at the same time.
const (
	vod  = `{kind: vod, segmentDuration: 4s, length: 160s, variants: [{bandwidth: 408000, resolution: 64x36}]}`
	live = `{kind: live, segmentDuration: 2s, window: 8, variants: [{bandwidth: 408000, resolution: 64x36}]}`
	six  = `{kind: live, segmentDuration: 6s, window: 6, variants: [{bandwidth: 408000, resolution: 64x36}]}`
)

// What goes from one process of a machine to another does not wait for a millisecond, as the packet tier has it otherwise.
//
// But for the cases that say so, viewers come within a second or two and not all at once: a page that comes wants a tenth of a second of a
// processor, and four in one tenth of a second make each other wait for two. That would measure this machine: no viewer shares his.
const everybody = `
network: {grid: 100us}
peers: {count: 4, arrival: {kind: stagger, gap: 300ms, jitter: 100ms}, groups: [{name: page, link: unlimited, region: lab}]}
origin: {link: unlimited, region: lab}
ice: {stun: false}
`

// cases cover VOD and live, joining together, one every 0.3 s, one every 3 s and anyhow, the library's defaults and each of the settings
// that people turn first.
var cases = []calibration{
	{"vod-2", "VOD 40 x 4 s, defaults, 2", vod, []string{"peers.count=2"}},
	{"vod-4", "VOD, defaults, 4", vod, nil},
	{"vod-2-together", "VOD, defaults, 2 together", vod, []string{"peers.count=2", "peers.arrival={kind: together, jitter: 100ms}"}},
	{"vod-4-together", "VOD, defaults, 4 together", vod, []string{"peers.arrival={kind: together, jitter: 100ms}"}},
	{"vod-4-spread", "VOD, defaults, 4 within 4 s", vod, []string{"peers.arrival={kind: together, jitter: 4s}"}},
	{"vod-6", "VOD, defaults, 6", vod, []string{"peers.count=6"}},
	{"vod-4-staggered", "VOD, defaults, 4, one every 3 s", vod, []string{"peers.arrival.gap=3s"}},
	{"vod-4-hdtw-30", "VOD, highDemandTimeWindow 30, 4", vod, []string{"p2pml.core.highDemandTimeWindow=30"}},
	{"vod-4-p2p-1", "VOD, simultaneousP2PDownloads 1, 4", vod, []string{"p2pml.core.simultaneousP2PDownloads=1"}},
	{"vod-4-http-window-90", "VOD, httpDownloadTimeWindow 90, 4", vod, []string{"p2pml.core.httpDownloadTimeWindow=90"}},
	{"vod-4-p2p-window-60", "VOD, p2pDownloadTimeWindow 60, 4", vod, []string{"p2pml.core.p2pDownloadTimeWindow=60"}},
	{"live-4", "live 8 x 2 s, defaults, 4", live, nil},
	{"live-4-hdtw-4", "live 8 x 2 s, highDemandTimeWindow 4, simultaneousP2PDownloads 5, 4", live,
		[]string{"p2pml.core.highDemandTimeWindow=4", "p2pml.core.simultaneousP2PDownloads=5"}},
	{"live-6-hdtw-4-staggered", "live 8 x 2 s, the same, 6, one every 3 s", live,
		[]string{"peers.count=6", "p2pml.core.highDemandTimeWindow=4", "p2pml.core.simultaneousP2PDownloads=5",
			"peers.arrival.gap=3s"}},
	{"live-6-hdtw-4.5-staggered", "live 8 x 2 s, the same with highDemandTimeWindow 4.5, which is no whole number of segments", live,
		[]string{"peers.count=6", "p2pml.core.highDemandTimeWindow=4.5", "p2pml.core.simultaneousP2PDownloads=5",
			"peers.arrival.gap=3s"}},
	{"live-4-6s", "live 6 x 6 s, defaults, 4", six, nil},
}

// stay is how long each case lasts after the last viewer came: a VOD is in every viewer's storage after 20 s, and a live stream
// shows a rhythm after some segments.
func (c calibration) stay() time.Duration {
	if c.stream == vod {
		return 25 * time.Second
	}
	return 50 * time.Second
}

// scenario is the n-th run's. Everybody comes at another phase of a live stream's publication each time.
func (c calibration) scenario(n int) (*scenarios.Scenario, error) {
	s, err := scenarios.Parse(c.name, []byte("stream: "+c.stream+everybody))
	if err != nil {
		return nil, err
	}
	at := 2*time.Second + time.Duration(n)*730*time.Millisecond
	sets := append([]string{fmt.Sprintf("run.seed=%d", n+1), fmt.Sprintf("peers.arrival.at=%v", at), "name=" + c.name}, c.sets...)
	if err := s.SetAll(append(sets, "run.duration=10m")); err != nil {
		return nil, err
	}
	audience := inOrder(s)
	end := audience[len(audience)-1].JoinAt + c.stay()
	return s, s.SetAll([]string{fmt.Sprintf("run.duration=%v", end.Round(time.Second))})
}

// inOrder is the audience in the order in which it comes.
func inOrder(s *scenarios.Scenario) []scenarios.Viewer {
	audience := scenarios.Audience(s, s.Run.Seed)
	slices.SortStableFunc(audience, func(a, b scenarios.Viewer) int { return cmp.Compare(a.JoinAt, b.JoinAt) })
	return audience
}
