package sim

import (
	"context"
	"testing"

	"swarmlab/results"
	"swarmlab/scenarios"
)

// run simulates a scenario given as YAML and fails the test on any error, broken invariants included.
func run(t *testing.T, yaml string) *results.Result {
	t.Helper()
	s, err := scenarios.Parse("test.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), s, Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTwoViewersShareAVideo(t *testing.T) {
	r := run(t, `
name: two
stream: {kind: vod, segmentDuration: 4s, length: 60s, variants: [{bandwidth: 400000}]}
peers: {count: 2, arrival: {kind: stagger, gap: 5s}, groups: [{name: home, link: cable, nat: none}]}
`)
	t.Logf("%+v", r.Summary)
}
