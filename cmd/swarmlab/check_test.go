package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"swarmlab/results"
	"swarmlab/scenarios"
)

// Every preset's thresholds can be evaluated: one that cannot would only be noticed after its runs.
func TestThresholdsOfPresets(t *testing.T) {
	for _, name := range scenarios.Names() {
		scenario, err := scenarios.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := (&checkFlags{}).conditions(scenario); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Shipped baselines can be read, and are of presets.
func TestShippedBaselines(t *testing.T) {
	files, err := os.ReadDir(root + "results/baselines")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name, isJSON := strings.CutSuffix(f.Name(), ".json")
		if !isJSON {
			continue
		}
		e, err := results.ReadBaseline(root + "results/baselines/" + f.Name())
		if err != nil {
			t.Error(err)
			continue
		}
		if _, known := scenarios.Preset(name); !known || e.Name != name || len(e.Seeds) < 5 {
			t.Errorf("%s: it is of %q, with %d seeds", f.Name(), e.Name, len(e.Seeds))
		}
	}
}

// The flags that the pages name are there.
func TestFlagsOfThePages(t *testing.T) {
	check, compare := newCheck(streams{}), newCompare(streams{})
	for _, page := range []string{"results/docs/ci.md", "results/docs/swarmlab-check.yml", "results/docs/comparing.md"} {
		flags := regexp.MustCompile(`--([a-z]+(?:-[a-z]+)*)`).FindAllStringSubmatch(read(t, page), -1)
		if len(flags) == 0 {
			t.Errorf("%s names no flag; has its form changed?", page)
		}
		for _, m := range flags {
			if check.Flags().Lookup(m[1]) == nil && compare.Flags().Lookup(m[1]) == nil && m[1] != "repeat" {
				t.Errorf("%s: there is no flag %s", page, m[0])
			}
		}
	}
}

// The workflow is YAML, and its permissions are the least that do.
func TestWorkflow(t *testing.T) {
	text := read(t, "results/docs/swarmlab-check.yml")
	for _, want := range []string{"contents: read", "if: always()", "timeout-minutes:", "swarmlab\" check match.yaml"} {
		if !strings.Contains(text, want) {
			t.Errorf("the workflow has no %q", want)
		}
	}
	var doc map[string]any
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil || doc["jobs"] == nil {
		t.Errorf("%v: %v", doc, err)
	}
}
