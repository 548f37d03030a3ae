package scenarios

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// object is a JSON object that keeps the order of its keys: people read schemas, and tests compare them.
type object []member

type member struct {
	key   string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(m.key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func (o *object) add(key string, value any) { *o = append(*o, member{key, value}) }

// Schema is the JSON Schema (draft 2020-12) of a scenario's file, for editors and other programs. It knows every field with its
// unit, bounds, choices and default; that durations have bounds too, and what fields say together, only Parse knows.
func Schema() []byte {
	root := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"title", "swarmlab scenario"},
		{"description", "What swarmlab is to simulate."},
	}
	root = append(root, schemaOf(reflect.TypeFor[Scenario](), field{})...)
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil { // plain strings and numbers only; a test makes it
		panic(err)
	}
	return append(text, '\n')
}

// schemaOf is the schema of a type's values, without the description.
func schemaOf(t reflect.Type, f field) object {
	switch t = base(t); {
	case t == linkType:
		return object{{"oneOf", []object{{{"enum", registries["link"]()}}, structSchema(t)}}}
	case isText(t):
		return object{{"type", "string"}, {"pattern", textPatterns[t]}}
	case t.Kind() == reflect.Struct:
		return structSchema(t)
	case t.Kind() == reflect.Slice:
		return object{{"type", "array"}, {"items", schemaOf(t.Elem(), f)}}
	}
	return scalarSchema(t, f)
}

func structSchema(t reflect.Type) object {
	var properties object
	for _, f := range fieldsOf(t) {
		s := object{{"description", description(f)}}
		s = append(s, schemaOf(f.typ, f)...)
		if f.def != "" && f.fill {
			s.add("default", defaultValue(f))
		}
		properties.add(f.name, s)
	}
	s := object{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}}
	if t == reflect.TypeFor[Variant]() {
		s.add("required", []string{"bandwidth"})
	}
	return s
}

// textPatterns are what words of a type look like, near enough for an editor.
var textPatterns = map[reflect.Type]string{
	durationType: `^(0|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)$`,
	rateType:     `^(unlimited|[0-9.]*[1-9][0-9.]* ?([kMG]?bit/s|[kMG]bps|[kMG]bit))$`,
	queueType:    `^(default|[0-9.]+ ?([kMG]i?)?B|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)$`,
}

func scalarSchema(t reflect.Type, f field) object {
	var s object
	switch t.Kind() {
	case reflect.String:
		s.add("type", "string")
		if f.choices != nil {
			s.add("enum", f.choices)
		}
		if f.pattern != nil {
			s.add("pattern", f.pattern.String())
		}
		return s
	case reflect.Bool:
		return object{{"type", "boolean"}}
	case reflect.Float64:
		s.add("type", "number")
	default:
		s.add("type", "integer")
	}
	if f.min != "" {
		s.add("minimum", json.Number(f.min))
	}
	if f.max != "" {
		s.add("maximum", json.Number(f.max))
	}
	return s
}

// description is all that words can say of a field.
func description(f field) string {
	d := f.doc
	if f.unit != "" && f.unit != "duration" && f.unit != "rate" && f.unit != "queue" {
		d += " [" + f.unit + "]"
	}
	if isText(base(f.typ)) && (f.min != "" || f.max != "") {
		d += "; " + bounds(f)
	}
	if f.implied != "" {
		d += "; default: " + f.implied
	}
	return d
}

func defaultValue(f field) any {
	switch t := base(f.typ); {
	case t == linkType || isText(t) || t.Kind() == reflect.String:
		return f.def
	case t.Kind() == reflect.Bool:
		return f.def == "true"
	}
	return json.Number(f.def)
}
