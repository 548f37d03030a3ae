package scenarios

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

const (
	tableBegin = "<!-- fields: made by go test -run README -update -->\n"
	tableEnd   = "<!-- /fields -->\n"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// repeated fields have one row that points to the first place where all of them are told.
var repeated = map[string]string{
	"origin.link":                "the same fields as `peers.groups[].link`",
	"p2pml.core.mainStream":      "the options of `p2pml.core` from `isP2PUploadDisabled` to `p2pErrorRetries`",
	"p2pml.core.secondaryStream": "the options of `p2pml.core` from `isP2PUploadDisabled` to `p2pErrorRetries`",
}

func isRepeat(path string) bool { return repeated[parent(path)] != "" }

// fieldTable is the table of all fields in README.md.
func fieldTable() string {
	var b strings.Builder
	b.WriteString("\n| field | meaning | unit | values | default |\n| --- | --- | --- | --- | --- |\n")
	everyField(func(path string, f field) {
		if isRepeat(path) {
			return
		}
		doc := f.doc
		if also := repeated[path]; also != "" {
			doc += "; " + also
		}
		def := f.def
		if !f.fill {
			def = ""
		}
		if def != "" {
			def = "`" + def + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", path, doc, f.unit, values(path, f), def+f.implied)
	})
	b.WriteString("\n")
	return b.String()
}

// values is what a field can be.
func values(path string, f field) string {
	switch {
	case strings.HasSuffix(path, "link.preset"):
		return "a link preset of `netem`" // that list is netem's, and so is its page
	case f.choices != nil:
		return "`" + strings.Join(f.choices, "`, `") + "`"
	case f.form != "":
		return f.form
	case f.min != "" && base(f.typ) == rateType:
		return f.min + " to " + f.max + ", `unlimited`"
	case f.min != "":
		return f.min + " to " + f.max
	}
	switch kind := base(f.typ); {
	case kind.Kind().String() == "slice" && isGroup(kind.Elem()):
		return "list of objects"
	default:
		return strings.TrimPrefix(strings.TrimPrefix(kindOf(kind), "a "), "an ")
	}
}

func TestREADMEHasTheTableOfFields(t *testing.T) {
	text := readme(t)
	head, rest, ok1 := strings.Cut(text, tableBegin)
	_, tail, ok2 := strings.Cut(rest, tableEnd)
	if !ok1 || !ok2 {
		t.Fatal("README.md has lost the marks around its table")
	}
	golden(t, "README.md", head+tableBegin+fieldTable()+tableEnd+tail)
}

func TestREADMENamesEveryField(t *testing.T) {
	text := readme(t)
	everyField(func(path string, f field) {
		if isRepeat(path) {
			path = parent(path)
		}
		if !strings.Contains(text, "| `"+path+"` | "+f.doc) && !strings.Contains(text, "| `"+path+"` |") {
			t.Errorf("README.md does not name %s", path)
		}
	})
}

func TestREADMEExamplesAreValid(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(readme(t), -1)
	if len(blocks) < 2 {
		t.Fatalf("%d examples", len(blocks))
	}
	for _, b := range blocks {
		if _, err := Parse("README.md", []byte(b[1])); err != nil {
			t.Errorf("%v\n%s", err, b[1])
		}
	}
}

// Commands in the page and in the presets' comments must work as they stand.
func TestCommandsInTextsWork(t *testing.T) {
	texts := []string{readme(t)}
	for _, name := range Names() {
		text, _ := Preset(name)
		texts = append(texts, string(text))
	}
	command := regexp.MustCompile(`swarmlab run ([a-z-]+)((?: --set (?:'[^']*'|\S+))+)`)
	assignments := regexp.MustCompile(`--set (?:'([^']*)'|(\S+))`)
	n := 0
	for _, text := range texts {
		for _, c := range command.FindAllStringSubmatch(text, -1) {
			var sets []string
			for _, a := range assignments.FindAllStringSubmatch(c[2], -1) {
				sets = append(sets, a[1]+a[2])
			}
			n++
			if err := load(t, c[1]).SetAll(sets); err != nil {
				t.Errorf("%s: %v", c[0], err)
			}
		}
	}
	if n < 8 {
		t.Errorf("only %d commands found", n)
	}
}
