package report

import (
	"cmp"
	"slices"
	"strings"

	"swarmlab/results"
)

// comparison sets viewers side by side who differ in one thing.
type comparison struct {
	By   string
	Rows []groupRow
	// Others counts groups that are not shown, and their viewers.
	Others, OtherViewers int
}

// groupRow is the viewers of one group as one. Ratios are of sums, not means of ratios.
type groupRow struct {
	Name                               string
	Viewers, NeverStarted, Stalled     int
	P2PRatio, StallRatio, GivenPerTook float64
	Took                               int64 // useful bytes from peers
	HTTPPerViewer                      int64
	Startup, FirstPeer, HTTP, P2P      quantiles
	Connections                        float64
}

// quantiles are of a group's times, in ms; nil if there are none, or if they were not recorded by group.
type quantiles struct{ P50, P95 *float64 }

// mostGroups keeps a comparison readable; the largest groups are shown.
const mostGroups = 20

// dimension is one of the things in which viewers differ.
type dimension struct {
	name string
	of   func(p *results.PeerRow) string
}

var dimensions = []dimension{
	{"group", func(p *results.PeerRow) string { return p.Group }},
	{"link", func(p *results.PeerRow) string { return p.Link }},
	{"NAT", func(p *results.PeerRow) string { return p.NAT }},
	{"region", func(p *results.PeerRow) string { return p.Region }},
}

// comparisons are by each thing in which viewers differ. alike says in what they do not.
func comparisons(r *results.Result) (out []comparison, alike []string) {
	for _, d := range dimensions {
		groups := map[string][]*results.PeerRow{}
		for i := range r.Peers {
			name := printable(d.of(&r.Peers[i]))
			groups[name] = append(groups[name], &r.Peers[i])
		}
		switch {
		case len(groups) > 1:
			out = append(out, compareGroups(r, d, groups))
		case len(r.Peers) > 0 && printable(d.of(&r.Peers[0])) != "":
			alike = append(alike, d.name+" "+printable(d.of(&r.Peers[0])))
		}
	}
	return out, alike
}

func compareGroups(r *results.Result, d dimension, groups map[string][]*results.PeerRow) comparison {
	c := comparison{By: d.name}
	for name, peers := range groups { // sorted below
		g := groupOf(name, peers)
		g.times(r.Cohorts, func(cohort results.Cohort) bool {
			like := results.PeerRow{Group: cohort.Group, Link: cohort.Link, NAT: cohort.NAT, Region: cohort.Region}
			return printable(d.of(&like)) == name
		})
		if name == "" {
			g.Name = "none"
		}
		c.Rows = append(c.Rows, g)
	}
	slices.SortFunc(c.Rows, func(a, b groupRow) int {
		return cmp.Or(cmp.Compare(b.Viewers, a.Viewers), strings.Compare(a.Name, b.Name))
	})
	if len(c.Rows) > mostGroups {
		for _, g := range c.Rows[mostGroups:] {
			c.Others++
			c.OtherViewers += g.Viewers
		}
		c.Rows = c.Rows[:mostGroups]
	}
	return c
}

func groupOf(name string, peers []*results.PeerRow) groupRow {
	g := groupRow{Name: name, Viewers: len(peers)}
	var http, uploaded int64
	var stalled, watched float64
	for _, p := range peers {
		g.Took += p.P2PBytes
		http += p.HTTPBytes
		uploaded += p.UploadedBytes
		stalled += p.StalledSeconds
		watched += p.WatchedSeconds
		g.Connections += p.MeanConnections
		if p.Stalls > 0 {
			g.Stalled++
		}
		if p.StartupMs == nil {
			g.NeverStarted++
		}
	}
	g.P2PRatio = part(float64(g.Took), float64(g.Took+http))
	g.StallRatio = part(stalled, watched)
	if stalled > 0 && watched == 0 {
		g.StallRatio = 1 // as in the summary
	}
	g.GivenPerTook = part(float64(uploaded), float64(g.Took))
	g.HTTPPerViewer = http / int64(len(peers))
	g.Connections /= float64(len(peers))
	return g
}

// times are the group's distributions, put together from the cohorts in it.
func (g *groupRow) times(cohorts []results.Cohort, in func(results.Cohort) bool) {
	var all results.Histograms
	for _, c := range cohorts {
		if in(c) {
			all.StartupMs = all.StartupMs.Merge(c.Histograms.StartupMs)
			all.TimeToFirstPeerMs = all.TimeToFirstPeerMs.Merge(c.Histograms.TimeToFirstPeerMs)
			all.HTTPLatencyMs = all.HTTPLatencyMs.Merge(c.Histograms.HTTPLatencyMs)
			all.P2PLatencyMs = all.P2PLatencyMs.Merge(c.Histograms.P2PLatencyMs)
		}
	}
	g.Startup, g.FirstPeer = quantilesOf(all.StartupMs), quantilesOf(all.TimeToFirstPeerMs)
	g.HTTP, g.P2P = quantilesOf(all.HTTPLatencyMs), quantilesOf(all.P2PLatencyMs)
}

func quantilesOf(h results.Histogram) quantiles {
	if h.Count == 0 {
		return quantiles{}
	}
	p50, p95 := h.Quantile(0.50), h.Quantile(0.95)
	return quantiles{&p50, &p95}
}

// part is a / of, and 0 of nothing.
func part(a, of float64) float64 {
	if of == 0 {
		return 0
	}
	return a / of
}
