package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"swarmlab/scenarios"
	"swarmlab/sim"
	"swarmlab/sim/browser"
	"swarmlab/sim/serve"
)

// unseen has a page wait for its start and draw nothing. Nobody looks at it, and pictures and charts that are drawn without a graphics
// processor take from what is measured.
const unseen = "?start=no&show=no"

// shell is Debian's build of Chromium without windows: the same pages, media, network and WebRTC, and none of the interface's own pages, which are
// there although nobody sees them and take their share of the processors whenever a page is opened.
const shell = "chromium-headless-shell"

// inBrowsers runs a case with real pages, each with a cache of its own, in one Chromium.
func inBrowsers(ctx context.Context, c calibration, n int) (_ measures, err error) {
	s, err := c.scenario(n)
	if err != nil {
		return measures{}, err
	}
	executable, err := browser.Find(shell)
	if err != nil {
		return measures{}, err
	}
	running, err := browser.Launch(ctx, browser.Options{Executable: executable})
	if err != nil {
		return measures{}, err
	}
	defer func() { err = errors.Join(err, running.Close()) }()
	stream, err := sim.OpenStream(s)
	if err != nil {
		return measures{}, err
	}
	defer stream.Close()
	server, err := serve.Start(s, stream, serve.Options{Listen: "127.0.0.1:0"})
	if err != nil {
		return measures{}, err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	urls, _ := server.URLs()
	start := time.Now()
	audience := inOrder(s)
	pages, err := open(ctx, running, urls.Page+unseen, len(audience))
	if err != nil {
		return measures{}, err
	}
	if err := rehearse(ctx, s, pages); err != nil {
		return measures{}, err
	}
	return watch(ctx, s, audience, pages, server, late(s, time.Since(start)))
}

// late is how much later than planned everybody comes, because the pages took so long to open: a whole number of segments, so that
// the phase of a live stream's publication stays what the scenario says.
func late(s *scenarios.Scenario, opening time.Duration) time.Duration {
	segment := s.Stream.SegmentDuration.Std()
	return -opening + (opening + segment).Truncate(segment)
}

// open opens so many pages of which nobody is told anything.
func open(ctx context.Context, in *browser.Browser, address string, n int) ([]*browser.Page, error) {
	var pages []*browser.Page
	for range n {
		p, err := in.Open(ctx, address)
		if err != nil {
			return nil, err
		}
		if err := p.Quiet(ctx); err != nil {
			return nil, err
		}
		pages = append(pages, p)
	}
	return pages, nil
}

// watch starts the pages when the audience comes, and reads them when the run ends.
func watch(ctx context.Context, s *scenarios.Scenario, audience []scenarios.Viewer, pages []*browser.Page, server *serve.Server,
	offset time.Duration,
) (m measures, err error) {
	began := time.Now().Add(offset)
	work := make(chan *float64, 1)
	first, last := audience[0].JoinAt, audience[len(audience)-1].JoinAt
	go func() { work <- busy(ctx, began.Add(first), last-first+meeting) }()
	for i, viewer := range audience {
		if err := until(ctx, began.Add(viewer.JoinAt)); err != nil {
			return m, err
		}
		if err := pages[i].Start(ctx); err != nil {
			return m, err
		}
	}
	if err := until(ctx, began.Add(s.Run.Duration.Std())); err != nil {
		return m, err
	}
	snapshots, err := read(ctx, pages)
	if err != nil {
		return m, err
	}
	m = summed(snapshots)
	if m.IntroducedMs, err = introduced(ctx, pages); err != nil {
		return m, err
	}
	m.Busy = <-work
	m.Copies = server.Stats().Origin.CopiesPerSegment
	return m, nil
}

func read(ctx context.Context, pages []*browser.Page) ([]browser.Snapshot, error) {
	var snapshots []browser.Snapshot
	for i, p := range pages {
		snapshot, err := p.Snapshot(ctx)
		if err != nil {
			return nil, err
		}
		if said := p.Console(); len(said) > 0 {
			return nil, fmt.Errorf("page %d complains: %q", i, said)
		}
		snapshots = append(snapshots, snapshot)
	}
	return snapshots, nil
}

func summed(snapshots []browser.Snapshot) (m measures) {
	var http, p2p int64
	var firstPeer, startup []float64
	for _, s := range snapshots {
		http, p2p = http+s.Bytes.HTTP, p2p+s.Bytes.P2P
		m.HTTP += float64(s.Segments.HTTP)
		m.P2P += float64(s.Segments.P2P)
		m.Stalls += float64(s.Stalls)
		m.Connections += float64(s.PeersSeen) / 2 // each has two ends
		if s.TimeToFirstPeerMs != nil {
			firstPeer = append(firstPeer, *s.TimeToFirstPeerMs)
		}
		if s.StartupMs != nil {
			startup = append(startup, *s.StartupMs)
		}
	}
	if http+p2p > 0 {
		m.Ratio = float64(p2p) / float64(http+p2p)
	}
	m.FirstPeerMs, m.StartupMs = typical(firstPeer), typical(startup)
	return m
}

// introduced is a typical page's time from its first request for a segment to its first peer.
func introduced(ctx context.Context, pages []*browser.Page) (float64, error) {
	var spans []float64
	for _, p := range pages {
		events, err := p.Events(ctx)
		if err != nil {
			return 0, err
		}
		requested := slices.IndexFunc(events, func(e browser.Event) bool { return e.Kind == "onSegmentStart" })
		connected := slices.IndexFunc(events, func(e browser.Event) bool { return e.Kind == "onPeerConnect" })
		if requested >= 0 && connected >= 0 {
			spans = append(spans, events[connected].Ms-events[requested].Ms)
		}
	}
	return typical(spans), nil
}

func until(ctx context.Context, t time.Time) error {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
