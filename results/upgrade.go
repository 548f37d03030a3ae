package results

import (
	"encoding/json"
	"fmt"
)

// How results last. Within a version a schema only grows: a new key is added, no key changes its meaning, its unit or its type. A
// file without the key was made before it was recorded, and reads as "not measured". So every v1 file ever written is
// readable, and testdata/v1 holds one of the first to prove it.
//
// What cannot be said that way makes a new version: the old file is then rewritten, step by step, until it is of the newest.
// Nothing has needed it yet.

// upgrades has, for each schema that is not the newest of its kind, the step to the next one.
var upgrades = map[string]step{}

// step rewrites a document of one schema into one of the schema to. A step may drop what has lost its meaning, and must not make up
// what was not measured.
type step struct {
	to      string
	rewrite func(doc map[string]json.RawMessage) error
}

// upgrade takes a document as many steps forward as there are.
func upgrade(data []byte, schema string) ([]byte, string, error) {
	for {
		s, older := upgrades[schema]
		if !older {
			return data, schema, nil
		}
		doc := map[string]json.RawMessage{}
		if err := json.Unmarshal(data, &doc); err != nil {
			return nil, "", fmt.Errorf("from schema %q to %q: %w", schema, s.to, err)
		}
		if err := s.rewrite(doc); err != nil {
			return nil, "", fmt.Errorf("from schema %q to %q: %w", schema, s.to, err)
		}
		name, err := json.Marshal(s.to)
		if err != nil {
			return nil, "", err
		}
		doc["schema"] = name
		if data, err = json.Marshal(doc); err != nil {
			return nil, "", err
		}
		schema = s.to
	}
}
