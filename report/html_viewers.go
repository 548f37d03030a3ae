package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"swarmlab/results"
)

// The table of viewers. The page has the first rows as HTML, so that something is there without a script and before it has run;
// all rows are in the page's data, and the script sorts, filters and turns the pages.

const (
	// pageRows is how many rows are shown at a time: more are slow to lay out, and nobody reads them.
	pageRows = 100
	// mostRows is how many viewers a page can have. Of a larger audience it has those who fared worst; peers.csv has them all.
	mostRows = 10_000
)

// viewerColumn is a column of the table. Kind says how a value is written, by viewerCell here and by the script there.
type viewerColumn struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	Kind  string `json:"kind"`
	// Wide columns are left out on paper and on a telephone.
	Wide bool `json:"wide,omitempty"`
	of   func(p *results.PeerRow) any
}

// The kinds of columns.
const (
	kindText    = "text"
	kindRatio   = "ratio"
	kindBytes   = "bytes"
	kindCount   = "count"
	kindMs      = "ms"
	kindSeconds = "s"
	kindClock   = "clock"
	kindIntact  = "intact"
)

func viewerColumns(live bool) []viewerColumn {
	type row = results.PeerRow
	all := []viewerColumn{
		{"name", "viewer", kindText, false, func(p *row) any { return printable(p.Name) }},
		{"group", "group", kindText, false, func(p *row) any { return printable(p.Group) }},
		{"link", "link", kindText, false, func(p *row) any { return printable(p.Link) }},
		{"nat", "NAT", kindText, false, func(p *row) any { return printable(p.NAT) }},
		{"region", "region", kindText, true, func(p *row) any { return printable(p.Region) }},
		{"p2pRatio", "P2P ratio", kindRatio, false, func(p *row) any { return p.P2PRatio }},
		{"p2pBytes", "P2P", kindBytes, false, func(p *row) any { return p.P2PBytes }},
		{"httpBytes", "HTTP", kindBytes, false, func(p *row) any { return p.HTTPBytes }},
		{"uploadedBytes", "uploaded", kindBytes, false, func(p *row) any { return p.UploadedBytes }},
		{"wastedBytes", "wasted", kindBytes, true, func(p *row) any { return p.WastedBytes }},
		{"startupMs", "startup", kindMs, false, func(p *row) any { return number(p.StartupMs) }},
		{"stalls", "stalls", kindCount, false, func(p *row) any { return p.Stalls }},
		{"stalledSeconds", "stalled", kindSeconds, false, func(p *row) any { return p.StalledSeconds }},
		{"watchedSeconds", "watched", kindClock, false, func(p *row) any { return p.WatchedSeconds }},
		{"timeToFirstPeerMs", "first peer", kindMs, false, func(p *row) any { return number(p.TimeToFirstPeerMs) }},
		{"connections", "connections", kindCount, false, func(p *row) any { return p.Connections }},
		{"httpLatencyP50Ms", "HTTP p50", kindMs, true, func(p *row) any { return number(p.HTTPLatencyP50Ms) }},
		{"p2pLatencyP50Ms", "P2P p50", kindMs, true, func(p *row) any { return number(p.P2PLatencyP50Ms) }},
		{"joinedSeconds", "joined", kindClock, true, func(p *row) any { return p.JoinedSeconds }},
		{"leftSeconds", "left", kindClock, true, func(p *row) any { return number(p.LeftSeconds) }},
		{"errors", "errors", kindCount, true, func(p *row) any { return p.Errors }},
		{"fullyDelivered", "intact", kindIntact, false, func(p *row) any { return p.FullyDelivered }},
	}
	if live {
		latency := viewerColumn{"liveLatencyMs", "live latency", kindMs, true, func(p *row) any { return number(p.LiveLatencyMs) }}
		all = slices.Insert(all, 11, latency)
	}
	return all
}

// usefulColumns leaves out what all viewers have in common: the page says it once.
func usefulColumns(columns []viewerColumn, peers []results.PeerRow) []viewerColumn {
	return slices.DeleteFunc(columns, func(c viewerColumn) bool {
		if c.Kind != kindText || c.Key == "name" || len(peers) == 0 {
			return false
		}
		first := c.of(&peers[0])
		return !slices.ContainsFunc(peers, func(p results.PeerRow) bool { return c.of(&p) != first })
	})
}

// number is nil, not a pointer to nothing, if there is none.
func number(x *float64) any {
	if x == nil {
		return nil
	}
	return *x
}

// viewersPage is the table of viewers.
type viewersPage struct {
	Columns []viewerColumn
	First   [][]viewerCell
	Total   int // viewers there were
	Kept    int // of those, in the page
	Filters []viewerFilter
	Ratios  chart
	data    *viewersData
}

// viewerFilter chooses viewers by a column.
type viewerFilter struct {
	Column, Title string
	Values        []string
}

// viewersData is in the page as JSON.
type viewersData struct {
	Columns []viewerColumn `json:"columns"`
	Rows    [][]any        `json:"rows"`
	Page    int            `json:"page"`
}

// viewerCell is a value as it is written.
type viewerCell struct {
	Text     string
	Left     bool // text, not a figure
	Wide     bool
	Bad      bool
	RowTitle bool
}

func viewersOf(r *results.Result) viewersPage {
	rows := keptRows(r.Peers)
	p := viewersPage{Columns: usefulColumns(viewerColumns(r.Run.Live), r.Peers), Total: len(r.Peers), Kept: len(rows), Ratios: ratioChart(r)}
	p.data = &viewersData{Columns: p.Columns, Page: pageRows, Rows: make([][]any, len(rows))}
	for i, row := range rows {
		values := make([]any, len(p.Columns))
		for j, c := range p.Columns {
			values[j] = c.of(row)
		}
		p.data.Rows[i] = values
		if i < pageRows {
			p.First = append(p.First, viewerCells(p.Columns, values))
		}
	}
	for i, c := range p.Columns[1:] {
		if values := distinctTexts(p.data.Rows, i+1); c.Kind == kindText && len(values) > 1 && len(values) <= 200 {
			p.Filters = append(p.Filters, viewerFilter{c.Key, c.Title, values})
		}
	}
	return p
}

// keptRows are all rows in their order, or, of too many, those who fared worst: no picture, then the longest stalls, then the
// lowest ratio.
func keptRows(peers []results.PeerRow) []*results.PeerRow {
	rows := make([]*results.PeerRow, len(peers))
	for i := range peers {
		rows[i] = &peers[i]
	}
	if len(rows) <= mostRows {
		return rows
	}
	started := func(p *results.PeerRow) int {
		if p.StartupMs == nil {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(rows, func(a, b *results.PeerRow) int {
		return cmp.Or(started(a)-started(b), cmp.Compare(b.StalledSeconds, a.StalledSeconds), cmp.Compare(a.P2PRatio, b.P2PRatio))
	})
	return rows[:mostRows]
}

func distinctTexts(rows [][]any, column int) []string {
	seen := map[string]bool{}
	var out []string
	for _, r := range rows {
		if s, ok := r[column].(string); ok && !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}

func viewerCells(columns []viewerColumn, values []any) []viewerCell {
	cells := make([]viewerCell, len(columns))
	for i, c := range columns {
		cells[i] = viewerCell{Text: viewerText(c.Kind, values[i]), Left: c.Kind == kindText, Wide: c.Wide, RowTitle: i == 0}
		cells[i].Bad = c.Kind == kindIntact && values[i] == false
	}
	return cells
}

// viewerText writes a value as the script does; a test holds the two together.
func viewerText(kind string, value any) string {
	switch v := value.(type) {
	case nil:
		return "–"
	case string:
		return v
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case int64:
		if kind == kindBytes {
			return bytesText(v)
		}
		return count(v)
	case float64:
		switch kind {
		case kindRatio:
			return percent(v)
		case kindMs:
			return msText(v)
		case kindClock:
			return clockText(v)
		default:
			return secondsText(v)
		}
	}
	return fmt.Sprint(value)
}

// ratioChart shows how viewers spread over the P2P ratio.
func ratioChart(r *results.Result) chart {
	c := chart{Name: "ratios", Title: "P2P ratio of each viewer", XLabel: "P2P ratio", YLabel: "viewers"}
	heights := make([]float64, ratioBins)
	n := 0
	for _, p := range r.Peers {
		if p.P2PBytes+p.HTTPBytes == 0 {
			continue // loaded nothing, so there is no ratio
		}
		heights[min(ratioBins-1, max(0, int(p.P2PRatio*ratioBins)))]++
		n++
	}
	if n == 0 {
		c.Empty = "No viewer loaded anything, so nobody has a ratio."
		return c
	}
	edges := make([]float64, ratioBins+1)
	for i := range edges {
		edges[i] = float64(i) / ratioBins
	}
	lowest, highest := math.Inf(1), 0.0
	for _, p := range r.Peers {
		if p.P2PBytes+p.HTTPBytes > 0 {
			lowest, highest = min(lowest, p.P2PRatio), max(highest, p.P2PRatio)
		}
	}
	c.Alt = fmt.Sprintf("%s: from %s to %s.", c.Title, percent(lowest), percent(highest))
	return bars(c, edges, heights, scale{0, 1, false}.ticks(niceTicks{most: 10, label: percentLabel}))
}
