package scenarios

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

const (
	maxBytes  = 1 << 20 // the largest sensible scenario is a trace of some 100,000 arrivals
	maxDepth  = 50      // the schema is 6 deep; the parser recurses
	maxMarks  = 10_000  // the parser takes time in proportion to their square: a fifth of a second for so many
	maxErrors = 50      // nobody reads more
)

// readDocument parses text into its one document's body; nil for an empty one.
func readDocument(text []byte, at position) (node ast.Node, err *Error) {
	fail := func(format string, args ...any) *Error {
		return &Error{at: at, problem: fmt.Sprintf(format, args...)}
	}
	switch {
	case len(text) > maxBytes:
		return nil, fail("is %d bytes long; a scenario has at most %d", len(text), maxBytes)
	case !utf8.Valid(text):
		return nil, fail("is not UTF-8 text")
	case nesting(text) > maxDepth:
		return nil, fail("is nested more than %d deep", maxDepth)
	case marks(text) > maxMarks:
		return nil, fail("has more than %d YAML marks, too many for a scenario", maxMarks)
	}
	// A parser's panic on odd text is the text's fault as far as the user can help it.
	defer func() {
		if r := recover(); r != nil {
			node, err = nil, fail("cannot be read as YAML")
		}
	}()
	file, perr := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey()) // duplicates are reported with the other mistakes
	if perr != nil {
		return nil, syntaxError(perr, at)
	}
	var docs []*ast.DocumentNode
	for _, d := range file.Docs {
		if d.Body != nil {
			docs = append(docs, d)
		}
	}
	switch len(docs) {
	case 0:
		return nil, nil
	case 1:
		return docs[0].Body, nil
	}
	return nil, &Error{at: nodePosition(docs[1].Body, at), problem: fmt.Sprintf("a second YAML document begins here; a file holds one scenario, this one has %d", len(docs))}
}

func syntaxError(err error, at position) *Error {
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) {
		if t := syntax.GetToken(); t != nil && t.Position != nil && at.flag == "" {
			at.line, at.column = t.Position.Line, t.Position.Column
		}
		return &Error{at: at, problem: "is not YAML: " + oneLine(syntax.GetMessage())}
	}
	return &Error{at: at, problem: "is not YAML: " + oneLine(err.Error())}
}

func oneLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

func nodePosition(n ast.Node, at position) position {
	if at.flag != "" { // a value on the command line has no lines
		return at
	}
	if entries, ok := entriesOf(n); ok && len(entries) > 0 {
		if m, ok := n.(*ast.MappingNode); !ok || !m.IsFlowStyle {
			n = entries[0].Key // a block's own token is its first colon
		}
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		at.line, at.column = t.Position.Line, t.Position.Column
	}
	return at
}

// reader puts a document into a scenario and collects what is wrong with it.
type reader struct {
	base position            // file or flag
	at   map[string]position // where each field's value was given, by path
	errs Errors
}

func (r *reader) fail(n ast.Node, path, hint, format string, args ...any) {
	if len(r.errs) < maxErrors {
		r.errs = append(r.errs, &Error{at: nodePosition(n, r.base), field: path, problem: fmt.Sprintf(format, args...), hint: hint})
	}
}

// value puts a node into v, whose field f and path are known.
func (r *reader) value(n ast.Node, v reflect.Value, path string) {
	if _, null := n.(*ast.NullNode); null {
		return // "key:" with nothing after it means the default, as leaving it out does
	}
	if n, ok := n.(*ast.AliasNode); ok {
		r.fail(n, path, "write the value out", "YAML aliases are not supported")
		return
	}
	switch n.(type) {
	case *ast.AnchorNode, *ast.TagNode:
		r.fail(n, path, "write the value without it", "YAML %ss are not supported", strings.ToLower(n.Type().String()))
		return
	}
	r.at[path] = nodePosition(n, r.base)
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch t := v.Type(); {
	case t == linkType && isScalar(n):
		v.FieldByName("Preset").SetString(scalarText(n))
		r.at[join(path, "preset")] = r.at[path]
	case isText(t):
		r.text(n, v, path)
	case t.Kind() == reflect.Struct:
		r.mapping(n, v, path)
	case t.Kind() == reflect.Slice:
		r.sequence(n, v, path)
	default:
		r.scalar(n, v, path)
	}
}

func (r *reader) mapping(n ast.Node, v reflect.Value, path string) {
	entries, ok := entriesOf(n)
	if !ok {
		r.fail(n, path, "", "must be an object with the keys %s, got %s", list(names(v.Type())), describe(n))
		return
	}
	seen := make(map[string]position, len(entries))
	for _, e := range entries {
		key, ok := keyOf(e)
		if !ok {
			r.fail(e.Key, path, "write the values out", "keys must be plain names; merge keys (<<) and others are not supported")
			continue
		}
		at := join(path, key)
		f, known := lookup(v.Type(), key)
		if !known {
			r.fail(e.Key, at, unknownHint(v.Type(), path, key), "unknown key")
			continue
		}
		if first, dup := seen[key]; dup {
			r.fail(e.Key, at, "keep one of the two", "is given twice, first in line %d", first.line)
			continue
		}
		seen[key] = nodePosition(e.Key, r.base)
		r.value(e.Value, v.FieldByIndex(f.index), at)
	}
}

func (r *reader) sequence(n ast.Node, v reflect.Value, path string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		r.fail(n, path, "", "must be a list, as in [...], got %s", describe(n))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values)))
	for i, e := range seq.Values {
		at := fmt.Sprintf("%s[%d]", path, i)
		if _, null := e.(*ast.NullNode); null {
			r.fail(e, at, "", "is empty")
			continue
		}
		r.value(e, v.Index(i), at)
	}
}
