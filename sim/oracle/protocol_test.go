package oracle

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestBothListsAreTheSame: what goes over the pipe is numbered by its place in two lists in two languages.
func TestBothListsAreTheSame(t *testing.T) {
	js, err := os.ReadFile("node/protocol.mjs")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("protocol.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, prefix := range []string{"in", "out"} {
		list := regexp.MustCompile(`(?s)export const ` + strings.ToUpper(prefix) + ` = number\(\[(.*?)\]\)`).FindSubmatch(js)
		if list == nil {
			t.Fatalf("no list %s in protocol.mjs", strings.ToUpper(prefix))
		}
		var theirs, ours []string
		for _, m := range regexp.MustCompile(`"(\w+)"`).FindAllSubmatch(list[1], -1) {
			theirs = append(theirs, strings.ToLower(prefix+string(m[1])))
		}
		for _, m := range regexp.MustCompile(`(?m)^\t(`+prefix+`[A-Z]\w*)\b`).FindAllSubmatch(source, -1) {
			ours = append(ours, strings.ToLower(string(m[1])))
		}
		if a, b := strings.Join(ours, " "), strings.Join(theirs, " "); a != b || len(ours) < 20 {
			t.Errorf("here  %s\nthere %s", a, b)
		}
	}
}

func TestFieldsComeBack(t *testing.T) {
	var f fields
	f.u8(7).u32(1 << 31).f64(0.1).str("naïve").bytes([]byte{1, 2}).flag(true)
	r := &reader{b: f.b}
	if r.u8() != 7 || r.u32() != 1<<31 || r.f64() != 0.1 || r.str() != "naïve" || !bytes.Equal(r.bytes(), []byte{1, 2}) || r.u8() != 1 || r.short {
		t.Error("something is not what it was")
	}
	if r.u8() != 0 || r.u32() != 0 || r.f64() != 0 || r.str() != "" || !r.short {
		t.Error("there was more than was written")
	}
	if long := (&reader{b: []byte{255, 255, 255, 255, 1}}); len(long.str()) > 8 || !long.short {
		t.Error("a length beyond the end was believed")
	}
}
