package slowlink

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteRun appends one run to a file of runs, a line of JSON each.
func WriteRun(w io.Writer, r Run) error { return json.NewEncoder(w).Encode(r) }

// ReadRuns reads such a file.
func ReadRuns(r io.Reader) (runs []Run, err error) {
	d := json.NewDecoder(r)
	for {
		var run Run
		err := d.Decode(&run)
		if errors.Is(err, io.EOF) {
			return runs, nil
		}
		if err != nil {
			return nil, fmt.Errorf("run %d: %w", len(runs)+1, err)
		}
		runs = append(runs, run)
	}
}

// Tables draws all runs as Markdown: flows alone, then flows that share, rows in the order in which they first appear.
func Tables(runs []Run) string {
	var losses []float64
	var alone, shared []string
	for _, r := range runs {
		if !slices.Contains(losses, r.Loss) {
			losses = append(losses, r.Loss)
		}
		rows := &alone
		if len(r.Flows) > 1 {
			rows = &shared
		}
		if !slices.Contains(*rows, r.Row) {
			*rows = append(*rows, r.Row)
		}
	}
	slices.Sort(losses)
	var b strings.Builder
	draw := func(what string, rows []string, cell func([]Run) string) {
		if len(rows) == 0 {
			return
		}
		fmt.Fprintf(&b, "| %s |", what)
		for _, l := range losses {
			fmt.Fprintf(&b, " loss %.3g %% |", l*100)
		}
		fmt.Fprintf(&b, "\n|---|%s\n", strings.Repeat("---|", len(losses)))
		for _, row := range rows {
			fmt.Fprintf(&b, "| %s |", row)
			for _, l := range losses {
				fmt.Fprintf(&b, " %s |", cell(slices.DeleteFunc(slices.Clone(runs), func(r Run) bool {
					return r.Row != row || r.Loss != l
				})))
			}
			b.WriteString("\n")
		}
		b.WriteString("\n")
	}
	draw("one flow alone: goodput in Mbit/s", alone, func(rs []Run) string { return spread(rs, Run.Total, "%.2f") })
	draw("the same without its first 5 s", alone, func(rs []Run) string {
		return spread(rs, func(r Run) float64 { return r.Flows[0].Steady }, "%.2f")
	})
	draw("its first megabyte, s", alone, func(rs []Run) string {
		return spread(rs, func(r Run) float64 { return r.Flows[0].FirstMBMs / 1e3 }, "%.2f")
	})
	draw("its longest silence, ms", alone, func(rs []Run) string {
		return spread(rs, func(r Run) float64 { return r.Flows[0].SilenceMs }, "%.0f")
	})
	draw("bytes on the wire per byte of payload", wired(alone, runs), func(rs []Run) string { return spread(rs, overhead, "%.3f") })
	draw("two flows at once: each one's goodput in Mbit/s", shared, func(rs []Run) string {
		if len(rs) == 0 {
			return nothing
		}
		return spread(rs, func(r Run) float64 { return r.Flows[0].Goodput }, "%.2f") + " and " +
			spread(rs, func(r Run) float64 { return r.Flows[1].Goodput }, "%.2f")
	})
	draw("share of the first", shared, func(rs []Run) string {
		return spread(rs, func(r Run) float64 { return 100 * r.Flows[0].Goodput / r.Total() }, "%.0f %%")
	})
	return b.String()
}

// wired are the rows whose link counts bytes.
func wired(rows []string, runs []Run) (counted []string) {
	for _, row := range rows {
		if slices.ContainsFunc(runs, func(r Run) bool { return r.Row == row && r.WireBytes > 0 }) {
			counted = append(counted, row)
		}
	}
	return counted
}

// overhead is what the link carried for what arrived: headers, and what was sent again.
func overhead(r Run) float64 {
	return float64(r.WireBytes) / (r.Total() * 1e6 / 8 * r.WindowSeconds)
}

// nothing is what stands where nothing was measured.
const nothing = "–"

// spread is the median and, in brackets, the range of a figure.
func spread(runs []Run, figure func(Run) float64, format string) string {
	if len(runs) == 0 {
		return nothing
	}
	var all []float64
	for _, r := range runs {
		all = append(all, figure(r))
	}
	slices.Sort(all)
	median := all[len(all)/2]
	if len(all)%2 == 0 {
		median = (all[len(all)/2-1] + median) / 2
	}
	if len(all) == 1 {
		return fmt.Sprintf(format, median)
	}
	return fmt.Sprintf(format+" ("+format+" – "+format+")", median, all[0], all[len(all)-1])
}
