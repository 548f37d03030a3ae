package crossvalidate

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"swarmlab/results"
)

// side is a tier's runs with two seeds, whose figures are a little apart.
func side(tier string, change func(s *results.Summary)) (out []*results.Result) {
	for seed := range 2 {
		wobble := 1 + 0.02*float64(seed)
		r := &results.Result{Schema: results.Schema, Run: results.Run{Tier: tier, Seed: uint64(seed + 1), SimulatedSeconds: 4, CPUSeconds: 0.004}}
		r.Summary = results.Summary{
			Peers: 20, P2PRatio: 0.7 * wobble, CopiesPerSegment: 5 * wobble,
			StartupMs: results.Dist{Count: 20, P50: 400 * wobble, P95: 800 * wobble},
		}
		for t := 1; t <= 4; t++ {
			r.Timeline = append(r.Timeline, results.Sample{T: float64(t), Viewers: 20})
		}
		if change != nil {
			change(&r.Summary)
		}
		out = append(out, r)
	}
	return out
}

// TestBounds: each is kept up to its edge and broken beyond, and no other metric breaks anything.
func TestBounds(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(s *results.Summary)
		broken string
	}{
		{"nothing differs", nil, ""},
		{"the ratio by 2.9 points", func(s *results.Summary) { s.P2PRatio += 0.029 }, ""},
		{"the ratio by 3.1 points", func(s *results.Summary) { s.P2PRatio -= 0.031 }, "P2P ratio"},
		{"copies by 14 %", func(s *results.Summary) { s.CopiesPerSegment *= 1.14 }, ""},
		{"copies by 16 %", func(s *results.Summary) { s.CopiesPerSegment *= 0.84 }, "copies per segment"},
		{"startup by 14 %", func(s *results.Summary) { s.StartupMs.P50 *= 0.86 }, ""},
		{"startup by 16 %", func(s *results.Summary) { s.StartupMs.P50 *= 1.16 }, "startup p50"},
		{"what has no bound", func(s *results.Summary) { s.StartupMs.P95 *= 3; s.Stalls = 100 }, ""},
	} {
		a, err := Agree("case", side("packet", nil), side("flow", c.change))
		if err != nil {
			t.Fatal(err)
		}
		broken := strings.Join(a.Broken(), "\n")
		if (broken == "") != (c.broken == "") || !strings.Contains(broken, c.broken) {
			t.Errorf("%s: broken are %q, want %q", c.name, broken, c.broken)
		}
		var b strings.Builder
		if err := Markdown(&b, []*Agreement{a}); err != nil {
			t.Fatal(err)
		}
		if bold := strings.Contains(b.String(), "**"); bold != (c.broken != "") {
			t.Errorf("%s: the table marks a broken bound: %v\n%s", c.name, bold, b.String())
		}
	}
}

// TestCPUIsOfViewersThatAreThere: 4 ms for twenty viewers in four seconds.
func TestCPUIsOfViewersThatAreThere(t *testing.T) {
	a, err := Agree("case", side("packet", nil), side("flow", nil))
	if err != nil {
		t.Fatal(err)
	}
	if a.PacketCPU != 50 || a.FlowCPU != 50 {
		t.Errorf("CPU per viewer-second is %v and %v us, want 50", a.PacketCPU, a.FlowCPU)
	}
}

// TestOnlyTheSameAudienceIsCompared: other seeds, sizes and tiers are refused.
func TestOnlyTheSameAudienceIsCompared(t *testing.T) {
	other := side("flow", nil)
	other[1].Run.Seed = 7
	larger := side("flow", func(s *results.Summary) { s.Peers = 21 })
	older := side("flow", nil)
	older[0].Scenario = json.RawMessage(`{"stream": {"kind": "vod"}}`)
	for name, flow := range map[string][]*results.Result{
		"another scenario": older, "another seed": other, "more viewers": larger, "the same tier": side("packet", nil), "fewer runs": side("flow", nil)[:1], "none": nil,
	} {
		if _, err := Agree("case", side("packet", nil), flow); !errors.Is(err, ErrTiers) {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
}

// TestHowAScenarioIsWrittenDoesNotMatter: only what it says.
func TestHowAScenarioIsWrittenDoesNotMatter(t *testing.T) {
	packet, flow := side("packet", nil), side("flow", nil)
	packet[0].Scenario, flow[0].Scenario = json.RawMessage(`{"a":1}`), json.RawMessage("{\n \"a\": 1\n}")
	if _, err := Agree("case", packet, flow); err != nil {
		t.Error(err)
	}
}

// TestABoundWithoutItsMetric is not kept: nobody has seen a picture in either tier, so there is no startup to compare.
func TestABoundWithoutItsMetric(t *testing.T) {
	dark := func(s *results.Summary) { s.StartupMs = results.Dist{} }
	if _, err := Agree("case", side("packet", dark), side("flow", dark)); !errors.Is(err, ErrTiers) {
		t.Errorf("got %v, want a refusal", err)
	}
}

// TestABaselineStandsForItsRuns: the same rows come of a baseline as of the runs that it was made of, and other seeds are refused.
func TestABaselineStandsForItsRuns(t *testing.T) {
	packet, flow := side("packet", nil), side("flow", func(s *results.Summary) { s.P2PRatio += 0.02 })
	runs, err := Agree("case", packet, flow)
	if err != nil {
		t.Fatal(err)
	}
	evidence, err := results.NewEvidence("packet", packet)
	if err != nil {
		t.Fatal(err)
	}
	baseline, err := results.NewBaseline(evidence).Evidence("packet")
	if err != nil {
		t.Fatal(err)
	}
	a, err := AgreeWith("case", baseline, flow)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range a.Rows {
		for _, want := range runs.Rows {
			if want.Metric == r.Metric && (math.Abs(want.Diff-r.Diff) > 1e-6 || want.Broken != r.Broken) {
				t.Errorf("%s: %v of the baseline, %v of its runs", r.Metric, r.Diff, want.Diff)
			}
		}
		if i == 0 && math.Abs(r.Diff-0.02) > 1e-6 {
			t.Errorf("%s differs by %v, want 0.02", r.Metric, r.Diff)
		}
	}
	if a.PacketCPU != 0 || a.Peers != 20 || len(a.Rows) < 5 {
		t.Errorf("%v us of CPU, %d viewers, %d rows", a.PacketCPU, a.Peers, len(a.Rows))
	}
	if _, err := AgreeWith("case", baseline, flow[:1]); !errors.Is(err, ErrTiers) {
		t.Errorf("fewer seeds: %v, want a refusal", err)
	}
	flow[0].Scenario = json.RawMessage(`{"stream": {"kind": "vod"}}`)
	if _, err := AgreeWith("case", baseline, flow); !errors.Is(err, ErrTiers) {
		t.Errorf("another scenario: %v, want a refusal", err)
	}
	if _, err := AgreeWith("case", baseline, packet); !errors.Is(err, ErrTiers) {
		t.Errorf("the packet tier again: %v, want a refusal", err)
	}
}
