package scenarios

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"swarmlab/netem"
)

// isScalar tells whether a node is one word: text, a number, true or false.
func isScalar(n ast.Node) bool {
	switch n.(type) {
	case *ast.StringNode, *ast.LiteralNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return true
	}
	return false
}

// scalarText is the word as it was written, without quotes.
func scalarText(n ast.Node) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	}
	return n.GetToken().Value
}

// text reads durations, rates and queues.
func (r *reader) text(n ast.Node, v reflect.Value, path string) {
	if !isScalar(n) {
		r.fail(n, path, "", "must be %s, got %s", kindOf(v.Type()), describe(n))
		return
	}
	word := scalarText(n)
	if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(word)); err != nil {
		r.fail(n, path, unitHint(word, v.Type()), "must be %s, got %s", kindOf(v.Type()), quote(word))
	}
}

// unitHint helps with the commonest slip, a number without its unit.
func unitHint(word string, t reflect.Type) string {
	if t == rateType {
		amount := strings.TrimSpace(word[:len(word)-len(strings.TrimLeft(word, "0123456789. "))])
		if number, err := strconv.ParseFloat(amount, 64); err == nil && number == 0 { // whatever the unit
			return "nothing would get through; for no limit write unlimited"
		}
	}
	number, err := strconv.ParseFloat(word, 64)
	if err != nil {
		return ""
	}
	switch t {
	case durationType:
		return "did you mean " + quote(word+"s") + "?"
	case rateType:
		return "did you mean " + quote(word+"bit/s") + " or " + quote(word+"Mbit/s") + "?"
	case queueType:
		if !(number > 0) { // with a unit it would be no better
			return "a packet needs 1500B"
		}
		return "did you mean " + quote(word+"B") + " or " + quote(word+"ms") + "?"
	}
	return ""
}

// kindOf says what a value of the type looks like.
func kindOf(t reflect.Type) string {
	switch t {
	case durationType:
		return "a duration such as 30s, 5m or 40ms"
	case rateType:
		return "a rate such as 20Mbit/s or 800kbit/s"
	case queueType:
		return "a queue in time or bytes, such as 100ms or 64KiB"
	case linkType:
		return "a link preset's name or an object"
	}
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	case reflect.Struct:
		return "an object"
	}
	return "a whole number"
}

// describe says what a node is.
func describe(n ast.Node) string {
	switch n := n.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return "the text " + quote(scalarText(n))
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "the number " + scalarText(n)
	case *ast.BoolNode:
		return scalarText(n)
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "an object"
	}
	return "something else"
}

// scalar reads text, numbers and booleans. Nothing is converted: "yes" is text, 1 is not true.
func (r *reader) scalar(n ast.Node, v reflect.Value, path string) {
	var ok bool
	switch v.Kind() {
	case reflect.String:
		if ok = isString(n); ok {
			v.SetString(scalarText(n))
		}
	case reflect.Bool:
		var b *ast.BoolNode
		if b, ok = n.(*ast.BoolNode); ok {
			v.SetBool(b.Value)
		}
	case reflect.Float64:
		var x float64
		if x, ok = number(n); ok {
			v.SetFloat(x)
		}
	case reflect.Uint64:
		var x uint64
		if x, ok = unsigned(n); ok {
			v.SetUint(x)
		}
	default:
		var x int64
		if x, ok = integer(n); ok {
			v.SetInt(x)
		}
	}
	if !ok {
		r.fail(n, path, scalarHint(n, v), "must be %s, got %s", kindOf(v.Type()), describe(n))
	}
}

func isString(n ast.Node) bool {
	switch n.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return true
	}
	return false
}

// scalarHint helps with quotes: too many or too few.
func scalarHint(n ast.Node, v reflect.Value) string {
	switch word := strings.TrimSpace(scalarText(n)); {
	case !isScalar(n):
		return ""
	case v.Kind() == reflect.String:
		return "put it in quotes"
	case v.Kind() == reflect.Bool && (word == "yes" || word == "on"):
		return "did you mean true?"
	case v.Kind() == reflect.Bool && (word == "no" || word == "off"):
		return "did you mean false?"
	case isString(n) && v.Kind() == reflect.Int64: // the one field that counts bit/s without saying so
		if rate, err := netem.ParseRate(word); err == nil {
			return fmt.Sprintf("did you mean %d?", int64(rate))
		}
		fallthrough
	case isString(n):
		if _, err := strconv.ParseFloat(word, 64); err == nil {
			return "write it without quotes"
		}
	}
	return ""
}

func number(n ast.Node) (float64, bool) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		switch x := n.Value.(type) {
		case int64:
			return float64(x), true
		case uint64:
			return float64(x), true
		}
	case *ast.FloatNode:
		return n.Value, !math.IsInf(n.Value, 0) && !math.IsNaN(n.Value)
	case *ast.StringNode:
		return scientific(n)
	}
	return 0, false
}

var scientificForm = regexp.MustCompile(`^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]{1,3}$`)

// scientific reads 8e5, a number in YAML 1.2 and JSON, which the parser takes for text.
func scientific(n *ast.StringNode) (float64, bool) {
	if !scientificForm.MatchString(n.Value) || isQuoted(n) {
		return 0, false
	}
	x, err := strconv.ParseFloat(n.Value, 64)
	return x, err == nil
}

// integer also takes 8e5: bandwidths are written so.
func integer(n ast.Node) (int64, bool) {
	if n, ok := n.(*ast.IntegerNode); ok {
		switch x := n.Value.(type) {
		case int64:
			return x, true
		case uint64:
			return int64(x), x <= math.MaxInt64
		}
	}
	const exact = 1 << 53
	x, ok := number(n)
	return int64(x), ok && math.Trunc(x) == x && math.Abs(x) <= exact
}

func unsigned(n ast.Node) (uint64, bool) {
	if n, ok := n.(*ast.IntegerNode); ok {
		if x, ok := n.Value.(uint64); ok {
			return x, true
		}
	}
	x, ok := integer(n)
	return uint64(x), ok && x >= 0
}
