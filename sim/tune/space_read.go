package tune

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"swarmlab/results"
)

// What a file of a space may be at most: nobody searches more, and the YAML parser's time grows faster than the file.
const (
	maxSpaceBytes = 32 << 10
	maxDimensions = 30
	maxChoices    = 100
)

var kinds = []string{results.RangeDimension, results.LogDimension, results.IntDimension, results.ChoiceDimension}

type spaceFile struct {
	Dimensions []dimensionFile `yaml:"dimensions"`
}

type dimensionFile struct {
	Path    string `yaml:"path"`
	Kind    string `yaml:"kind"`
	From    any    `yaml:"from"`
	To      any    `yaml:"to"`
	Choices []any  `yaml:"choices"`
	Reason  string `yaml:"reason"`
}

// ReadSpace reads a space from a YAML file, as spaces/live.yaml is one. Errors are ErrInput and name the line and the field.
func ReadSpace(file string) (Space, error) {
	info, err := os.Stat(file)
	if err != nil {
		return Space{}, fmt.Errorf("space: %w: %w", ErrInput, err)
	}
	if info.IsDir() || info.Size() > maxSpaceBytes {
		return Space{}, fmt.Errorf("space: %w: %s: must be a YAML file of at most %d bytes", ErrInput, file, maxSpaceBytes)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return Space{}, fmt.Errorf("space: %w: %w", ErrInput, err)
	}
	return ParseSpace(file, text)
}

// ParseSpace reads a space's text; the file's name is for messages.
func ParseSpace(file string, text []byte) (space Space, err error) {
	// A parser's panic on odd text is the text's fault as far as the user can help it.
	defer func() {
		if r := recover(); r != nil {
			space, err = Space{}, fmt.Errorf("space: %w: %s: cannot be read as YAML", ErrInput, file)
		}
	}()
	if len(text) > maxSpaceBytes || strings.Count(string(text), "[")+strings.Count(string(text), "{") > 200 {
		return Space{}, fmt.Errorf("space: %w: %s: is too long, or too deep, for a space of at most %d dimensions", ErrInput, file, maxDimensions)
	}
	var read spaceFile
	if err := yaml.UnmarshalWithOptions(text, &read, yaml.Strict()); err != nil {
		return Space{}, fmt.Errorf("space: %w: %s", ErrInput, yamlProblem(file, err))
	}
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return Space{}, fmt.Errorf("space: %w: %s", ErrInput, yamlProblem(file, err))
	}
	r := spaceReader{file: file, tree: tree}
	if len(read.Dimensions) == 0 || len(read.Dimensions) > maxDimensions {
		r.fail("dimensions", "must be a list of 1 to %d dimensions, got %d", maxDimensions, len(read.Dimensions))
	}
	for i, d := range read.Dimensions {
		space.Dimensions = append(space.Dimensions, r.dimension(i, d, space.Dimensions))
		space.at = append(space.at, r.where(fmt.Sprintf("dimensions[%d]", i)))
	}
	if len(r.problems) > 0 {
		return Space{}, fmt.Errorf("space: %w:\n%s", ErrInput, strings.Join(r.problems, "\n"))
	}
	return space, nil
}

func yamlProblem(file string, err error) string {
	var located yaml.Error
	if errors.As(err, &located) {
		if t := located.GetToken(); t != nil && t.Position != nil {
			return fmt.Sprintf("%s:%d:%d: %s", file, t.Position.Line, t.Position.Column, located.GetMessage())
		}
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return file + ": " + line
}

// spaceReader collects what is wrong with a space.
type spaceReader struct {
	file     string
	tree     *ast.File
	problems []string
}

func (r *spaceReader) fail(field, format string, args ...any) {
	r.problems = append(r.problems, fmt.Sprintf("%s: %s: %s", r.where(field), field, fmt.Sprintf(format, args...)))
}

// where is a field's line, or its parent's.
func (r *spaceReader) where(field string) string {
	for field != "" {
		if path, err := yaml.PathString("$." + field); err == nil {
			if node, err := path.FilterFile(r.tree); err == nil && node != nil && node.GetToken() != nil {
				return fmt.Sprintf("%s:%d", r.file, node.GetToken().Position.Line)
			}
		}
		field = field[:max(0, strings.LastIndexAny(field, ".["))]
	}
	return r.file
}

func (r *spaceReader) dimension(i int, in dimensionFile, before []results.Dimension) results.Dimension {
	field := fmt.Sprintf("dimensions[%d]", i)
	d := results.Dimension{Path: in.Path, Kind: in.Kind, Reason: in.Reason}
	switch {
	case in.Path == "":
		r.fail(field+".path", "is missing: any field of a scenario, such as p2pml.core.highDemandTimeWindow")
	case slices.ContainsFunc(before, func(o results.Dimension) bool { return o.Path == in.Path }):
		r.fail(field+".path", "%s is a dimension already", in.Path)
	case in.Path == "run.seed":
		r.fail(field+".path", "seeds are the search's own: every trial has the same ones")
	}
	switch {
	case !slices.Contains(kinds, in.Kind):
		r.fail(field+".kind", "must be %s, got %q", strings.Join(kinds, ", "), in.Kind)
	case in.Kind == results.ChoiceDimension:
		if in.From != nil || in.To != nil {
			r.fail(field+".from", "a choice has no bounds; it has choices: [a, b]")
		}
		d.Choices = r.choices(field, in.Choices)
	default:
		if in.Choices != nil {
			r.fail(field+".choices", "is for kind choice; a %s has from and to", in.Kind)
		}
		r.bounds(field, in, &d)
	}
	return d
}

func (r *spaceReader) choices(field string, in []any) []string {
	if len(in) < 2 || len(in) > maxChoices {
		r.fail(field+".choices", "must be a list of 2 to %d values, got %d", maxChoices, len(in))
	}
	var out []string
	for i, x := range in {
		text := fmt.Sprint(x)
		if x == nil || text == "" || strings.HasPrefix(text, "map[") {
			r.fail(fmt.Sprintf("%s.choices[%d]", field, i), "must be a word or a number; put objects in quotes, as --set has them")
		}
		if slices.Contains(out, text) {
			r.fail(fmt.Sprintf("%s.choices[%d]", field, i), "%q is there twice", text)
		}
		out = append(out, text)
	}
	return out
}

func (r *spaceReader) bounds(field string, in dimensionFile, d *results.Dimension) {
	before := len(r.problems)
	var unit string
	d.From, d.Unit = r.bound(field+".from", in.From)
	d.To, unit = r.bound(field+".to", in.To)
	if len(r.problems) > before {
		return
	}
	switch {
	case unit != d.Unit:
		r.fail(field+".to", "must have the unit of from, %q, got %q", d.Unit, unit)
	case d.To <= d.From:
		r.fail(field+".to", "must be greater than from, %v, got %v", d.From, d.To)
	case d.Kind == results.LogDimension && d.From <= 0:
		r.fail(field+".from", "must be positive for kind log, got %v", d.From)
	case d.Kind == results.IntDimension && (d.From != float64(int64(d.From)) || d.To != float64(int64(d.To))):
		r.fail(field+".from", "and to must be whole numbers for kind int, got %v and %v", d.From, d.To)
	}
}

var withUnit = regexp.MustCompile(`^([-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,2})?)([A-Za-z/]*)$`)

// bound is a number, or a number with the unit that the field asks for.
func (r *spaceReader) bound(field string, in any) (float64, string) {
	if in == nil {
		r.fail(field, "is missing: a number, with its unit where the field has one, such as 30s")
		return 0, ""
	}
	m := withUnit.FindStringSubmatch(fmt.Sprint(in))
	if m == nil {
		r.fail(field, "must be a number, with its unit where the field has one, such as 30s; got %q", fmt.Sprint(in))
		return 0, ""
	}
	x, err := strconv.ParseFloat(m[1], 64)
	if err != nil || x > 1e15 || x < -1e15 {
		r.fail(field, "must lie between -1e15 and 1e15, got %s", m[1])
	}
	return x, m[2]
}
