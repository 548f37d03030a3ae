package scenarios

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

func schema(t *testing.T) map[string]any {
	t.Helper()
	var s map[string]any
	if err := json.Unmarshal(Schema(), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// conforms is JSON Schema validation as far as Schema uses it. It fails on keywords it does not know, so that it cannot
// pass by ignorance.
func conforms(schema map[string]any, v any, path string) error {
	for key, arg := range schema {
		if err := keyword(key, arg, schema, v, path); err != nil {
			return err
		}
	}
	return nil
}

func keyword(key string, arg any, schema map[string]any, v any, path string) error {
	bad := func() error { return fmt.Errorf("%s: %v is against %s %v", path, v, key, arg) }
	switch key {
	case "$schema", "title", "description", "default", "properties":
	case "type":
		if jsonType(v) != arg && (arg != "number" || jsonType(v) != "integer") {
			return bad()
		}
	case "enum":
		if !slices.ContainsFunc(arg.([]any), func(e any) bool { return reflect.DeepEqual(e, v) }) {
			return bad()
		}
	case "pattern":
		if !regexp.MustCompile(arg.(string)).MatchString(fmt.Sprint(v)) {
			return bad()
		}
	case "minimum":
		if n, ok := v.(float64); ok && n < arg.(float64) { // as in JSON Schema, a keyword says nothing of other types
			return bad()
		}
	case "maximum":
		if n, ok := v.(float64); ok && n > arg.(float64) {
			return bad()
		}
	case "items":
		list, _ := v.([]any)
		for i, e := range list {
			if err := conforms(arg.(map[string]any), e, fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	case "oneOf":
		n := 0
		for _, alternative := range arg.([]any) {
			if conforms(alternative.(map[string]any), v, path) == nil {
				n++
			}
		}
		if n != 1 {
			return fmt.Errorf("%s: %v fits %d of the alternatives", path, v, n)
		}
	case "required":
		for _, name := range arg.([]any) {
			if m, ok := v.(map[string]any); ok && m[name.(string)] == nil {
				return bad()
			}
		}
	case "additionalProperties":
		if arg != false {
			return fmt.Errorf("%s: unknown keys are not refused", path)
		}
		properties := schema["properties"].(map[string]any)
		m, _ := v.(map[string]any)
		for name, e := range m {
			p, known := properties[name].(map[string]any)
			if !known {
				return fmt.Errorf("%s: no property %s", path, name)
			}
			if err := conforms(p, e, path+"."+name); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("keyword %s is not known here", key)
	}
	return nil
}

func jsonType(v any) string {
	switch v := v.(type) {
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return "null"
}

func document(t *testing.T, text []byte) any {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(asJSON, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPresetsConformToTheSchema(t *testing.T) {
	root := schema(t)
	for _, name := range Names() {
		text, _ := Preset(name)
		if err := conforms(root, document(t, text), name); err != nil {
			t.Error(err)
		}
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		if text := valid(rng).YAML(); len(text) > 0 {
			var v any
			asJSON, _ := json.Marshal(parse(t, string(text)))
			if err := json.Unmarshal(asJSON, &v); err != nil {
				t.Fatal(err)
			}
			if err := conforms(root, v, "random"); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
		}
	}
}

func TestTheSchemaRefusesWhatTheReaderRefuses(t *testing.T) {
	root := schema(t)
	for _, name := range []string{"unknown-key", "wrong-type", "impossible-value", "unknown-names", "list", "text", "window", "variants"} {
		text, err := os.ReadFile(filepath.Join("testdata", "bad", name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		text = []byte(strings.ReplaceAll(string(text), ".nan", "7")) // JSON has no such number
		err = conforms(root, document(t, text), name)
		if err == nil || strings.Contains(err.Error(), "not refused") {
			t.Errorf("the schema and %s.yaml: %v", name, err)
		}
	}
}

func TestTheSchemaKnowsEveryField(t *testing.T) {
	root := schema(t)
	everyField(func(path string, f field) {
		node := root
		for step := range strings.SplitSeq(path, ".") {
			name, _, isList := strings.Cut(step, "[")
			if alternatives, ok := node["oneOf"].([]any); ok {
				node = alternatives[1].(map[string]any)
			}
			properties, _ := node["properties"].(map[string]any)
			next, ok := properties[name].(map[string]any)
			if !ok {
				t.Fatalf("%s is not in the schema", path)
			}
			if node = next; isList {
				node = next["items"].(map[string]any)
			}
		}
		if d, _ := node["description"].(string); !strings.Contains(path, "]") && !strings.HasPrefix(d, f.doc) {
			t.Errorf("%s is described as %q", path, d)
		}
		if f.choices != nil && f.name != "preset" && !reflect.DeepEqual(node["enum"], anys(f.choices)) {
			t.Errorf("%s can be %v in the schema, %v here", path, node["enum"], f.choices)
		}
	})
}

func anys(words []string) []any {
	var all []any
	for _, w := range words {
		all = append(all, w)
	}
	return all
}
