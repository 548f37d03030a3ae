package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"swarmlab/results"
)

// Texts and tables that every form of a grid shares.

// WriteSweep writes a grid and all that is drawn of it into dir, each file whole or not at all. sweep.json comes first.
func WriteSweep(dir string, s *results.Sweep) error {
	if err := results.WriteSweep(dir, s); err != nil {
		return err
	}
	return WriteSweepReports(dir, s)
}

// WriteSweepReports draws a grid that is kept already.
func WriteSweepReports(dir string, s *results.Sweep) error {
	of := func(f func(io.Writer, *results.Sweep) error) func(io.Writer) error {
		return func(w io.Writer) error { return f(w, s) }
	}
	return writeDrawn(dir, []drawn{{"sweep.csv", of(SweepCSV)}, {"sweep.md", of(SweepMarkdown)}}, SweepPlots(s))
}

// sweepTitle is the grid in a few words.
func sweepTitle(s *results.Sweep) string {
	name := printable(s.Name)
	if name == "" {
		name = "sweep"
	}
	return fmt.Sprintf("%s: %s of settings", name, many(int64(len(s.Cells)), "combination", "combinations"))
}

// sweepSubtitle says how the figures were made.
func sweepSubtitle(s *results.Sweep) string {
	text := fmt.Sprintf("%s tier, every combination with the same %s", printable(s.Tier), many(int64(len(s.Seeds)), "seed", "seeds"))
	if all := len(s.Cells) * len(s.Seeds); s.Finished() < all {
		return fmt.Sprintf("INTERRUPTED, %s of %s are there: %s", count(int64(s.Finished())), many(int64(all), "run", "runs"), text)
	}
	return text
}

// shortPaths are the axes' names without what they have in common with nobody: highDemandTimeWindow instead of
// p2pml.core.highDemandTimeWindow, as long as that tells them apart.
func shortPaths(axes []results.Axis) []string {
	out := make([]string, len(axes))
	last := func(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
	for i, a := range axes {
		out[i] = last(a.Path)
		if slices.ContainsFunc(axes, func(b results.Axis) bool { return a.Path != b.Path && last(b.Path) == out[i] }) {
			out[i] = a.Path
		}
		out[i] = printable(out[i])
	}
	return out
}

// standing is how a cell does beside the best one in the first metric.
type standing int

const (
	unknown     standing = iota // not measured, no best, or one seed
	standsBest                  // its mean is the best
	standsEqual                 // chance explains the difference
	standsWorse                 // chance does not
	standsAlone                 // the best, and no seeds to tell the others from it
)

// standings judges every cell by the first metric, seed by seed against the best.
func standings(s *results.Sweep) []standing {
	out := make([]standing, len(s.Cells))
	metric := s.Metrics[0]
	best := s.Best(metric)
	if best < 0 {
		return out
	}
	for i := range s.Cells {
		_, interval, n := s.Paired(best, i, metric)
		switch {
		case i == best:
			out[i] = standsBest
		case n == 0 || interval == nil:
			out[i] = unknown
		case interval.Low <= 0 && interval.High >= 0:
			out[i] = standsEqual
		default:
			out[i] = standsWorse
		}
	}
	if len(s.Seeds) < 2 {
		out[best] = standsAlone
	}
	return out
}

// standingMark stands behind a row.
func standingMark(st standing) string {
	switch st {
	case standsBest, standsAlone:
		return "best"
	case standsEqual:
		return "as good"
	case standsWorse, unknown:
	}
	return ""
}

// sweepNote says what the marks mean, and what they do not.
func sweepNote(s *results.Sweep) string {
	metric := s.Metrics[0]
	if s.Best(metric) < 0 {
		return ""
	}
	title := valueTitle(metric)
	if len(s.Seeds) < 2 {
		return fmt.Sprintf("“best” is by %s, of one seed: chance may have picked it. --seeds 5 says more.", title)
	}
	text := fmt.Sprintf("“best” is by the mean of %s; “as good”: compared seed by seed, chance explains its difference from the best (the 95 %% interval includes zero).", title)
	if len(s.Cells) > 2 {
		text += fmt.Sprintf(" The best of %s owes a part of its lead to luck: run it again with other seeds before you believe it.", count(int64(len(s.Cells))))
	}
	return text
}

// cellSpread is a metric of a cell for a table: the mean and the half width of its interval.
func cellSpread(c results.SweepCell, metric string) string {
	s, ok := c.Spread(metric)
	if !ok {
		return "–"
	}
	text := valueText(metric, s.Mean)
	if s.Interval == nil {
		return text
	}
	half := s.Interval.High - s.Mean
	if inPoints(metric) {
		return text + fmt.Sprintf(" ±%.1f", 100*half)
	}
	return text + " ±" + strings.TrimPrefix(valueText(metric, half), "-")
}

// SweepCSV writes one line for each run: its settings, its seed, and every metric asked for; then all other metrics.
func SweepCSV(w io.Writer, s *results.Sweep) error {
	names := slices.Clone(s.Metrics)
	seen := map[string]bool{}
	for _, name := range names {
		seen[name] = true
	}
	var others []string
	for _, c := range s.Cells {
		for _, run := range c.Runs {
			for name := range run.Values {
				if !seen[name] {
					seen[name], others = true, append(others, name)
				}
			}
		}
	}
	slices.Sort(others)
	names = append(names, others...)
	out := csv.NewWriter(w)
	var head []string
	for _, a := range s.Axes {
		head = append(head, safeCell(a.Path))
	}
	if err := out.Write(append(append(head, "seed"), names...)); err != nil {
		return err
	}
	for _, c := range s.Cells {
		for _, run := range c.Runs {
			if err := out.Write(sweepLine(s, c, run, names)); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

func sweepLine(s *results.Sweep, c results.SweepCell, run results.SweepRun, names []string) []string {
	var line []string
	for _, value := range s.Settings(c) {
		line = append(line, settingCell(value))
	}
	line = append(line, strconv.FormatUint(run.Seed, 10))
	for _, name := range names {
		cell := ""
		if x, ok := run.Values[name]; ok {
			cell = strconv.FormatFloat(x, 'f', -1, 64)
		}
		line = append(line, cell)
	}
	return line
}

// settingCell leaves a number a number, and keeps everything else from being run as a formula.
func settingCell(value string) string {
	if _, err := strconv.ParseFloat(value, 64); err == nil {
		return value
	}
	return safeCell(value)
}
