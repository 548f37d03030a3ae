package scenarios

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseThreshold(t *testing.T) {
	for text, want := range map[string]Threshold{
		"p2pRatio > 0.6":    {Metric: "p2pRatio", Op: ">", Value: 0.6},
		"stallRatio<=1e-2":  {Metric: "stallRatio", Op: "<=", Value: 0.01},
		" stalls == 0 ":     {Metric: "stalls", Op: "==", Value: 0},
		"offload != -1":     {Metric: "offload", Op: "!=", Value: -1},
		"mean(degree) >= 3": {Func: "mean", Metric: "degree", Op: ">=", Value: 3},
		"p95(httpLatencyMs{group:home}) < 800": {
			Func: "p", Percentile: 95, Metric: "httpLatencyMs", Selector: []Label{{"group", "home"}}, Op: "<", Value: 800},
		"p99.9( startupMs { group : home , nat : symmetric } ) < 2000": {
			Func: "p", Percentile: 99.9, Metric: "startupMs", Selector: []Label{{"group", "home"}, {"nat", "symmetric"}}, Op: "<", Value: 2000},
		"p2pRatio{group:mobile-4g.a} > 0": {Metric: "p2pRatio", Selector: []Label{{"group", "mobile-4g.a"}}, Op: ">", Value: 0},
	} {
		got, err := ParseThreshold(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", text, diff)
		}
		if back, err := ParseThreshold(got.String()); err != nil || !cmp.Equal(got, back) {
			t.Errorf("%s is written %s, which reads as %v, %v", text, got, back, err)
		}
	}
}

func TestParseThresholdRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "has no comparison",
		"p2pRatio":                     "has no comparison",
		"> 1":                          "is no metric's name",
		"p2pRatio > ":                  "must end in a number",
		"p2pRatio > NaN":               "must end in a number",
		"p2pRatio > Inf":               "must end in a number",
		"p2pRatio > 0.6 && stalls < 1": "must end in a number",
		"p2pRatio = 1":                 "unknown comparison",
		"avg(x) > 1":                   "unknown function",
		"p0(x) > 1":                    "unknown function",
		"p100.1(x) > 1":                "unknown function",
		"x) > 1":                       "closes a bracket",
		"p95(x > 1":                    "is no metric's name",
		"x} > 1":                       "closes a brace",
		"x{} > 1":                      "is no label",
		"x{group:} > 1":                "is no label",
		"x{group:a} b > 1":             "is no metric's name",
		"a b > 1":                      "is no metric's name",
		"p95(mean(x)) > 1":             "is no metric's name",
		strings.Repeat("x", 501):       "longer than",
	} {
		if _, err := ParseThreshold(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error that says %q", text, err, want)
		}
	}
}

func TestNearest(t *testing.T) {
	keys := []string{"count", "arrival", "session", "leave", "groups", "segmentDuration", "simultaneousHttpDownloads", "full-cone", "none"}
	for word, want := range map[string]string{
		"cuont": "count", "COUNT": "count", "counts": "count", "arival": "arrival", "segment_duration": "segmentDuration",
		"simultaneousHTTPDownload": "simultaneousHttpDownloads", "cone": "full-cone", "non": "none", "group": "groups",
		"": "", "bandwidth": "", "x": "", strings.Repeat("count", 100): "",
	} {
		if got := nearest(word, keys); got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
}
