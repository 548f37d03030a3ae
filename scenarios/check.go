package scenarios

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// checker weighs a resolved scenario and collects everything that cannot be.
type checker struct {
	src  *source
	errs Errors
}

// fail reports a mistake at a field. If the field itself was not written, its nearest written parent is where.
func (c *checker) fail(path, hint, format string, args ...any) {
	if len(c.errs) < maxErrors {
		c.errs = append(c.errs, &Error{at: c.src.position(path), field: path, problem: fmt.Sprintf(format, args...), hint: hint})
	}
}

// fields checks every given value by itself against its tag: bounds, choices, pattern.
func (c *checker) fields(v reflect.Value, path string) {
	for _, f := range fieldsOf(v.Type()) {
		c.field(v.FieldByIndex(f.index), f, join(path, f.name))
	}
}

func (c *checker) field(v reflect.Value, f field, path string) {
	if !c.given(v, path) || c.failedItself(path) {
		return
	}
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch {
	case isGroup(v.Type()):
		c.fields(v, path)
		if preset := v.FieldByName("Preset"); v.Type() == linkType && preset.String() != "" {
			c.choice(preset.String(), registries["link"](), path)
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			at := fmt.Sprintf("%s[%d]", path, i)
			if e := v.Index(i); isGroup(e.Type()) {
				c.fields(e, at)
			} else {
				c.one(e, f, at)
			}
		}
	default:
		c.one(v, f, path)
	}
}

// given tells a wish from an absent value: a zero that somebody wrote is a wish, and so is an object with nothing else in it.
func (c *checker) given(v reflect.Value, path string) bool {
	return !v.IsZero() || c.src.wroteBelow(path) && v.Kind() != reflect.Pointer
}

// one checks a single value.
func (c *checker) one(v reflect.Value, f field, path string) {
	switch {
	case v.Kind() == reflect.String:
		c.word(v.String(), f, path)
	case v.Type() == queueType:
	case v.Type() == rateType && v.Int() == 0: // unlimited
	default:
		if x := ordinal(v); !(x >= bound(f.min, v.Type(), math.Inf(-1)) && x <= bound(f.max, v.Type(), math.Inf(1))) || math.IsInf(x, 0) {
			c.fail(path, "", "must be %s, got %s", bounds(f), wordOf(v))
		}
	}
}

func (c *checker) word(s string, f field, path string) {
	switch {
	case f.typ.Kind() == reflect.String && f.name == "preset": // checked with its link, which may be written as just this name
	case f.choices != nil:
		c.choice(s, f.choices, path)
	case f.pattern != nil && !f.pattern.MatchString(s):
		c.fail(path, "", "must be %s, got %s", f.form, quote(s))
	}
}

func (c *checker) choice(s string, choices []string, path string) {
	if slices.Contains(choices, s) {
		return
	}
	c.fail(path, didYouMean(s, choices), "must be %s, got %s", list(choices), quote(s))
}

// ordinal is a value's place on the number line, for comparing with bounds.
func ordinal(v reflect.Value) float64 {
	switch v.Kind() {
	case reflect.Float64:
		return v.Float()
	case reflect.Uint64:
		return float64(v.Uint())
	case reflect.Bool:
		return 0
	}
	return float64(v.Int())
}

// bound reads a bound in the notation of the type; tags are checked by a test.
func bound(s string, t reflect.Type, none float64) float64 {
	if s == "" || t.Kind() == reflect.Bool {
		return none
	}
	v := reflect.New(t).Elem()
	if isText(t) {
		_ = v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s))
		return ordinal(v)
	}
	var x float64
	_, _ = fmt.Sscan(s, &x)
	return x
}

// bounds words a field's bounds.
func bounds(f field) string {
	var b strings.Builder
	switch {
	case f.min != "" && f.max != "":
		fmt.Fprintf(&b, "between %s and %s", f.min, f.max)
	case f.min != "":
		b.WriteString("at least " + f.min)
	default:
		b.WriteString("a finite number")
	}
	if f.unit != "" && f.unit != "duration" && f.unit != "rate" && f.unit != "share" {
		b.WriteString(" " + f.unit)
	}
	if base(f.typ) == rateType {
		b.WriteString(", or unlimited")
	}
	return b.String()
}

// wordOf writes a value as its field would.
func wordOf(v reflect.Value) string {
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, _ := m.MarshalText()
		return string(text)
	}
	return fmt.Sprint(v.Interface())
}
