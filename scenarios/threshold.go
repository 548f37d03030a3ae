package scenarios

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Threshold is a condition on a run's summary, such as p95(httpLatencyMs{group:home}) < 800:
//
//	condition = subject op number
//	subject   = metric | metric "{" labels "}" | function "(" metric [ "{" labels "}" ] ")"
//	function  = "mean" | "min" | "max" | "count" | "sum" | "median" | "p" percentile
//	labels    = key ":" value { "," key ":" value }
//	op        = ">" | ">=" | "<" | "<=" | "==" | "!="
//
// Which metrics there are is known to the results, not here; this is the syntax only.
type Threshold struct {
	Func       string  // "" for the metric's own value; percentiles are "p"
	Percentile float64 // of Func "p", above 0 and at most 100
	Metric     string
	Selector   []Label
	Op         string
	Value      float64
}

// Label restricts a threshold to some of the viewers: {group:home}.
type Label struct{ Key, Value string }

var (
	thresholdOps   = []string{">=", "<=", "==", "!=", ">", "<"} // two letters first
	thresholdFuncs = []string{"mean", "min", "max", "count", "sum", "median"}
)

// ParseThreshold reads a condition.
func ParseThreshold(text string) (Threshold, error) {
	const longest = 500
	if len(text) > longest {
		return Threshold{}, fmt.Errorf("is longer than %d letters", longest)
	}
	i := strings.IndexAny(text, "<>=!")
	if i < 0 {
		return Threshold{}, fmt.Errorf("%q has no comparison; write one of %s and a number", text, list(thresholdOps))
	}
	t := Threshold{}
	rest := text[i:]
	for _, op := range thresholdOps {
		if strings.HasPrefix(rest, op) {
			t.Op = op
			break
		}
	}
	if t.Op == "" {
		return Threshold{}, fmt.Errorf("%q has an unknown comparison; it can be %s", text, list(thresholdOps))
	}
	number := strings.TrimSpace(rest[len(t.Op):])
	value, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
		return Threshold{}, fmt.Errorf("%q must end in a number, got %q", text, number)
	}
	t.Value = value
	return t, t.subject(strings.TrimSpace(text[:i]))
}

func (t *Threshold) subject(s string) error {
	if inner, ok := strings.CutSuffix(s, ")"); ok {
		name, metric, found := strings.Cut(inner, "(")
		if !found {
			return fmt.Errorf("%q closes a bracket that it does not open", s)
		}
		if err := t.function(strings.TrimSpace(name)); err != nil {
			return err
		}
		s = strings.TrimSpace(metric)
	}
	if inner, ok := strings.CutSuffix(s, "}"); ok {
		metric, labels, found := strings.Cut(inner, "{")
		if !found {
			return fmt.Errorf("%q closes a brace that it does not open", s)
		}
		if err := t.labels(labels); err != nil {
			return err
		}
		s = strings.TrimSpace(metric)
	}
	if !isName(s) {
		return fmt.Errorf("%q is no metric's name", s)
	}
	t.Metric = s
	return nil
}

func (t *Threshold) function(name string) error {
	if slices.Contains(thresholdFuncs, name) {
		t.Func = name
		return nil
	}
	if p, ok := strings.CutPrefix(name, "p"); ok {
		if x, err := strconv.ParseFloat(p, 64); err == nil && x > 0 && x <= 100 {
			t.Func, t.Percentile = "p", x
			return nil
		}
	}
	return fmt.Errorf("unknown function %q; it can be %s, or a percentile such as p95", name, list(thresholdFuncs))
}

func (t *Threshold) labels(s string) error {
	for part := range strings.SplitSeq(s, ",") {
		key, value, ok := strings.Cut(part, ":")
		l := Label{Key: strings.TrimSpace(key), Value: strings.TrimSpace(value)}
		if !ok || !isName(l.Key) || l.Value == "" || strings.ContainsAny(l.Value, "{}()") {
			return fmt.Errorf("%q is no label; write key:value, such as group:home", strings.TrimSpace(part))
		}
		t.Selector = append(t.Selector, l)
	}
	return nil
}

// isName tells whether s is a letter followed by letters and digits.
func isName(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// String writes the condition as it is read.
func (t Threshold) String() string {
	s := t.Metric
	if len(t.Selector) > 0 {
		var labels []string
		for _, l := range t.Selector {
			labels = append(labels, l.Key+":"+l.Value)
		}
		s += "{" + strings.Join(labels, ",") + "}"
	}
	switch t.Func {
	case "":
	case "p":
		s = "p" + strconv.FormatFloat(t.Percentile, 'f', -1, 64) + "(" + s + ")"
	default:
		s = t.Func + "(" + s + ")"
	}
	return s + " " + t.Op + " " + strconv.FormatFloat(t.Value, 'g', -1, 64)
}
