package report

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"swarmlab/results"
)

// trackerLatency is a distribution around a median, with a tail of ten times as much.
func trackerLatency(p50 float64) results.TrackerLatency {
	return results.TrackerLatency{
		TrackerQuantiles: results.TrackerQuantiles{
			Count: 1000, Mean: 1.3 * p50, P50: p50, P90: 2 * p50, P95: 3 * p50, P99: 5 * p50, P999: 8 * p50, P9999: 10 * p50, Max: 10 * p50,
		},
		Histogram: results.Histogram{Count: 1000, Buckets: []results.Bucket{
			{UpTo: p50 / 2, Count: 100}, {UpTo: p50, Count: 400}, {UpTo: 2 * p50, Count: 400}, {UpTo: 5 * p50, Count: 90}, {UpTo: 10 * p50, Count: 10},
		}},
	}
}

func trackerRound(round int, p50, us float64) results.TrackerRound {
	rss := int64(60_000_000)
	r := results.TrackerRound{
		Round: round, ConnectMs: trackerLatency(3 * p50), AnnounceToResponseMs: trackerLatency(p50), AnnounceToFirstOfferMs: trackerLatency(1.1 * p50),
		AnnounceToLastOfferMs: trackerLatency(1.2 * p50), OfferToAnswerMs: trackerLatency(2 * p50), AnswerRelayMs: trackerLatency(0.9 * p50),
		LatenessMs: trackerLatency(0.05), Generator: results.TrackerGenerator{Valid: true, CPUUsPerAnnounce: 70, CPUShare: 0.12},
		TrackerCPUUsPerAnnounce: &us, TrackerRSSBytes: &rss,
		Process: &results.TrackerProcess{PID: 12, CPUUsPerAnnounce: us, CPUUsPerRelayed: us / 10, CPUShare: us / 1000, RSSBytes: rss,
			RSSBytesAfter: rss + 1e6, RSSPerConnection: 2100, VoluntarySwitches: 4000, InvoluntarySwitches: 12, Threads: 7, Descriptors: 1020},
		Overlay: &results.TrackerOverlay{Members: 50, Offers: 5000, Degree: results.Dist{Count: 50, P50: 30, P95: 38, Max: 41}, InGini: 0.07,
			TrackerReach: results.TrackerReach{Components: 1, LargestShare: 1, DiameterSampled: 2, MeanPathLength: 1.4, Clustering: 0.6,
				RobustnessDepartures: []results.TrackerLoss{{Departed: 0.1, LargestShare: 1}, {Departed: 0.3, LargestShare: 1}, {Departed: 0.5, LargestShare: 0.96}}},
			TargetOverlap: 1.21, TargetOverlapUniform: 1.2, JoinAgeBias: -0.1},
	}
	r.Delivery = results.TrackerDelivery{Announces: 10_000, ResponsesExpected: 10_000, ResponsesDelivered: 10_000}
	r.Delivery.Offers = results.TrackerRelayed{Sent: 50_000, Expected: 50_000, Delivered: 50_000}
	r.Delivery.Answers = results.TrackerRelayed{Sent: 50_000, Expected: 50_000, Delivered: 50_000}
	r.Counts = results.TrackerCounts{Compared: 10_000, Right: 10_000}
	for i := range 15 {
		r.Series = append(r.Series, results.TrackerSecond{T: float64(i + 1), InWindow: i > 2 && i < 13, Open: 1000, AnnouncesSent: 1000, Offers: 5000, OfferP99Ms: 5 * p50})
	}
	return r
}

// threeTrackers is a benchmark with all there can be: one is fast and whole, one loses a little, one is dear.
func threeTrackers() *results.TrackerRun {
	r := &results.TrackerRun{
		Schema: results.TrackerSchema, Version: "v1", Started: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), Command: "swarmlab tracker a b c",
		Machine: results.TrackerMachine{OS: "linux", Arch: "amd64", Kernel: "6.18", CPU: "Some CPU", Cores: 4, Go: "go1.26.8"},
		Load: results.TrackerLoad{Seed: 1, Peers: 1000, SwarmCount: 20, Swarms: "20", RatePerSecond: 1000, WindowSeconds: 10, Offers: 5, AnswerShare: 1,
			Arrival: "constant"},
	}
	for i, name := range []string{"embedded", "wt-tracker", "bittorrent-tracker"} {
		t := results.TrackerTarget{Name: name, URL: "ws://127.0.0.1:800" + string(rune('0'+i)), Profile: name, PID: 12 + i}
		for round := range 3 {
			t.Rounds = append(t.Rounds, trackerRound(round+1, float64(i+1)*(0.4+0.02*float64(round)), float64(60+120*i+round)))
		}
		r.Targets = append(r.Targets, t)
	}
	lossy := &r.Targets[1].Rounds[1]
	lossy.Delivery.Offers.Delivered, lossy.Delivery.Offers.Lost = 49_900, 100
	lossy.Sockets.UnexpectedCloses = 3
	r.Targets[1].Notes = []string{"taken for wt-tracker: it does not answer a stop"}
	for i := range r.Targets {
		f := &results.TrackerFindMax{LimitP99Ms: 100, LimitDelivery: 0.999, RatePerSecond: float64(4000 / (i + 1)), Ended: "the next rate did not hold"}
		for _, rate := range []float64{1000, 4000, 2000} {
			held := rate <= f.RatePerSecond
			f.Steps = append(f.Steps, results.TrackerStep{RatePerSecond: rate, AchievedPerSecond: min(rate, f.RatePerSecond), Held: held, Valid: true,
				Why: map[bool]string{false: "99 % of first offers took 300 ms"}[held], FirstOfferMs: trackerLatency(rate / 500), DeliveryShare: 1})
		}
		r.Targets[i].FindMax = f
	}
	r.Targets[0].Faults = &results.TrackerFaults{Cases: []results.TrackerFault{
		{Name: "bad-json", Doc: "texts that are no JSON", Attempts: 60, Reactions: map[string]int{"error": 58, "close": 2}, Alive: true},
		{Name: "slow-reader", Doc: "one that does not read", Attempts: 1, Reactions: map[string]int{"close": 1}, Alive: true,
			Control: results.TrackerControl{Expected: 100, Delivered: 88, Closed: 1}},
		{Name: "restart", Doc: "it is started again", Attempts: 1, Alive: true, Restarted: true, RecoveryMs: 1234},
	}}
	r.Targets[2].Faults = &results.TrackerFaults{Cases: []results.TrackerFault{
		{Name: "bad-json", Attempts: 3, Reactions: map[string]int{"silence": 3}},
	}, Stopped: "it is dead"}
	return r
}

// hardTrackers are benchmarks that a report must survive.
func hardTrackers() map[string]*results.TrackerRun {
	nothing := &results.TrackerRun{Schema: results.TrackerSchema}
	dead := &results.TrackerRun{Schema: results.TrackerSchema, Interrupted: true, Targets: []results.TrackerTarget{
		{Name: "dead<script>alert(1)</script>|\x1b[31m*x*", Error: "round 1: <b>nobody</b> there"},
	}}
	empty := &results.TrackerRun{Schema: results.TrackerSchema, Targets: []results.TrackerTarget{{Name: "silent", Rounds: []results.TrackerRound{{Round: 1}}}}}
	alone := threeTrackers()
	alone.Targets = alone.Targets[:1]
	alone.Targets[0].Rounds, alone.Targets[0].FindMax = alone.Targets[0].Rounds[:1], nil
	invalid := threeTrackers()
	invalid.Targets[2].Rounds[1].Generator = results.TrackerGenerator{Reasons: []string{"1 of 100 messages was sent more than 20 ms late; the limit is 1 ms"}}
	invalid.Targets[2].Rounds[2].Process.ExitedDuringTheRound = true
	many := threeTrackers()
	for i := range 6 {
		t := many.Targets[i%3]
		t.Name = strings.Repeat("long name ", i+1)
		many.Targets = append(many.Targets, t)
	}
	partly := threeTrackers()
	partly.Targets[0].Rounds, partly.Targets[0].Error = nil, "round 1: connection refused"
	return map[string]*results.TrackerRun{
		"three": threeTrackers(), "nothing": nothing, "dead": dead, "empty": empty, "alone": alone, "invalid": invalid, "many": many, "partly": partly,
	}
}

func TestTrackerGoldens(t *testing.T) {
	terminal := func(o TerminalOptions) func(io.Writer, *results.TrackerRun) error {
		return func(w io.Writer, r *results.TrackerRun) error { return TrackerTerminal(w, r, o) }
	}
	all := hardTrackers()
	for _, c := range []struct {
		name  string
		r     *results.TrackerRun
		write func(io.Writer, *results.TrackerRun) error
	}{
		{"tracker-three.txt", all["three"], terminal(TerminalOptions{})},
		{"tracker-three-color.txt", all["three"], terminal(TerminalOptions{Color: true})},
		{"tracker-three-60-columns.txt", all["three"], terminal(TerminalOptions{Width: 60})},
		{"tracker-alone.txt", all["alone"], terminal(TerminalOptions{})},
		{"tracker-invalid.txt", all["invalid"], terminal(TerminalOptions{})},
		{"tracker-dead.txt", all["dead"], terminal(TerminalOptions{})},
		{"tracker-three.md", all["three"], TrackerMarkdown},
		{"tracker-dead.md", all["dead"], TrackerMarkdown},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := c.write(&b, c.r); err != nil {
				t.Fatal(err)
			}
			golden(t, c.name, b.Bytes())
		})
	}
}

// No benchmark, however odd, breaks a report; no name in one breaks out of it.
func TestTrackerReportsOfOddBenchmarks(t *testing.T) {
	for name, r := range hardTrackers() {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := TrackerHTML(&b, r); err != nil {
				t.Fatal(err)
			}
			page := b.Bytes()
			if *look != "" {
				if err := os.WriteFile(filepath.Join(*look, "tracker-"+name+".html"), page, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			page, _, _ = bytes.Cut(page, []byte("<script>")) // ours, which may say NaN
			for _, wrong := range []string{"alert(1)</script>", "<b>nobody", "\x1b", "NaN", "+Inf", "%!", "<no value>"} {
				if bytes.Contains(page, []byte(wrong)) {
					t.Errorf("the page has %q", wrong)
				}
			}
			for _, p := range TrackerPlots(r) {
				var svg bytes.Buffer
				if err := p.SVG(&svg); err != nil || svg.Len() < 300 {
					t.Errorf("%s: %d bytes, %v", p.Name, svg.Len(), err)
				}
			}
			for _, width := range []int{40, 80, 200} {
				var b bytes.Buffer
				if err := TrackerTerminal(&b, r, TerminalOptions{Width: width}); err != nil {
					t.Fatal(err)
				}
				if bytes.Contains(b.Bytes(), []byte("\x1b")) {
					t.Errorf("a name writes to the terminal: %q", b.String())
				}
			}
		})
	}
}

// All files are there, and drawing a stored result again makes the same page.
func TestWriteTracker(t *testing.T) {
	dir := t.TempDir()
	if err := WriteTracker(dir, threeTrackers()); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{results.ResultFile, "summary.md", "plots/latency.svg", "plots/latency.png", "plots/throughput.svg", "plots/seconds.png"} {
		if info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err != nil || info.Size() < 300 {
			t.Errorf("%s: %v", name, err)
		}
	}
	stored, err := results.ReadTracker(dir)
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := TrackerHTML(&again, stored); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, again.Bytes()) {
		t.Error("the stored result gives another page")
	}
}

// A figure is the best only if its worst round beats every other's best one.
func TestBestIsNotAMatterOfChance(t *testing.T) {
	spread := func(n int, low, high float64) *results.TrackerSpread {
		return &results.TrackerSpread{N: n, Median: (low + high) / 2, Min: low, Max: high}
	}
	for _, c := range []struct {
		name    string
		spreads []*results.TrackerSpread
		want    bool
	}{
		{"apart", []*results.TrackerSpread{spread(3, 1, 2), spread(3, 3, 4)}, true},
		{"overlapping", []*results.TrackerSpread{spread(3, 1, 3.5), spread(3, 3, 4)}, false},
		{"one round", []*results.TrackerSpread{spread(1, 1, 1), spread(1, 3, 3)}, false},
		{"alone", []*results.TrackerSpread{spread(3, 1, 2)}, false},
		{"the only one measured", []*results.TrackerSpread{spread(3, 1, 2), nil}, false},
		{"worse", []*results.TrackerSpread{spread(3, 3, 4), spread(3, 1, 2)}, false},
	} {
		if got := bestTracker(c.spreads, 0); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// The terminal's columns stand below each other.
func TestTrackerColumnsLineUp(t *testing.T) {
	var b bytes.Buffer
	if err := TrackerTerminal(&b, threeTrackers(), TerminalOptions{Width: 120}); err != nil {
		t.Fatal(err)
	}
	table := b.String()
	table = table[strings.LastIndex(table, "\n\n")+2:] // behind the answers
	width := 0
	for _, line := range strings.Split(table, "\n") {
		got := len([]rune(line))
		if got <= 36 {
			continue // a group's title
		}
		if width == 0 {
			width = got
		}
		if got != width {
			t.Errorf("%d columns, want %d: %q", got, width, line)
		}
	}
	if width == 0 {
		t.Error("no table")
	}
}
