package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEvidenceOfEveryKind(t *testing.T) {
	dir := t.TempDir()
	if _, err := WriteRepeats(dir, threeRuns()); err != nil {
		t.Fatal(err)
	}
	repeats := evidence(t, dir)
	baseline := filepath.Join(dir, "base.json")
	if err := WriteBaseline(baseline, NewBaseline(repeats)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, kind string
		seeds      []uint64
		runs       int
	}{
		{dir, KindRepeats, []uint64{1, 2, 3}, 3},
		{filepath.Join(dir, RepeatsFile), KindRepeats, []uint64{1, 2, 3}, 3},
		{RepeatDir(dir, 2), KindRun, []uint64{2}, 1},
		{filepath.Join(RepeatDir(dir, 2), ResultFile), KindRun, []uint64{2}, 1},
		{baseline, KindBaseline, []uint64{1, 2, 3}, 0},
	} {
		e := evidence(t, c.path)
		if e.Kind != c.kind || !cmp.Equal(e.Seeds, c.seeds) || len(e.Runs) != c.runs || e.Name != "two" || e.Tier != "packet" || e.Version != "test" {
			t.Errorf("%s: %+v", c.path, e)
		}
		if c.kind != KindRun && !cmp.Equal(e.Measured("p2pRatio"), []float64{0.2, 0.25, 0.3}) {
			t.Errorf("%s: ratios %v", c.path, e.Measured("p2pRatio"))
		}
	}
	// What a seed could not measure stays not measured, through the file and back.
	for _, e := range []*Evidence{repeats, evidence(t, baseline)} {
		if _, ok := e.Value("startupMs.p50", 2); ok || len(e.Measured("startupMs.p50")) != 2 {
			t.Errorf("%s: startup %v", e.Kind, e.Measured("startupMs.p50"))
		}
	}
	// A counter that one run has not is 0 there.
	if x, ok := repeats.Value("httpReasons.p2pFailed.bytes", 0); !ok || x != 0 {
		t.Errorf("a reason that two runs have not: %v, %v", x, ok)
	}
}

func evidence(t *testing.T, path string) *Evidence {
	t.Helper()
	e, err := ReadEvidence(path)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEvidenceThatIsNone(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	head := `{"schema": "swarmlab/baseline/v1", "name": "x", `
	for what, c := range map[string]struct{ path, says string }{
		"nowhere":                 {filepath.Join(dir, "nowhere"), "no such file"},
		"an empty folder":         {t.TempDir(), "neither repeats.json nor result.json"},
		"a newer result":          {write("newer.json", `{"schema": "swarmlab/result/v9"}`), "another version"},
		"a newer baseline":        {write("newbase.json", `{"schema": "swarmlab/baseline/v9"}`), `this one reads "swarmlab/baseline/v1"`},
		"somebody else's":         {write("other.json", `{"a": 1}`), "not of swarmlab"},
		"an empty file":           {write("empty.json", ``), "not a result"},
		"repeats without runs":    {write("r/repeats.json", `{"schema": "swarmlab/repeats/v1", "seeds": [7]}`), "seed-7"},
		"a baseline of nothing":   {write("b1.json", head+`"seeds": [1]}`), "no metrics"},
		"a baseline of no seeds":  {write("b2.json", head+`"metrics": [{"metric": "p2pRatio", "values": []}]}`), "no seeds"},
		"a value too few":         {write("b3.json", head+`"seeds": [1, 2], "metrics": [{"metric": "p2pRatio", "values": [1]}]}`), "1 values, there are 2 seeds"},
		"a metric twice":          {write("b4.json", head+`"seeds": [1], "metrics": [{"metric": "offload", "values": [1]}, {"metric": "offload", "values": [1]}]}`), "offload"},
		"a figure beyond figures": {write("b6.json", head+`"seeds": [1], "metrics": [{"metric": "offload", "values": [1e300]}]}`), "no run can measure"},
		"a seed twice":            {write("b5.json", head+`"seeds": [1, 1], "metrics": [{"metric": "offload", "values": [1, 1]}]}`), "seed 1"},
	} {
		_, err := ReadEvidence(c.path)
		if !errors.Is(err, ErrEvidence) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), filepath.Base(c.path)) {
			t.Errorf("%s: %v, want %q and the path", what, err, c.says)
		}
	}
}

func TestBaselineReadsWellInAReview(t *testing.T) {
	e, err := NewEvidence("x", threeRuns())
	if err != nil {
		t.Fatal(err)
	}
	e.Scenario = json.RawMessage(`{"stream": {"kind": "vod"}, "name": "two", "peers": {"count": 2, "groups": [{"name": "home"}]}}`)
	var one, two bytes.Buffer
	b := NewBaseline(e)
	if err := b.encode(&one); err != nil {
		t.Fatal(err)
	}
	e.Scenario = json.RawMessage(`{"peers": {"groups": [{"name": "home"}], "count": 2}, "name": "two", "stream": {"kind": "vod"}}`)
	if err := NewBaseline(e).encode(&two); err != nil {
		t.Fatal(err)
	}
	if one.String() != two.String() {
		t.Error("the order of a scenario's fields shows in the file")
	}
	for _, line := range []string{
		`  "seeds": [1,2,3],`,
		`    {"metric": "p2pRatio", "mean": 0.25, "values": [0.2, 0.25, 0.3]},`,
		`    {"metric": "startupMs.p50", "mean": 250, "values": [250, 250, null]},`,
		`      "kind": "vod"`,
	} {
		if !strings.Contains(one.String(), line+"\n") {
			t.Errorf("no line %s in\n%s", line, one.String())
		}
	}
	if !json.Valid(one.Bytes()) {
		t.Error("not JSON")
	}
}

func FuzzReadBaseline(f *testing.F) {
	e, err := NewEvidence("x", threeRuns())
	if err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if err := NewBaseline(e).encode(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"schema": "swarmlab/baseline/v1", "seeds": [1], "metrics": [{"metric": "p2pRatio", "values": [1e308]}], "scenario": {"a": [1, {"b": null}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "b.json")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		e, err := ReadEvidence(path)
		if err != nil || e.Kind != KindBaseline {
			return
		}
		// What could be read can be compared, with itself and with others.
		if c, err := Compare([]*Evidence{e, e}); err == nil {
			if _, err := json.Marshal(c); err != nil {
				t.Errorf("a comparison that cannot be written: %v", err)
			}
		}
		if _, err := Against(e, e, nil); err != nil {
			t.Error(err)
		}
	})
}
