package results

import (
	"bufio"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// jsonKeys are a struct's keys in their order.
func jsonKeys(v any) []string {
	var out []string
	t := reflect.TypeOf(v)
	for i := range t.NumField() {
		key, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		out = append(out, key)
	}
	return out
}

func TestTableOfMetricsIsTheSummary(t *testing.T) {
	var names []string
	for _, m := range Metrics() {
		names = append(names, m.Name)
		if m.Title == "" || m.Unit == "" || !slices.Contains([]Direction{Up, Down, Neutral}, m.Direction) {
			t.Errorf("%s is not described: %+v", m.Name, m)
		}
	}
	if keys := jsonKeys(Summary{}); !slices.Equal(names, keys) {
		t.Errorf("the table has\n%v\nthe summary\n%v", names, keys)
	}
}

// documented reads METRICS.md: section -> key -> unit and direction.
func documented(t *testing.T) map[string]map[string][2]string {
	t.Helper()
	f, err := os.Open("METRICS.md")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out, section := map[string]map[string][2]string{}, ""
	row := regexp.MustCompile("^\\| (`.*`) \\| (.+) \\| ([^|]+) \\| (up|down|neutral) \\|$")
	key := regexp.MustCompile("`([^`]+)`")
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, ok := strings.CutPrefix(s.Text(), "## "); ok {
			section = name
			out[section] = map[string][2]string{}
		} else if m := row.FindStringSubmatch(s.Text()); m != nil {
			for _, k := range key.FindAllStringSubmatch(m[1], -1) {
				if _, twice := out[section][k[1]]; twice {
					t.Errorf("%s: %s is there twice", section, k[1])
				}
				out[section][k[1]] = [2]string{m[3], m[4]}
			}
		}
	}
	return out
}

func TestEveryKeyIsDocumented(t *testing.T) {
	doc := documented(t)
	for section, v := range map[string]any{
		"summary": Summary{}, "timeline": Sample{}, "peers": PeerRow{}, "overlay": Overlay{}, "cohorts": Cohort{}, "run, histograms, invariants": Run{},
	} {
		keys := jsonKeys(v)
		for _, k := range keys {
			if _, ok := doc[section][k]; !ok {
				t.Errorf("METRICS.md says nothing of %s under %q", k, section)
			}
		}
		for k := range doc[section] {
			if !slices.Contains(keys, k) {
				t.Errorf("METRICS.md has %s under %q, the schema has not", k, section)
			}
		}
	}
	for _, m := range Metrics() {
		if got := doc["summary"][m.Name]; got != [2]string{m.Unit, string(m.Direction)} {
			t.Errorf("METRICS.md says %s is %v, the table says %s, %s", m.Name, got, m.Unit, m.Direction)
		}
	}
	page, err := os.ReadFile("METRICS.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, inv := range invariants {
		if !strings.Contains(string(page), "| `"+inv.name+"` |") {
			t.Errorf("METRICS.md says nothing of the invariant %s", inv.name)
		}
	}
}

func TestValuesAreFlat(t *testing.T) {
	s := must(Summarise(twoViewers())).Summary
	got := map[string]float64{}
	for _, v := range s.Values() {
		if _, twice := got[v.Name]; twice {
			t.Errorf("%s is there twice", v.Name)
		}
		got[v.Name] = v.Value
		if _, ok := Describe(v.Name); !ok {
			t.Errorf("%s is not described", v.Name)
		}
	}
	for name, want := range map[string]float64{
		"peers": 2, "p2pRatio": 0.25, "startupMs.p95": 250, "wastedByCause.stale": 100, "httpReasons.highDemand.bytes": 1500,
		"requests.http.loaded": 3, "inFlightBytes": 50, "segmentsLoaded.mixed": 1, "degree.count": 2,
	} {
		if v, ok := got[name]; !ok || v != want {
			t.Errorf("%s = %v (there: %v), want %v", name, v, ok, want)
		}
	}
	s.StartupMs, s.InFlightBytes = Dist{}, nil
	for _, v := range s.Values() {
		if v.Name == "startupMs.p95" || v.Name == "inFlightBytes" {
			t.Errorf("%s was not measured, but has the value %v", v.Name, v.Value)
		}
	}
}
