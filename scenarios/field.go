package scenarios

import (
	"encoding"
	"reflect"
	"regexp"
	"strings"
	"sync"

	"swarmlab/netem"
)

// field is what a struct tag says about a field of the scenario.
type field struct {
	name     string // in YAML
	index    []int  // for reflect.Value.FieldByIndex: embedded structs are inlined
	typ      reflect.Type
	doc      string
	unit     string
	min, max string // in the notation of the type; for a list, of its elements
	def      string // default, in the same notation; "" = none that is always the same
	implied  string // default that depends on other things, in words
	pattern  *regexp.Regexp
	form     string   // the pattern, in words
	choices  []string // what it can be; nil = anything
	fill     bool     // defaults are filled in below it
}

var (
	linkType     = reflect.TypeFor[Link]()
	durationType = reflect.TypeFor[Duration]()
	rateType     = reflect.TypeFor[netem.Rate]()
	queueType    = reflect.TypeFor[netem.Queue]()
	textType     = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// registries are the names that other rooms keep. They are complete once all packages are initialised, and not asked before.
var registries = map[string]func() []string{
	"link":   netem.LinkPresetNames,
	"nat":    netem.NATNames,
	"region": netem.RegionNames,
}

var fieldCache sync.Map // reflect.Type -> []field

// fieldsOf lists the fields of a struct in their order, those of embedded structs in place.
func fieldsOf(t reflect.Type) []field {
	if cached, ok := fieldCache.Load(t); ok {
		return cached.([]field)
	}
	var fields []field
	for i := range t.NumField() {
		sf := t.Field(i)
		switch {
		case sf.Anonymous:
			for _, f := range fieldsOf(sf.Type) {
				f.index = append([]int{i}, f.index...)
				fields = append(fields, f)
			}
		case sf.IsExported():
			fields = append(fields, newField(sf))
		}
	}
	fieldCache.Store(t, fields)
	return fields
}

func newField(sf reflect.StructField) field {
	name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
	f := field{
		name: name, index: sf.Index, typ: sf.Type,
		doc: sf.Tag.Get("doc"), unit: sf.Tag.Get("unit"),
		min: sf.Tag.Get("min"), max: sf.Tag.Get("max"),
		def: sf.Tag.Get("default"), implied: sf.Tag.Get("implied"),
		fill: sf.Tag.Get("fill") != "no",
	}
	if p := sf.Tag.Get("pattern"); p != "" {
		f.pattern, f.form = regexp.MustCompile(p), sf.Tag.Get("form")
	}
	if e := sf.Tag.Get("enum"); e != "" {
		f.choices = strings.Split(e, ",")
	}
	if r := sf.Tag.Get("registry"); r != "" {
		f.choices = registries[r]()
	}
	return f
}

// names lists the keys of a struct.
func names(t reflect.Type) []string {
	var all []string
	for _, f := range fieldsOf(t) {
		all = append(all, f.name)
	}
	return all
}

// lookup finds a key of a struct.
func lookup(t reflect.Type, name string) (field, bool) {
	for _, f := range fieldsOf(t) {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

// isText tells whether values of the type are written as one word: durations, rates, queues.
func isText(t reflect.Type) bool { return reflect.PointerTo(t).Implements(textType) }

// base strips pointers.
func base(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// isGroup tells whether a field has fields of its own. (A link is written both ways.)
func isGroup(t reflect.Type) bool { return t.Kind() == reflect.Struct && !isText(t) }

// everyField calls visit for each field of the scenario with its path; list elements are written [].
func everyField(visit func(path string, f field)) {
	var walk func(prefix string, t reflect.Type)
	walk = func(prefix string, t reflect.Type) {
		for _, f := range fieldsOf(t) {
			path := join(prefix, f.name)
			visit(path, f)
			switch t := base(f.typ); {
			case t.Kind() == reflect.Slice && isGroup(t.Elem()):
				walk(path+"[]", t.Elem())
			case isGroup(t):
				walk(path, t)
			}
		}
	}
	walk("", reflect.TypeFor[Scenario]())
}

func join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}
