package results

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// NotSet stands for the value of a field that a scenario does not have: it is older than the field.
const NotSet = "not set"

// Differing is something that two sides of a comparison do not have in common, besides what they measured.
type Differing struct {
	What string `json:"what"` // "tier", "clock", "version", "schema", or a field of the scenario such as "p2pml.core.highDemandTimeWindow"
	A    string `json:"a"`
	B    string `json:"b"`
}

// differing lists what differs, first how the runs were made, then the scenario field by field. Seeds are no difference: which
// are there is said elsewhere.
func differing(a, b *Evidence) []Differing {
	var out []Differing
	note := func(what, x, y string) {
		if x != y {
			out = append(out, Differing{what, x, y})
		}
	}
	if kindOf(a.Schema) == kindOf(b.Schema) {
		note("schema", a.Schema, b.Schema)
	}
	note("tier", a.Tier, b.Tier)
	note("clock", a.Clock, b.Clock)
	note("version", a.Version, b.Version)
	fa, fb := fields(a.Scenario), fields(b.Scenario)
	if len(fa) == 0 || len(fb) == 0 {
		if len(fa) != len(fb) {
			note("scenario", known(fa), known(fb))
		}
		return out
	}
	var names []string
	for _, of := range []map[string]string{fa, fb} {
		for name := range of { // sorted below
			names = append(names, name)
		}
	}
	slices.SortFunc(names, naturally)
	for _, name := range slices.Compact(names) {
		if name != "run.seed" && name != "description" {
			note(name, orAbsent(fa, name), orAbsent(fb, name))
		}
	}
	return out
}

func known(fields map[string]string) string {
	if len(fields) == 0 {
		return "not recorded"
	}
	return "recorded"
}

// orAbsent: a field that is not there has its default, which nobody here knows.
func orAbsent(fields map[string]string, name string) string {
	if v, ok := fields[name]; ok {
		return v
	}
	return NotSet
}

// fields flattens a scenario: "peers.groups[0].link" and the like.
func fields(scenario json.RawMessage) map[string]string {
	out := map[string]string{}
	var doc any
	d := json.NewDecoder(strings.NewReader(string(scenario)))
	d.UseNumber() // a seed has more digits than a float64
	if d.Decode(&doc) != nil {
		return out // none, or of no form that we know: there is nothing to tell
	}
	flatten(out, "", doc)
	return out
}

func flatten(out map[string]string, name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v { // into a map
			flatten(out, join(name, key), value)
		}
	case []any:
		for i, value := range v {
			flatten(out, fmt.Sprintf("%s[%d]", name, i), value)
		}
	case string:
		out[name] = v
	default:
		out[name] = fmt.Sprint(v)
	}
}

// naturally puts groups[2] before groups[10].
func naturally(a, b string) int {
	for {
		pa, na, ra := splitNumber(a)
		pb, nb, rb := splitNumber(b)
		if pa != pb || na != nb || ra == "" && rb == "" {
			if pa != pb {
				return strings.Compare(pa, pb)
			}
			return na - nb
		}
		a, b = ra, rb
	}
}

// splitNumber splits "groups[12].link" into "groups[", 12 and "].link"; without a number it is all before, with -1.
func splitNumber(s string) (before string, number int, after string) {
	i := strings.IndexByte(s, '[')
	if i < 0 {
		return s, -1, ""
	}
	j := strings.IndexByte(s[i:], ']')
	if j < 0 {
		return s, -1, ""
	}
	n, err := strconv.Atoi(s[i+1 : i+j])
	if err != nil {
		return s, -1, ""
	}
	return s[:i+1], n, s[i+j:]
}
