package scenarios

import (
	"encoding"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// YAML writes the scenario so that Parse reads the same again. A resolved one is written with all its defaults, so that a
// stored result can be run again after they have changed.
func (s *Scenario) YAML() []byte {
	var b strings.Builder
	writeFields(&b, reflect.ValueOf(s).Elem(), "")
	return []byte(b.String())
}

// UnmarshalJSON reads what MarshalJSON (of encoding/json) writes, as strictly as Parse: JSON is YAML.
func (s *Scenario) UnmarshalJSON(data []byte) error {
	out, err := Parse("", data)
	if err != nil {
		return err
	}
	*s = *out
	return nil
}

// writeFields writes a struct's fields that have a value, one a line.
func writeFields(b *strings.Builder, v reflect.Value, indent string) {
	for _, f := range fieldsOf(v.Type()) {
		fv := v.FieldByIndex(f.index)
		if fv.IsZero() {
			continue
		}
		if fv.Kind() == reflect.Pointer {
			fv = fv.Elem()
		}
		b.WriteString(indent + f.name + ":")
		writeValue(b, fv, indent+"  ")
	}
}

func writeValue(b *strings.Builder, v reflect.Value, indent string) {
	switch {
	case v.Type() == linkType && v.Interface().(Link).IsPreset():
		b.WriteString(" " + word(v.FieldByName("Preset")) + "\n")
	case isGroup(v.Type()):
		b.WriteString("\n")
		writeFields(b, v, indent)
	case v.Kind() == reflect.Slice && isGroup(v.Type().Elem()):
		b.WriteString("\n")
		for i := range v.Len() {
			var item strings.Builder
			writeFields(&item, v.Index(i), indent+"  ")
			if item.Len() == 0 {
				item.WriteString(indent + "  {}\n")
			}
			b.WriteString(indent + "- " + strings.TrimPrefix(item.String(), indent+"  "))
		}
	case v.Kind() == reflect.Slice:
		words := make([]string, v.Len())
		for i := range words {
			words[i] = word(v.Index(i))
		}
		b.WriteString(" [" + strings.Join(words, ", ") + "]\n")
	default:
		b.WriteString(" " + word(v) + "\n")
	}
}

// plain is text that YAML reads as text without quotes, but for the words below.
var plain = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._/-]*$`)

var reserved = regexp.MustCompile(`(?i)^(true|false|null|yes|no|on|off|y|n|inf|nan)$`)

// word writes one value. Text in quotes is in YAML what it is in Go, as long as it is printable or escaped.
func word(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		s := v.String()
		if plain.MatchString(s) && !reserved.MatchString(s) {
			return s
		}
		return quoted(s)
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64) // the parser takes 1e+06 for text
	}
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, _ := m.MarshalText()
		return string(text)
	}
	return fmt.Sprint(v.Interface())
}

// quoted writes text in double quotes with the escapes of YAML.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
