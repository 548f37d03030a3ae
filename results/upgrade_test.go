package results

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// testdata/v1/result.json was written before cohorts and overlays were recorded. It reads as on the day it was written.
func TestTheOldestResultReads(t *testing.T) {
	r, err := Read("testdata/v1")
	if err != nil {
		t.Fatal(err)
	}
	if r.ReadFrom != "" || r.Run.Name != "two-viewers" || r.Summary.Peers != 2 || len(r.Timeline) == 0 || r.Summary.P2PBytes == 0 {
		t.Errorf("%+v", r.Run)
	}
	if r.Cohorts != nil || r.Overlay != nil {
		t.Error("what was not recorded was made up")
	}
	for _, c := range CheckInvariants(r) {
		if !c.OK {
			t.Errorf("an invariant of today finds fault with it: %s: %s", c.Name, c.Detail)
		}
	}
	// It is as good a side of a comparison as any.
	e := evidence(t, "testdata/v1")
	if _, err := Compare([]*Evidence{e, made(t, 1, []float64{0.5}, 0)}); err != nil {
		t.Error(err)
	}
	dir := t.TempDir()
	if err := Write(dir, r); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(dir); err != nil {
		t.Errorf("written again: %v", err)
	}
}

// A file two versions old takes two steps. The versions are made up: there is only one so far.
func TestOlderSchemasAreUpgraded(t *testing.T) {
	saved := maps.Clone(upgrades)
	defer func() { upgrades = saved }()
	broken := errors.New("no figures")
	upgrades = map[string]step{
		"swarmlab/result/v-1": {"swarmlab/result/v0", func(doc map[string]json.RawMessage) error {
			if doc["figures"] == nil {
				return broken
			}
			doc["results"] = doc["figures"]
			delete(doc, "figures")
			return nil
		}},
		"swarmlab/result/v0": {Schema, func(doc map[string]json.RawMessage) error {
			doc["summary"] = doc["results"]
			delete(doc, "results")
			return nil
		}},
	}
	path := filepath.Join(t.TempDir(), "r.json")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"schema": "swarmlab/result/v-1", "figures": {"p2pRatio": 0.5}, "run": {"name": "old", "seed": 18446744073709551615}}`)
	r, err := Read(path)
	if err != nil || r.Summary.P2PRatio != 0.5 || r.Schema != Schema || r.ReadFrom != "swarmlab/result/v-1" || r.Run.Seed != 1<<64-1 {
		t.Errorf("%+v, %v", r, err)
	}
	if e := evidence(t, path); e.Schema != "swarmlab/result/v-1" {
		t.Errorf("a comparison would not say that it is of schema %s", e.Schema)
	}
	write(`{"schema": "swarmlab/result/v-1"}`)
	if _, err := Read(path); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}
