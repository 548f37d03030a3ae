package scenarios

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// maxIndex bounds the index in a path, as reading a file bounds its lists.
const maxIndex = 100_000

// Set gives one field another value, as --set path=value does on the command line. The path names any field, such as
// peers.groups[0].link or p2pml.core.highDemandTimeWindow; the index just after a list's last adds to it. The value is
// YAML, so lists and objects can be given whole; null takes a value away. If the scenario would become invalid it stays
// as it was. Fields that are only valid together are set together, with SetAll.
func (s *Scenario) Set(path, value string) error {
	return s.override([]assignment{{path, value}})
}

// SetAll does several Sets, each written path=value, and checks the outcome once.
func (s *Scenario) SetAll(assignments []string) error {
	var all []assignment
	for _, text := range assignments {
		path, value, ok := strings.Cut(text, "=")
		if !ok {
			return Errors{{at: position{flag: "--set " + cut(text)}, problem: "must be path=value", hint: "such as --set peers.count=50"}}
		}
		all = append(all, assignment{strings.TrimSpace(path), value})
	}
	if len(all) == 0 {
		return nil
	}
	return s.override(all)
}

type assignment struct{ path, value string }

func (a assignment) String() string { return "--set " + cut(a.path+"="+a.value) }

// cut shortens what people see of their own words.
func cut(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}

func (s *Scenario) override(assignments []assignment) error {
	src := s.origin()
	trial := &source{file: src.file, written: clone(src.written), at: make(map[string]position, len(src.at))}
	for path, at := range src.at {
		trial.at[path] = at
	}
	var errs Errors
	var flags []string
	for _, a := range assignments {
		errs = append(errs, trial.assign(a)...)
		flags = append(flags, a.String())
	}
	trial.flags = strings.Join(flags, " ")
	out, err := trial.resolve(errs...)
	if err != nil {
		return err
	}
	trial.flags = ""
	if err := out.checkFrom(); err != nil {
		return err
	}
	*s = *out
	return nil
}

// origin is what the author wrote; if the fields were changed in code since, what they are now.
func (s *Scenario) origin() *source {
	if s.src != nil {
		if unchanged, err := s.src.resolve(); err == nil && unchanged.Equal(s) {
			return s.src
		}
		return &source{file: s.src.file, written: clone(s), at: s.src.at}
	}
	return &source{written: clone(s)}
}

// assign puts one value into what is written.
func (s *source) assign(a assignment) Errors {
	r := &reader{base: position{flag: a.String()}, at: s.at}
	v, err := s.find(a.path, r.base)
	if err != nil {
		return Errors{err}
	}
	node, err := readDocument([]byte(a.value), r.base)
	if verbatim(v.Type()) && (err != nil || !isQuoted(node)) {
		node, err = textNode(a.value), nil
	}
	if err != nil {
		err.field = a.path
		return Errors{err}
	}
	s.forget(a.path)
	v.SetZero()
	if node != nil {
		r.value(node, v, a.path)
	}
	s.written.Stream.From = absolute("", s.written.Stream.From) // a file's own was made absolute when it was read
	return r.errs
}

// verbatim tells whether a value is taken as it stands: text needs no quotes on a command line, and a description may
// well look like YAML.
func verbatim(t reflect.Type) bool {
	t = base(t)
	return t.Kind() == reflect.String || isText(t)
}

// isQuoted tells whether a node is text in quotes, or null.
func isQuoted(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Token.Type == token.SingleQuoteType || n.Token.Type == token.DoubleQuoteType
	case *ast.NullNode, nil:
		return true
	}
	return false
}

func textNode(s string) ast.Node {
	return ast.String(token.New(s, s, &token.Position{}))
}

// find walks a path to the value it names, and makes what is missing on the way.
func (s *source) find(path string, at position) (reflect.Value, *Error) {
	v, f, done := reflect.ValueOf(s.written).Elem(), field{}, ""
	fail := func(hint, format string, args ...any) (reflect.Value, *Error) {
		return v, &Error{at: at, field: path, problem: fmt.Sprintf(format, args...), hint: hint}
	}
	for _, step := range steps(path) {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		index, isIndex := strings.CutPrefix(step, "[")
		switch {
		case isIndex && v.Kind() != reflect.Slice:
			return fail("", "%s is no list", orWhole(done))
		case isIndex:
			i, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
			if err != nil || i < 0 || i > v.Len() || i > maxIndex {
				return fail(fmt.Sprintf("the first is %s[0], %s[%d] adds one", done, done, v.Len()), "%s has %d elements, and no %s", done, v.Len(), step)
			}
			if i == v.Len() {
				v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
			}
			v, done = v.Index(i), done+step
		case !isGroup(v.Type()):
			return fail("", "%s has no fields", orWhole(done))
		default:
			next, ok := lookup(v.Type(), step)
			if !ok {
				return fail(unknownHint(v.Type(), done, step), "there is no field %s in %s", quote(step), orWhole(done))
			}
			if v.Type() == linkType && v.IsZero() && f.def != "" {
				v.FieldByName("Preset").SetString(f.def) // changing one value of a default link changes that value only
			}
			f, v, done = next, v.FieldByIndex(next.index), join(done, step)
		}
	}
	return v, nil
}

func orWhole(path string) string {
	if path == "" {
		return "a scenario"
	}
	return path
}

// steps cuts a path: peers.groups[0].link -> peers, groups, [0], link.
func steps(path string) []string {
	return strings.Split(strings.ReplaceAll(path, "[", ".["), ".")
}
