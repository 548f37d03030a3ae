package report

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"swarmlab/results"
)

// trio is three viewers in two groups, for figures by hand.
func trio() *results.Result {
	ms := func(x float64) *float64 { return &x }
	r := &results.Result{Schema: results.Schema}
	r.Peers = []results.PeerRow{
		{Name: "a", Group: "home", Link: "cable", NAT: "open", Region: "eu", Uploads: true, P2PBytes: 100, HTTPBytes: 300, UploadedBytes: 600,
			StartupMs: ms(200), WatchedSeconds: 10, MeanConnections: 2},
		{Name: "b", Group: "home", Link: "dsl", NAT: "open", Region: "eu", Uploads: true, P2PBytes: 300, HTTPBytes: 100, UploadedBytes: 200,
			StartupMs: ms(400), TimeToFirstPeerMs: ms(900), WatchedSeconds: 30, Stalls: 2, StalledSeconds: 4, MeanConnections: 1},
		{Name: "c", Group: "office", Link: "cable", NAT: "open", Region: "eu", HTTPBytes: 50, StalledSeconds: 3, Stalls: 1},
	}
	r.Summary = results.Summary{Peers: 3, P2PBytes: 400, HTTPBytes: 450}
	times := func(upTo ...float64) (h results.Histograms) {
		for _, x := range upTo {
			h.HTTPLatencyMs.Count++
			h.HTTPLatencyMs.Buckets = append(h.HTTPLatencyMs.Buckets, results.Bucket{UpTo: x, Count: 1})
		}
		return h
	}
	r.Cohorts = []results.Cohort{
		{Group: "home", Link: "cable", NAT: "open", Region: "eu", Viewers: 1, Histograms: times(10, 30)},
		{Group: "home", Link: "dsl", NAT: "open", Region: "eu", Viewers: 1, Histograms: times(20, 40, 50)},
		{Group: "office", Link: "cable", NAT: "open", Region: "eu", Viewers: 1},
	}
	r.Overlay = &results.Overlay{
		Pairs: 2, GivingPairs: 1, Bytes: 400,
		Degrees:    []results.Tally{{Of: 1, Count: 2}, {Of: 2, Count: 1}},
		Components: []results.Tally{{Of: 3, Count: 1}},
		Links:      []results.OverlayLink{{A: 0, B: 1, AToB: 300, BToA: 100}, {A: 0, B: 2}},
	}
	return r
}

func TestGroupsByHand(t *testing.T) {
	got, alike := comparisons(trio())
	ms := func(x float64) *float64 { return &x }
	home := groupRow{
		Name: "home", Viewers: 2, Stalled: 1, P2PRatio: 0.5, StallRatio: 0.1, GivenPerTook: 2, Took: 400, HTTPPerViewer: 200,
		HTTP: quantiles{ms(30), ms(50)}, Connections: 1.5,
	}
	office := groupRow{Name: "office", Viewers: 1, NeverStarted: 1, Stalled: 1, StallRatio: 1, HTTPPerViewer: 50}
	if diff := cmp.Diff(comparison{By: "group", Rows: []groupRow{home, office}}, got[0]); diff != "" {
		t.Errorf("by group (-want +got):\n%s", diff)
	}
	if len(got) != 2 || got[1].By != "link" || got[1].Rows[0].Name != "cable" || got[1].Rows[0].Viewers != 2 || *got[1].Rows[0].HTTP.P95 != 30 {
		t.Errorf("comparisons: %+v", got)
	}
	if diff := cmp.Diff([]string{"NAT open", "region eu"}, alike); diff != "" {
		t.Errorf("in what all are alike (-want +got):\n%s", diff)
	}
}

// The groups of a run add up to the run.
func TestGroupsAddUp(t *testing.T) {
	for name, w := range worlds {
		r := synthetic(w)
		all, _ := comparisons(r)
		for _, c := range all {
			var took, viewers int64
			for _, g := range c.Rows {
				took += g.Took
				viewers += int64(g.Viewers)
			}
			if took != r.Summary.P2PBytes || viewers != int64(r.Summary.Peers) || c.Others != 0 {
				t.Errorf("%s by %s: %d bytes of %d, %d viewers of %d", name, c.By, took, r.Summary.P2PBytes, viewers, r.Summary.Peers)
			}
		}
	}
}

func TestManyGroupsAreCut(t *testing.T) {
	r := trio()
	for i := range 2 * mostGroups {
		r.Peers = append(r.Peers, results.PeerRow{Group: strings.Repeat("x", i+1)})
	}
	all, _ := comparisons(r)
	c := all[0]
	if len(c.Rows) != mostGroups || c.Others != mostGroups+2 || c.OtherViewers != c.Others || c.Rows[0].Name != "home" {
		t.Errorf("%d groups shown, %d not (%d viewers), the first %s", len(c.Rows), c.Others, c.OtherViewers, c.Rows[0].Name)
	}
	if m := groupMatrix(r); m == nil || m.By != "NAT" {
		t.Errorf("%d groups are too many for a matrix, and the one shown is %+v", 2*mostGroups, m)
	}
}

func TestMatrixByHand(t *testing.T) {
	got := groupMatrix(trio())
	want := &matrix{By: "group", Groups: []string{"home", "office"}, Rows: []matrixRow{
		{"home", []matrixCell{{400, 1, 100}, {0, 0, 0}}},
		{"office", []matrixCell{{0, 0, 0}, {0, 0, 0}}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("matrix (-want +got):\n%s", diff)
	}
	r := synthetic(worlds["vod"])
	var sum int64
	for _, row := range groupMatrix(r).Rows {
		for _, c := range row.Cells {
			sum += c.Bytes
		}
	}
	if sum != r.Summary.P2PBytes {
		t.Errorf("the cells add up to %d of %d bytes", sum, r.Summary.P2PBytes)
	}
}

func TestDrawingOfTheSwarm(t *testing.T) {
	d := drawOverlay(trio())
	if len(d.Links) != 3 || d.Links[0].Bytes != 0 || d.Links[2].Bytes != 300 || d.Links[2].From != 0 || d.Links[2].To != 1 {
		t.Errorf("chords: %+v", d.Links)
	}
	if a := d.Nodes[0]; a.Gave != 300 || a.Takers != 1 || a.Had != 100 || a.Given != 1 || !a.Gives || d.Nodes[2].Gives {
		t.Errorf("nodes: %+v", d.Nodes)
	}
	for _, n := range []int{2, 20, mostDrawn} {
		r := synthetic(world{name: "w", viewers: n, seconds: 60, segment: 4, share: true})
		r.Peers[0].Name = "a name that is longer than a drawing has room for"
		p := overlayOf(r)
		if p.Drawing == nil {
			t.Fatalf("%d viewers are not drawn: %s", n, p.NoDrawing)
		}
		for _, node := range p.Drawing.Nodes {
			if math.Hypot(node.X-drawnSize/2, node.Y-drawnSize/2) > drawnSize/2 || node.Y < p.Drawing.Top || node.Y > p.Drawing.Top+p.Drawing.Height {
				t.Errorf("%d viewers: %s lies outside of the picture", n, node.Name)
			}
		}
	}
	if p := overlayOf(synthetic(worlds["vod"])); p.Drawing != nil || p.NoDrawing == "" {
		t.Error("a hundred viewers are drawn")
	}
	if p := overlayOf(synthetic(worlds["one-viewer"])); p.Drawing != nil || p.NoDrawing == "" {
		t.Error("one viewer is drawn")
	}
}

// A result from somebody else may have links to viewers that it has not.
func TestLinksToNobody(t *testing.T) {
	r := trio()
	r.Overlay.Links = append(r.Overlay.Links, results.OverlayLink{A: 1, B: 7, AToB: 5}, results.OverlayLink{A: -1, B: 2, BToA: 5})
	if len(drawOverlay(r).Links) != 3 || groupMatrix(r) == nil {
		t.Error("a link to nobody was drawn")
	}
}

func TestComponentsInWords(t *testing.T) {
	for _, c := range []struct {
		components  []results.Tally
		value, note string
	}{
		{[]results.Tally{{Of: 30, Count: 1}}, "1", "everybody hangs together"},
		{[]results.Tally{{Of: 96, Count: 1}, {Of: 1, Count: 4}}, "5", "1 of 96 viewers, 4 viewers alone"},
		{[]results.Tally{{Of: 9, Count: 1}, {Of: 5, Count: 2}, {Of: 4, Count: 1}, {Of: 3, Count: 1}, {Of: 2, Count: 1}}, "6",
			"1 of 9 viewers, 2 of 5 viewers, 1 of 4 viewers, 1 of 3 viewers, smaller ones"},
	} {
		o := &results.Overlay{Components: c.components}
		if v, n := componentsValue(o), componentsNote(o); v != c.value || n != c.note {
			t.Errorf("%v: %q, %q; want %q, %q", c.components, v, n, c.value, c.note)
		}
	}
}

// Many partners are taken together to few columns, and none is lost.
func TestDegreesAreNotLost(t *testing.T) {
	for _, most := range []int{1, 39, 40, 41, 1000} {
		o := &results.Overlay{Pairs: 1, Degrees: []results.Tally{{Of: 0, Count: 3}, {Of: most, Count: 2}}}
		c := degreeChart(o)
		if columns := strings.Count(c.Curves[0].Path, "M"); columns != 2 {
			t.Errorf("to %d partners: %d columns, want 2", most, columns)
		}
	}
}

// TestBecause: what limited a run, in its own figures.
func TestBecause(t *testing.T) {
	live := func(edgeMs float64, scenario string) *results.Result {
		r := &results.Result{Scenario: json.RawMessage(scenario)}
		r.Summary.Peers = 50
		r.Summary.LiveLatencyMs = &results.Dist{Count: 1, P50: edgeMs}
		r.Summary.HTTPReasons = map[string]results.ReasonTotals{results.ReasonHighDemand: {Requests: 1, Bytes: 9}}
		return r
	}
	const window15 = `{"p2pml": {"core": {"highDemandTimeWindow": 15}}}`
	alone := live(14_200, window15)
	alone.Summary.Peers = 1
	sharing := live(14_200, window15)
	sharing.Summary.P2PRatio = 0.5
	peerless := live(30_000, "")
	peerless.Summary.HTTPReasons = map[string]results.ReasonTotals{results.ReasonNoPeers: {Requests: 1, Bytes: 9}}
	peerless.Summary.TimeToFirstPeerMs = results.Dist{Count: 40, P50: 900, P95: 1700}
	full := live(30_000, window15)
	full.Run.OriginBitsPerSecond, full.Timeline = 8_000_000, []results.Sample{{Viewers: 9, OriginBytes: 950_000}}
	for _, c := range []struct {
		what string
		r    *results.Result
		says string
	}{
		{"nothing came over HTTP", &results.Result{}, ""},
		{"the origin is full", full, "origin.link"},
		{"one viewer", alone, "one viewer"},
		{"the window reaches the live edge", live(14_200, window15), "14.2 s behind the live edge (median), and highDemandTimeWindow is 15 s"},
		{"it does not", live(15_100, window15), "A smaller highDemandTimeWindow"},
		{"it does, and yet they share", sharing, "A smaller highDemandTimeWindow"},
		{"the scenario does not say", live(14_200, `{"p2pml": {}}`), "A smaller highDemandTimeWindow"},
		{"the scenario is no JSON", live(14_200, `nonsense`), "A smaller highDemandTimeWindow"},
		{"no peers", peerless, "first peer within 900 ms, 95 % within 1.70 s; 10 never had one"},
	} {
		got := because(c.r, htmlReasons(c.r.Summary))
		if !strings.Contains(got, c.says) || c.says == "" && got != "" {
			t.Errorf("%s: %q, want %q", c.what, got, c.says)
		}
	}
}

// Every reason and every cause that a run can have is explained, and has a style.
func TestReasonsAreExplained(t *testing.T) {
	for reason, name := range reasonText {
		if help := reasonHelp[reason]; help.what == "" || !strings.HasSuffix(help.what, ".") {
			t.Errorf("%s (%s) is not explained", reason, name)
		}
		if styleRule(t, ".r-"+reason, "background") == "" {
			t.Errorf("%s has no style", reason)
		}
	}
	for _, cause := range []string{
		results.WasteAborted, results.WasteFailed, results.WasteDuplicate, results.WasteStale, results.WasteInvalid,
		results.WasteRestarted, results.WasteLeft, results.WasteUnexplained,
	} {
		if wasteText[cause] == "" {
			t.Errorf("%s is not explained", cause)
		}
	}
}

func TestLinesAreInterruptedWhereThereIsNothing(t *testing.T) {
	x := scale{0, 10, false}
	if got := linePath(x, x, []float64{0, 5, 7, 10}, []float64{0, 5, math.NaN(), 20}); got != "M0 1000L500 500M1000 0" {
		t.Errorf("path %s", got)
	}
	if got := stepArea(x, x, []float64{0, 5, 10}, []float64{5, 10}); got != "M0 1000L0 500L500 500L500 0L1000 0L1000 1000Z" {
		t.Errorf("path %s", got)
	}
	if stepArea(x, x, []float64{0}, nil) != "" {
		t.Error("an area of nothing")
	}
}
