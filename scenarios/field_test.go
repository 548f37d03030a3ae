package scenarios

import (
	"encoding"
	"reflect"
	"strings"
	"testing"
)

// The tags are data that the compiler does not check.
func TestEveryFieldIsDescribed(t *testing.T) {
	n := 0
	everyField(func(path string, f field) {
		n++
		elem := base(f.typ)
		if elem.Kind() == reflect.Slice {
			elem = base(elem.Elem())
		}
		if f.doc == "" || strings.HasSuffix(f.doc, ".") || strings.Contains(f.doc, "|") {
			t.Errorf("%s needs a description without a full stop or a bar: %q", path, f.doc)
		}
		for tag, text := range map[string]string{"min": f.min, "max": f.max, "default": f.def} {
			if text != "" && !readable(elem, text) {
				t.Errorf("%s: %s:%q is no %s", path, tag, text, kindOf(elem))
			}
		}
		switch kind := elem.Kind(); {
		case isText(elem) && elem != queueType, kind == reflect.Int, kind == reflect.Int64, kind == reflect.Uint64, kind == reflect.Float64:
			if f.min == "" || f.max == "" {
				t.Errorf("%s needs bounds: a slip of the pen must not eat the machine", path)
			}
		}
		if f.def != "" && f.implied != "" {
			t.Errorf("%s has two defaults", path)
		}
		if f.pattern != nil && f.form == "" {
			t.Errorf("%s needs its pattern in words", path)
		}
		if isText(elem) && f.unit == "" {
			t.Errorf("%s needs a unit", path)
		}
	})
	if n < 90 {
		t.Errorf("only %d fields", n)
	}
}

func readable(t reflect.Type, text string) bool {
	v := reflect.New(t)
	if isText(t) {
		return v.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)) == nil
	}
	setText(v.Elem(), text)
	switch t.Kind() {
	case reflect.Float64, reflect.Int, reflect.Int64, reflect.Uint64:
		return strings.Trim(text, "0.") == "" || !v.Elem().IsZero()
	case reflect.Bool:
		return text == "true" || text == "false"
	}
	return true
}

func TestDefaultsAreValidByThemselves(t *testing.T) {
	everyField(func(path string, f field) {
		if f.def == "" {
			return
		}
		v := reflect.New(f.typ).Elem()
		setText(v, f.def)
		c := &checker{src: &source{at: map[string]position{path: {}}}}
		c.field(v, f, path)
		if len(c.errs) > 0 {
			t.Errorf("%v", c.errs)
		}
	})
}

// Values just inside the bounds are taken, values just outside are not: for every field that has bounds.
func TestBoundsHold(t *testing.T) {
	n := 0
	everyField(func(path string, f field) {
		elem := base(f.typ)
		if f.min == "" || elem.Kind() == reflect.Slice {
			return
		}
		n++
		for _, tt := range []struct {
			text  string
			step  float64
			valid bool
		}{{f.min, 0, true}, {f.max, 0, true}, {f.min, -1, false}, {f.max, 1, false}} {
			v := reflect.New(elem).Elem()
			setText(v, tt.text)
			switch v.Kind() {
			case reflect.Float64:
				v.SetFloat(v.Float() + tt.step)
			case reflect.Uint64:
				if tt.step > 0 {
					continue // there is nothing above its largest
				}
				v.SetUint(uint64(int64(v.Uint()) + int64(tt.step)))
				if tt.step == 0 {
					setText(v, tt.text)
				}
			default:
				v.SetInt(v.Int() + int64(tt.step))
			}
			c := &checker{src: &source{at: map[string]position{path: {}}}}
			c.field(v, f, path)
			if got := len(c.errs) == 0; got != tt.valid {
				t.Errorf("%s: %v valid is %v, want %v (bounds %s to %s): %v", path, v, got, tt.valid, f.min, f.max, c.errs)
			}
		}
	})
	if n < 50 {
		t.Errorf("only %d fields with bounds", n)
	}
}
