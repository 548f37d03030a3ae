package scenarios

import (
	"encoding/json"
	"reflect"
)

// PlayerOption is an option of a viewer's player that differs from what the library does by itself.
type PlayerOption struct {
	// Object is where it belongs: "core" (P2P Media Loader), "core.mainStream", "core.secondaryStream" or "player" (hls.js).
	Object string
	Name   string          // the library's own
	Value  json.RawMessage // in the library's own unit
	Unit   string          // "" if it has none
	// Default is the library's, as JSON; "" if it depends on other things, or there is none.
	Default string
}

// PlayerOptions lists what somebody has to configure so that a player does as the scenario's viewers do: only what differs from the
// libraries' defaults, in the order of the schema. The options of mainStream and secondaryStream are listed when they are set,
// unless core says the same.
func (s *Scenario) PlayerOptions() []PlayerOption {
	core := reflect.ValueOf(s.P2PML.Core)
	out := changed("core", core, reflect.Value{})
	for _, name := range []string{"mainStream", "secondaryStream"} {
		f, _ := lookup(core.Type(), name)
		out = append(out, changed("core."+name, core.FieldByIndex(f.index), core)...)
	}
	return append(out, changed("player", reflect.ValueOf(s.Player), reflect.Value{})...)
}

// changed lists an object's options that are set to something else than their default; below is the object that they would otherwise
// be taken from, if there is one.
func changed(object string, v, below reflect.Value) (out []PlayerOption) {
	for _, f := range fieldsOf(v.Type()) {
		fv := v.FieldByIndex(f.index)
		if fv.Kind() != reflect.Pointer || fv.IsNil() {
			continue
		}
		value, err := json.Marshal(fv.Interface())
		if err != nil {
			continue // a number that is none cannot come out of a scenario
		}
		instead, hasDefault := f.defaultJSON()
		if below.IsValid() {
			if g, ok := lookup(below.Type(), f.name); ok && !below.FieldByIndex(g.index).IsNil() {
				if other, err := json.Marshal(below.FieldByIndex(g.index).Interface()); err == nil {
					instead, hasDefault = string(other), true
				}
			}
		}
		if hasDefault && instead == string(value) {
			continue
		}
		option := PlayerOption{Object: object, Name: f.name, Value: value, Unit: f.unit}
		if hasDefault {
			option.Default = instead
		}
		out = append(out, option)
	}
	return out
}

// defaultJSON is a tag's default in the notation of JSON.
func (f field) defaultJSON() (string, bool) {
	if f.def == "" {
		return "", false
	}
	v := reflect.New(f.typ).Elem()
	setText(v, f.def)
	text, err := json.Marshal(v.Interface())
	return string(text), err == nil
}
