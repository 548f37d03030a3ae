package webtorrent

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestIDsOfAllBytesSurviveTheWire(t *testing.T) {
	for b := range 256 {
		var id ID
		for i := range id {
			id[i] = byte(b + i)
		}
		token := id.AppendJSON(nil)
		if back, ok := parseIDToken(token); !ok || back != id {
			t.Fatalf("%x as %s comes back as %x", id, token, back)
		}
		// One character for each byte, to everybody else's JSON too.
		var s string
		if err := json.Unmarshal(token, &s); err != nil {
			t.Fatalf("%s: %v", token, err)
		}
		n := 0
		for _, r := range s {
			if r != rune(id[n]) {
				t.Fatalf("character %d of %s is %U, want %U", n, token, r, id[n])
			}
			n++
		}
		if n != len(id) {
			t.Fatalf("%s has %d characters", token, n)
		}
		var viaJSON ID
		b, err := json.Marshal(id)
		if err != nil || json.Unmarshal(b, &viaJSON) != nil || viaJSON != id {
			t.Fatalf("encoding/json: %s, %v, %x", b, err, viaJSON)
		}
	}
	if _, err := ParseID("nineteen characters"); err == nil {
		t.Error("19 bytes are an ID")
	}
}

func TestIDsAreEscapedAsJavaScriptDoes(t *testing.T) {
	id, err := ParseID("\"\\\b\f\n\r\t\x00\x1f\x7f\x80\xff/<&abcdef"[:20])
	if err != nil {
		t.Fatal(err)
	}
	const want = `"\"\\\b\f\n\r\t\u0000\u001f` + "\x7f\u0080\u00ff" + `/<&abcde"`
	if got := string(id.AppendJSON(nil)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestTextIsEscaped(t *testing.T) {
	for in, want := range map[string]string{
		"v=0\r\n":       `"v=0\r\n"`,
		"é\u2028\x00":   "\"é\u2028\\u0000\"",
		"bad \xff byte": "\"bad \ufffd byte\"",
	} {
		if got := string(appendString(nil, in)); got != want {
			t.Errorf("%q becomes %s, want %s", in, got, want)
		}
	}
}

func TestSurrogates(t *testing.T) {
	for token, want := range map[string]string{
		`"\ud83d\ude00"`: "😀",
		`"\ud83d"`:       "\ufffd",
		`"\ud83dx"`:      "\ufffdx",
		`"\ude00\ud83d"`: "\ufffd\ufffd",
		`"\u00e9\/\b"`:   "é/\b",
	} {
		if got, ok := unquote([]byte(token)); !ok || got != want {
			t.Errorf("%s is %q, want %q", token, got, want)
		}
	}
}

// FuzzJSON holds our reader against encoding/json: the same documents are valid, and objects have the same members.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{}`, `[]`, `{"a":1,"b":[true,false,{"c":-1.5e+10}],"d":"\u00e9\\\""}`, `{"a":`, `01`, `-`, `1.`, `1e`,
		`"\ud83d\ude00"`, `{"a":1,"a":2}`, ` [ 1 , 2 ] `, `{"a":"` + "\x7f" + `"}`, `{"a" 1}`, `[1,]`, `tru`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		members := map[string]string{}
		isJSON, isObject := parseObject(text, func(key, value []byte) {
			if name, ok := unquote(key); ok {
				members[name] = string(value)
			}
		})
		want := json.Valid(text) && utf8.Valid(text) && depth(text) <= maxJSONDepth
		if isJSON != want {
			t.Fatalf("%q is JSON: %v, want %v", text, isJSON, want)
		}
		if !isJSON {
			return
		}
		var theirs map[string]json.RawMessage
		err := json.Unmarshal(text, &theirs)
		if null := strings.TrimSpace(string(text)) == "null"; isObject != (err == nil && !null) {
			t.Fatalf("%q is an object: %v, %v", text, isObject, err)
		}
		if !isObject {
			return
		}
		if len(theirs) != len(members) {
			t.Fatalf("%q has members %v, want %v", text, members, theirs)
		}
		for name, raw := range theirs {
			if members[name] != string(raw) {
				t.Fatalf("%q: %q is %q, want %q", text, name, members[name], raw)
			}
			checkValue(t, raw)
		}
	})
}

// checkValue compares what strings and numbers mean.
func checkValue(t *testing.T, raw []byte) {
	t.Helper()
	var s string
	if raw[0] == '"' && json.Unmarshal(raw, &s) == nil {
		if got, ok := unquote(raw); !ok || got != s || !isString(raw, s) {
			t.Fatalf("%s is %q, want %q", raw, got, s)
		}
	}
	var n float64
	if raw[0] != 'n' && json.Unmarshal(raw, &n) == nil {
		if got, ok := number(raw); !ok || got != n {
			t.Fatalf("%s is %v, want %v", raw, got, n)
		}
	}
}

// depth is how deep a valid document nests, 1 for a value inside the outermost one.
func depth(text []byte) int {
	deepest, d, inString := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
			deepest = max(deepest, d)
		case inString || c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == ',' || c == ':':
		case c == '{' || c == '[':
			deepest = max(deepest, d)
			d++
		case c == '}' || c == ']':
			d--
		default:
			deepest = max(deepest, d)
		}
	}
	return deepest
}
