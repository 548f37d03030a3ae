package slowlink

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTables(t *testing.T) {
	run := func(row string, loss float64, wire int64, goodputs ...float64) Run {
		r := Run{Row: row, Loss: loss, WindowSeconds: 8, WireBytes: wire}
		for _, g := range goodputs {
			r.Flows = append(r.Flows, Flow{Goodput: g, Steady: g / 2, FirstMBMs: 1234, SilenceMs: 10 * g})
		}
		return r
	}
	runs := []Run{
		run("a", 0.02, 1e6, 0.5), run("a", 0, 5e6, 4), run("a", 0, 5e6, 2), run("a", 0, 5e6, 3), run("a", 0, 5e6, 5),
		run("b", 0, 0, 1), run("both", 0.02, 1e6, 1, 3),
	}
	want := `| one flow alone: goodput in Mbit/s | loss 0 % | loss 2 % |
|---|---|---|
| a | 3.50 (2.00 – 5.00) | 0.50 |
| b | 1.00 | – |

| the same without its first 5 s | loss 0 % | loss 2 % |
|---|---|---|
| a | 1.75 (1.00 – 2.50) | 0.25 |
| b | 0.50 | – |

| its first megabyte, s | loss 0 % | loss 2 % |
|---|---|---|
| a | 1.23 (1.23 – 1.23) | 1.23 |
| b | 1.23 | – |

| its longest silence, ms | loss 0 % | loss 2 % |
|---|---|---|
| a | 35 (20 – 50) | 5 |
| b | 10 | – |

| bytes on the wire per byte of payload | loss 0 % | loss 2 % |
|---|---|---|
| a | 1.458 (1.000 – 2.500) | 2.000 |

| two flows at once: each one's goodput in Mbit/s | loss 0 % | loss 2 % |
|---|---|---|
| both | – | 1.00 and 3.00 |

| share of the first | loss 0 % | loss 2 % |
|---|---|---|
| both | – | 25 % |

`
	if diff := cmp.Diff(want, Tables(runs)); diff != "" {
		t.Error(diff)
	}

	var stored bytes.Buffer
	for _, r := range runs {
		if err := WriteRun(&stored, r); err != nil {
			t.Fatal(err)
		}
	}
	again, err := ReadRuns(&stored)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(runs, again); diff != "" {
		t.Error("stored and read:", diff)
	}
}

// The README's tables are those of the runs beside it, to the digit.
func TestReadme(t *testing.T) {
	f, err := os.Open("measured.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	runs, err := ReadRuns(f)
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for table := range strings.SplitSeq(strings.TrimSpace(Tables(runs)), "\n\n") {
		if !strings.Contains(string(readme), table+"\n") {
			t.Errorf("the README lacks this table, or has other figures:\n%s", table)
		}
	}
}
