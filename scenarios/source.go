package scenarios

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// source keeps what the author wrote, beside the resolved scenario.
type source struct {
	file    string
	written *Scenario           // before defaults
	at      map[string]position // where each value was given
	flags   string              // the assignments under trial, for mistakes that are in no one place
}

// wrote tells whether a value was given at the path, even a zero.
func (s *source) wrote(path string) bool {
	_, ok := s.at[path]
	return ok
}

// position is where a field's value was given: its own place, or that of the nearest parent that has one.
func (s *source) position(path string) position {
	for p := path; p != ""; p = parent(p) {
		if at, ok := s.at[p]; ok {
			if at.flag == "" {
				at.flag = s.flags
			}
			return at
		}
	}
	return position{file: s.file, flag: s.flags}
}

// parent cuts the last part of a path: peers.groups[1].link -> peers.groups[1] -> peers.groups -> peers.
func parent(path string) string {
	if i := strings.LastIndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return ""
}

// forget drops the places of a value and everything in it.
func (s *source) forget(path string) {
	maps.DeleteFunc(s.at, func(p string, _ position) bool { return within(p, path) })
}

// wroteBelow tells whether a value was given at the path or anywhere in it.
func (s *source) wroteBelow(path string) bool {
	for p := range s.at { // order does not matter
		if within(p, path) {
			return true
		}
	}
	return false
}

// within tells whether a path is the other one or leads into it.
func within(p, path string) bool {
	return p == path || strings.HasPrefix(p, path+".") || strings.HasPrefix(p, path+"[")
}

// resolve makes a scenario out of what was written: defaults, then checks. Mistakes made in reading come first, and
// silence the checks that may only follow from them.
func (s *source) resolve(reading ...*Error) (*Scenario, error) {
	out := clone(s.written)
	out.src = s
	applyDefaults(out)
	c := &checker{src: s, errs: reading}
	c.fields(reflect.ValueOf(s.written).Elem(), "") // before defaults: they would cover up a zero that somebody wrote
	c.whole(out)
	if len(c.errs) > 0 {
		slices.SortStableFunc(c.errs, func(a, b *Error) int { return cmp.Compare(a.at.line, b.at.line) })
		return nil, c.errs
	}
	return out, nil
}

// Resolve fills in the defaults of a scenario made in code, and checks it. A resolved scenario stays as it is.
func (s *Scenario) Resolve() error {
	src := &source{written: clone(s), at: map[string]position{}}
	if s.src != nil {
		src.file = s.src.file
	}
	out, err := src.resolve()
	if err != nil {
		return err
	}
	*s = *out
	return nil
}

// Equal tells whether two scenarios say the same.
func (s *Scenario) Equal(o *Scenario) bool {
	if s == nil || o == nil {
		return s == o
	}
	return reflect.DeepEqual(clone(s), clone(o))
}

// clone copies a scenario's data, all the way down, and not where it came from. Empty lists become absent ones: they
// mean the same and are written the same.
func clone(s *Scenario) *Scenario {
	out := new(Scenario)
	cloneInto(reflect.ValueOf(out).Elem(), reflect.ValueOf(s).Elem())
	return out
}

func cloneInto(to, from reflect.Value) {
	switch from.Kind() {
	case reflect.Pointer:
		if !from.IsNil() {
			to.Set(reflect.New(from.Type().Elem()))
			cloneInto(to.Elem(), from.Elem())
		}
	case reflect.Slice:
		if from.Len() > 0 {
			to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
			for i := range from.Len() {
				cloneInto(to.Index(i), from.Index(i))
			}
		}
	case reflect.Struct:
		for i := range from.NumField() {
			if to.Field(i).CanSet() {
				cloneInto(to.Field(i), from.Field(i))
			}
		}
	default:
		to.Set(from)
	}
}
