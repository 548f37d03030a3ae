package scenarios

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// parse makes a scenario for a test.
func parse(t *testing.T, text string) *Scenario {
	t.Helper()
	s, err := Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func joins(viewers []Viewer) []time.Duration {
	var all []time.Duration
	for _, v := range viewers {
		all = append(all, v.JoinAt)
	}
	return all
}

func TestAudienceIsAFunctionOfScenarioAndSeed(t *testing.T) {
	s := parse(t, "{stream: {kind: live}, peers: {count: 50, arrival: {kind: poisson}, session: {kind: lognormal}}}")
	if diff := cmp.Diff(Audience(s, 3), Audience(s, 3)); diff != "" {
		t.Errorf("same seed, other audience:\n%s", diff)
	}
	if cmp.Equal(joins(Audience(s, 3)), joins(Audience(s, 4))) {
		t.Error("another seed gives the same arrivals")
	}
}

func TestOneViewerMoreDisturbsNobody(t *testing.T) {
	for _, arrival := range []string{"{kind: together, jitter: 5s}", "{kind: stagger, gap: 1s, jitter: 1s}", "{kind: poisson}", "{kind: flash}"} {
		base := `{stream: {kind: live}, run: {duration: 30m}, peers: {count: %d, arrival: ` + arrival + `, session: {kind: exponential},
			groups: [{name: a, share: 0.6}, {name: b, share: 0.3}, {name: c, share: 0.1}]}}`
		few := Audience(parse(t, fmt.Sprintf(base, 1000)), 9)
		more := Audience(parse(t, fmt.Sprintf(base, 1003)), 9)
		if diff := cmp.Diff(few, more[:1000]); diff != "" {
			t.Errorf("%s: three more viewers change the others:\n%.500s", arrival, diff)
		}
	}
}

func TestViewersAreNamedAfterTheirGroup(t *testing.T) {
	s := parse(t, "{peers: {count: 4, groups: [{name: home, share: 0.75, link: {preset: cable, up: 2Mbit/s}}, {name: work, share: 0.25, link: office, nat: symmetric, region: use, upload: false}]}}")
	names := map[string]Viewer{}
	seeds := map[uint64]bool{}
	for i, v := range Audience(s, 1) {
		if v.Index != i {
			t.Errorf("viewer %d has index %d", i, v.Index)
		}
		names[v.Name] = v
		seeds[v.Seed] = true
	}
	if len(names) != 4 || len(seeds) != 4 {
		t.Fatalf("%d names and %d seeds for 4 viewers", len(names), len(seeds))
	}
	home, work := names["home-002"], names["work-000"]
	if home.LinkName != "custom" || home.Link.Up.String() != "2Mbit/s" || home.Link.Down.String() != "200Mbit/s" || !home.Upload || home.NAT != "none" {
		t.Errorf("home: %+v", home)
	}
	if work.LinkName != "office" || work.NAT != "symmetric" || work.Region != "use" || work.Upload {
		t.Errorf("work: %+v", work)
	}
}

func TestSharesHoldForEveryCount(t *testing.T) {
	for _, shares := range [][]float64{
		{1}, {0.5, 0.5}, {0.6, 0.4}, {0.9, 0.09, 0.01}, {0.34, 0.33, 0.33}, {0.97, 0.01, 0.01, 0.01},
		{0.03, 0.12, 0.12, 0.26, 0.05, 0.02, 0.05, 0.05, 0.10, 0.12, 0.04, 0.02, 0.02},
	} {
		groups := make([]Group, len(shares))
		for i, s := range shares {
			groups[i].Share = s
		}
		const most = 3000
		counts := make([]float64, len(shares))
		for n, g := range assign(groups, most) {
			counts[g]++
			for i, share := range shares {
				if off := math.Abs(counts[i] - share*float64(n+1)); off >= 1 {
					t.Fatalf("shares %v: after %d viewers group %d has %v, %.2f off", shares, n+1, i, counts[i], off)
				}
			}
		}
	}
}

func TestArrivals(t *testing.T) {
	const head = "{stream: {kind: live}, run: {duration: 1h}, peers: {arrival: "
	for _, tt := range []struct {
		it, text string
		want     []time.Duration
	}{
		{"come together", "{kind: together, at: 2s}, count: 3}}", []time.Duration{2e9, 2e9, 2e9}},
		{"come one by one", "{kind: stagger, gap: 3s, at: 1s}, count: 3}}", []time.Duration{1e9, 4e9, 7e9}},
		{"come evenly, the last at the end", "{kind: ramp, over: 10s, at: 1s}, count: 5}}", []time.Duration{1e9, 3.5e9, 6e9, 8.5e9, 11e9}},
		{"come at once if there is one", "{kind: ramp, over: 10s}, count: 1}}", []time.Duration{0}},
		{"come as the trace says", "{kind: trace, times: [5s, 0s, 1.5s]}}}", []time.Duration{5e9, 0, 1.5e9}},
		{"come as the trace says, the first of it", "{kind: trace, times: [5s, 0s, 1.5s], at: 1s}, count: 2}}", []time.Duration{6e9, 1e9}},
	} {
		if diff := cmp.Diff(tt.want, joins(Audience(parse(t, head+tt.text), 1))); diff != "" {
			t.Errorf("viewers %s:\n%s", tt.it, diff)
		}
	}
}

func TestJitterIsUniformAndBounded(t *testing.T) {
	s := parse(t, "{stream: {kind: live}, peers: {count: 4000, arrival: {kind: together, at: 5s, jitter: 2s}}}")
	checkUniform(t, joins(Audience(s, 1)), 5*time.Second, 7*time.Second)
}

func TestPoissonArrivalsAreUniformAndIndependent(t *testing.T) {
	const n = 4000
	s := parse(t, "{stream: {kind: live}, run: {duration: 10m}, peers: {count: 4000, arrival: {kind: poisson, at: 10s, over: 100s}}}")
	at := joins(Audience(s, 7))
	checkUniform(t, at, 10*time.Second, 110*time.Second)

	// Neighbours in the list must not know of each other ...
	r := correlation(at[:n-1], at[1:])
	if math.Abs(r) > 4/math.Sqrt(n) {
		t.Errorf("neighbouring viewers' arrivals correlate by %.3f", r)
	}
	// ... and the gaps must be exponential: as many standard deviations as mean, and e^-1 of them longer than the mean.
	slices.Sort(at)
	mean, longer := 100.0/n, 0
	for i := range n - 1 {
		if (at[i+1] - at[i]).Seconds() > mean {
			longer++
		}
	}
	if share := float64(longer) / n; math.Abs(share-math.Exp(-1)) > 0.03 {
		t.Errorf("%.3f of the gaps are longer than the mean, want 0.368", share)
	}
}

// checkUniform is a Kolmogorov-Smirnov test at the level of one in a million.
func checkUniform(t *testing.T, at []time.Duration, from, to time.Duration) {
	t.Helper()
	at = slices.Clone(at)
	slices.Sort(at)
	n, worst := float64(len(at)), 0.0
	for i, x := range at {
		u := float64(x-from) / float64(to-from)
		if u < 0 || u > 1 {
			t.Fatalf("%v is not between %v and %v", x, from, to)
		}
		worst = max(worst, math.Abs(u-float64(i)/n), math.Abs(u-float64(i+1)/n))
	}
	if worst > 2.7/math.Sqrt(n) {
		t.Errorf("the distribution is %.4f off a uniform one", worst)
	}
}

func correlation(x, y []time.Duration) float64 {
	var mx, my, sxy, sxx, syy float64
	for i := range x {
		mx += x[i].Seconds() / float64(len(x))
		my += y[i].Seconds() / float64(len(x))
	}
	for i := range x {
		dx, dy := x[i].Seconds()-mx, y[i].Seconds()-my
		sxy, sxx, syy = sxy+dx*dy, sxx+dx*dx, syy+dy*dy
	}
	return sxy / math.Sqrt(sxx*syy)
}

func TestFlashCrowd(t *testing.T) {
	s := parse(t, `{stream: {kind: live}, peers: {count: 2000, arrival: {kind: flash, at: 40s, over: 20s, before: 0.1},
		groups: [{name: a, share: 0.9}, {name: b, share: 0.1}]}}`)
	var early, crowd []time.Duration
	inGroup := map[string]int{}
	for _, v := range Audience(s, 3) {
		if v.JoinAt < 40*time.Second {
			early = append(early, v.JoinAt)
			inGroup[v.Group]++
		} else {
			crowd = append(crowd, v.JoinAt)
		}
	}
	if len(early) < 198 || len(early) > 202 {
		t.Errorf("%d of 2000 are there before the crowd, want 200", len(early))
	}
	if inGroup["b"] < 19 || inGroup["b"] > 21 {
		t.Errorf("%d of group b's 200 are there before the crowd, want 20", inGroup["b"])
	}
	checkUniform(t, early, 0, 40*time.Second)
	checkUniform(t, crowd, 40*time.Second, 60*time.Second)
}

// stays of the viewers who leave, and the share of those who stay to the end.
func stays(viewers []Viewer) (all []float64, whole float64) {
	for _, v := range viewers {
		if v.LeaveAt == 0 {
			whole++
			continue
		}
		all = append(all, (v.LeaveAt - v.JoinAt).Seconds())
	}
	return all, whole / float64(len(viewers))
}

func TestSessions(t *testing.T) {
	const n = 20000
	text := "{stream: {kind: live}, run: {duration: 24h}, peers: {count: 20000, session: %s}}"

	if all, whole := stays(Audience(parse(t, fmt.Sprintf(text, "{kind: whole}")), 1)); len(all) > 0 || whole != 1 {
		t.Errorf("%d viewers leave a whole session", len(all))
	}

	all, _ := stays(Audience(parse(t, fmt.Sprintf(text, "{kind: exponential, mean: 100s}")), 1))
	mean := 0.0
	for _, x := range all {
		mean += x / float64(len(all))
	}
	if math.Abs(mean-100) > 4*100/math.Sqrt(n) {
		t.Errorf("exponential stays have a mean of %.1f s, want 100", mean)
	}
	if got := shareBelow(all, 100); math.Abs(got-(1-math.Exp(-1))) > 0.015 {
		t.Errorf("%.3f of exponential stays are below the mean, want 0.632", got)
	}

	all, _ = stays(Audience(parse(t, fmt.Sprintf(text, "{kind: lognormal}")), 1))
	for _, x := range all {
		if ms := x * 1000; math.Abs(ms-math.Round(ms)) > 1e-6 {
			t.Fatalf("somebody stays %v ms, and longer by a bit on another processor", ms)
		}
	}
	// Quantiles of a log-normal distribution with the defaults, as published: 23 % below a minute, 62 % below five.
	for _, q := range []struct{ seconds, want float64 }{{60, 0.230}, {188, 0.5}, {300, 0.619}, {3600, 0.972}} {
		if got := shareBelow(all, q.seconds); math.Abs(got-q.want) > 0.015 {
			t.Errorf("%.3f of log-normal stays are below %v s, want %.3f", got, q.seconds, q.want)
		}
	}
}

func shareBelow(all []float64, x float64) float64 {
	n := 0
	for _, v := range all {
		if v < x {
			n++
		}
	}
	return float64(n) / float64(len(all))
}

func TestNobodyLeavesBeforeComingOrAfterTheEnd(t *testing.T) {
	for _, session := range []string{"{kind: exponential, mean: 1s}", "{kind: lognormal, median: 24h, sigma: 4}", "{kind: lognormal, median: 1s, sigma: 4}"} {
		s := parse(t, "{stream: {kind: live}, run: {duration: 2m}, peers: {count: 2000, arrival: {kind: poisson, over: 1m}, session: "+session+"}}")
		for _, v := range Audience(s, 1) {
			if v.JoinAt < 0 || v.LeaveAt != 0 && (v.LeaveAt <= v.JoinAt || v.LeaveAt >= 2*time.Minute) {
				t.Fatalf("%s: %s comes at %v and leaves at %v", session, v.Name, v.JoinAt, v.LeaveAt)
			}
		}
	}
}

func TestLeaversAreCleanByShare(t *testing.T) {
	for clean, want := range map[string]float64{"0": 0, "0.7": 0.7, "1": 1} {
		s := parse(t, "{stream: {kind: live}, peers: {count: 10000, session: {kind: exponential}, leave: {clean: "+clean+"}}}")
		n := 0.0
		for _, v := range Audience(s, 1) {
			if v.Clean {
				n++
			}
		}
		if math.Abs(n/10000-want) > 0.02 {
			t.Errorf("clean %s: %.3f of the viewers", clean, n/10000)
		}
	}
}

func TestAnotherSessionKindMovesNoArrival(t *testing.T) {
	text := "{stream: {kind: live}, peers: {count: 100, arrival: {kind: poisson}, session: {kind: %s}}}"
	a, b := Audience(parse(t, fmt.Sprintf(text, "whole")), 1), Audience(parse(t, fmt.Sprintf(text, "lognormal")), 1)
	if diff := cmp.Diff(joins(a), joins(b)); diff != "" {
		t.Error(diff)
	}
}

// What one viewer draws for one purpose must say nothing about what it draws for another.
func TestDrawsAreIndependent(t *testing.T) {
	const n = 5000
	s := parse(t, `{stream: {kind: live}, run: {duration: 24h}, peers: {count: 5000, arrival: {kind: poisson},
		session: {kind: exponential}, leave: {clean: 0.5}}}`)
	var join, stay, clean, seed []time.Duration
	for _, v := range Audience(s, 1) {
		join, stay, seed = append(join, v.JoinAt), append(stay, v.LeaveAt-v.JoinAt), append(seed, time.Duration(v.Seed>>2))
		is := time.Duration(0)
		if v.Clean {
			is = time.Second
		}
		clean = append(clean, is)
	}
	for what, r := range map[string]float64{
		"arrival and stay": correlation(join, stay), "arrival and leave": correlation(join, clean),
		"stay and leave": correlation(stay, clean), "arrival and seed": correlation(join, seed),
	} {
		if math.Abs(r) > 4/math.Sqrt(n) {
			t.Errorf("%s correlate by %.3f", what, r)
		}
	}
}
