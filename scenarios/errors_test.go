package scenarios

import (
	"errors"
	"testing"
)

// The command line prints errors from their parts.
func TestErrorsTellTheirParts(t *testing.T) {
	_, err := Parse("dir/match.yaml", []byte("peers:\n  groups:\n    - {name: home, share: 0.5}\n    - {name: work, share: 0.5, link: cabel}\nrun: {seed: x}\n"))
	var all Errors
	if !errors.As(err, &all) || len(all) != 2 {
		t.Fatalf("got %v", err)
	}
	e := all[0]
	if e.File() != "dir/match.yaml" || e.Line() != 4 || e.Column() != 38 || e.Field() != "peers.groups[1].link" || e.Flag() != "" ||
		e.Hint() != `did you mean "cable"?` || e.Problem() == "" {
		t.Errorf("got %q:%d:%d, field %q, flag %q, hint %q, problem %q", e.File(), e.Line(), e.Column(), e.Field(), e.Flag(), e.Hint(), e.Problem())
	}
	if all[1].Line() != 5 || all[1].Field() != "run.seed" {
		t.Errorf("the second is %v", all[1])
	}
	var one *Error
	if !errors.As(err, &one) || one != all[0] || !errors.Is(err, ErrInvalid) {
		t.Error("errors.As and errors.Is must see each mistake")
	}
}

// A mistake in a field that was left out is shown where its nearest written parent is.
func TestErrorsAboutAbsentFieldsHaveAPlace(t *testing.T) {
	_, err := Parse("match.yaml", []byte("peers:\n  groups:\n    - {name: a, link: {up: 1Mbit/s}}\n"))
	if want := "match.yaml:3:23: peers.groups[0].link.down: is missing: an explicit link needs its rates (such as down: 20Mbit/s, or preset: cable to start from)"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
