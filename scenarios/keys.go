package scenarios

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// entriesOf lists a mapping's entries. (The parser gives a mapping of one entry as that entry.)
func entriesOf(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// keyOf is an entry's key; not ok for keys that are no plain words, such as << or lists.
func keyOf(e *ast.MappingValueNode) (string, bool) {
	if n, ok := e.Key.(ast.Node); ok && isScalar(n) {
		return scalarText(n), true
	}
	return "", false
}

// elsewhere says where the things belong that people paste from a player's configuration.
var elsewhere = map[string]string{
	"announceTrackers":            "trackers are named in tracker.urls",
	"rtcConfig":                   "STUN and TURN are switched by ice.stun and ice.turn",
	"customSegmentStorageFactory": "a function cannot be simulated; leave it out",
	"validateP2PSegment":          "a function cannot be simulated; leave it out",
	"validateHTTPSegment":         "a function cannot be simulated; leave it out",
	"httpRequestSetup":            "a function cannot be simulated; leave it out",
	"cachedSegmentsCount":         "removed from the library in 2.0; see segmentMemoryStorageLimit",
	"cachedSegmentExpiration":     "removed from the library in 2.0; see segmentMemoryStorageLimit",
}

// unknownHint suggests what an unknown key was meant to be: the nearest key of the same object, or else the place in
// the scenario where such a key exists.
func unknownHint(t reflect.Type, path, key string) string {
	if hint, ok := elsewhere[key]; ok {
		return hint
	}
	var exact []string
	everyField(func(p string, f field) {
		if strings.EqualFold(f.name, key) {
			exact = append(exact, p)
		}
	})
	near := nearest(key, names(t))
	switch {
	case near != "" && (strings.EqualFold(near, key) || len(exact) == 0):
		return "did you mean " + quote(near) + "?"
	case len(exact) > 0:
		slices.SortStableFunc(exact, func(a, b string) int { return shared(b, path) - shared(a, path) })
		return "did you mean " + withIndexes(exact[0], path) + "?"
	}
	return "one of " + list(names(t))
}

var anyIndex = regexp.MustCompile(`\[[0-9]+\]`)

// withIndexes puts a path's indexes into a field's: peers.groups[].link under peers.groups[1] is peers.groups[1].link.
func withIndexes(field, path string) string {
	if inside, ok := strings.CutPrefix(field, anyIndex.ReplaceAllString(path, "[]")); ok {
		return path + inside
	}
	return field
}

// shared is how many letters two paths have in common at the start: of several places, the nearest is suggested.
func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
