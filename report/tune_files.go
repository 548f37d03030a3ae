package report

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"swarmlab/results"
)

// The configuration to paste, in a tuning's folder. Without a winner there is none.
const (
	configHLS   = "config-hlsjs.mjs"
	configShaka = "config-shaka.mjs"
	configJSON  = "config.json"
)

// WriteTuning draws a tuning that is kept already: report.html, summary.md, trials.csv and trials.jsonl, and of a winner the
// configuration to paste, for hls.js, Shaka and as JSON; each file whole or not at all. c is the winner's configuration. Without a winner
// the configuration of an earlier one is removed: more trials may have shown that it was none, and nobody should paste it.
func WriteTuning(dir string, t *results.Tuning, c results.Configuration) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { // results are for everybody
		return fmt.Errorf("make the output folder: %w", err)
	}
	files := []drawn{
		{"trials.csv", func(w io.Writer) error { return TrialsCSV(w, t) }},
		{"trials.jsonl", func(w io.Writer) error { return TrialsJSONLines(w, t) }},
		{"summary.md", func(w io.Writer) error { return TuningMarkdown(w, t, c) }},
		{"report.html", func(w io.Writer) error { return TuningHTML(w, t, c) }},
	}
	if winner(t) == nil {
		return errors.Join(removeConfiguration(dir), writeFiles(dir, files))
	}
	asJSON, err := PasteJSON(c)
	if err != nil {
		return err
	}
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	return writeFiles(dir, append(files, drawn{configHLS, text(PasteHLS(c))}, drawn{configShaka, text(PasteShaka(c))}, drawn{configJSON, text(asJSON)}))
}

func removeConfiguration(dir string) error {
	for _, name := range []string{configHLS, configShaka, configJSON} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove the configuration of an earlier winner: %w", err)
		}
	}
	return nil
}

// TrialsJSONLines writes one trial a line, as tuning.json has it.
func TrialsJSONLines(w io.Writer, t *results.Tuning) error {
	e := json.NewEncoder(w)
	for _, trial := range t.Trials {
		if err := e.Encode(trial); err != nil {
			return err
		}
	}
	return nil
}

// TrialsCSV writes one trial a line: its settings (empty where it leaves a field alone), the means of all figures, and the gains.
func TrialsCSV(w io.Writer, t *results.Tuning) error {
	figures := trialFigures(t)
	head := []string{"trial", "origin", "state", "batch", "rung", "seeds", "feasible", "violated", "error"}
	for _, d := range t.Space {
		head = append(head, safeCell(d.Path))
	}
	for _, f := range figures {
		head = append(head, safeCell(f))
	}
	for _, o := range t.Objectives {
		head = append(head, "gain "+o.Figure, "gain low "+o.Figure, "gain high "+o.Figure)
	}
	out := csv.NewWriter(w)
	if err := out.Write(head); err != nil {
		return err
	}
	for _, trial := range t.Trials {
		if err := out.Write(trialLine(t, trial, figures)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func trialLine(t *results.Tuning, trial results.Trial, figures []string) []string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', 8, 64) }
	line := []string{
		strconv.Itoa(trial.Number), safeCell(trial.Origin), safeCell(string(trial.State)), strconv.Itoa(trial.Batch), strconv.Itoa(trial.Rung),
		strconv.Itoa(len(trial.Seeds)), strconv.FormatBool(trial.Feasible), safeCell(strings.Join(trial.Violated, "; ")), safeCell(trial.Error),
	}
	for _, d := range t.Space {
		value, set := settingOf(trial, d)
		if !set {
			value = ""
		}
		line = append(line, settingCell(value))
	}
	for _, f := range figures {
		cell := ""
		if x, ok := trial.Means[f]; ok {
			cell = number(x)
		}
		line = append(line, cell)
	}
	for _, o := range t.Objectives {
		cells := []string{"", "", ""}
		if g, ok := gainOf(trial, o.Figure); ok {
			cells[0] = number(g.Diff)
			if g.Interval != nil {
				cells[1], cells[2] = number(g.Interval.Low), number(g.Interval.High)
			}
		}
		line = append(line, cells...)
	}
	return line
}

// trialFigures are all figures that trials have: the objectives' first, then the constraints', then others by name.
func trialFigures(t *results.Tuning) []string {
	var out []string
	add := func(f string) {
		if f != "" && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	for _, o := range t.Objectives {
		add(o.Figure)
	}
	for _, c := range t.Constraints {
		add(c.Figure)
	}
	var others []string
	for _, trial := range t.Trials {
		for f := range trial.Means {
			others = append(others, f)
		}
	}
	slices.Sort(others)
	for _, f := range others {
		add(f)
	}
	return out
}
