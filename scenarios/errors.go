package scenarios

import (
	"errors"
	"fmt"
	"strings"
)

// ErrInvalid is what every error about a scenario's text or values is: bad input, exit code 2.
var ErrInvalid = errors.New("invalid scenario")

// Error is one mistake in a scenario, told to the person who made it.
type Error struct {
	at      position
	field   string
	problem string
	hint    string
}

// File is the file with the mistake, or the preset; empty for a scenario made in code or a value from the command line.
func (e *Error) File() string { return e.at.file }

// Line is the mistake's line, from 1; 0 if it is in no file.
func (e *Error) Line() int { return e.at.line }

// Column is the mistake's column, from 1; 0 if it is in no file.
func (e *Error) Column() int { return e.at.column }

// Field is the field's path, such as peers.groups[1].link; empty if the text as a whole is wrong.
func (e *Error) Field() string { return e.field }

// Flag is the command line's assignment that made the mistake, such as --set peers.count=0; empty if none did.
func (e *Error) Flag() string { return e.at.flag }

// Problem says what is wrong and what would be right.
func (e *Error) Problem() string { return e.problem }

// Hint is what was probably meant; may be empty.
func (e *Error) Hint() string { return e.hint }

// Error is one sentence: where, which field, what, and what was meant.
func (e *Error) Error() string {
	var b strings.Builder
	if where := e.at.String(); where != "" {
		b.WriteString(where + ": ")
	}
	if e.field != "" {
		b.WriteString(e.field + ": ")
	}
	b.WriteString(e.problem)
	if e.hint != "" {
		b.WriteString(" (" + e.hint + ")")
	}
	return b.String()
}

// Is makes every Error an ErrInvalid.
func (e *Error) Is(target error) bool { return target == ErrInvalid }

// Errors are all the mistakes of a scenario, in the order of the file.
type Errors []*Error

// Error is one line for each mistake.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, err := range e {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.Is and errors.As see each mistake.
func (e Errors) Unwrap() []error {
	all := make([]error, len(e))
	for i, err := range e {
		all[i] = err
	}
	return all
}

// position is where a value came from.
type position struct {
	file         string
	line, column int
	flag         string // "--set path=value"
}

func (p position) String() string {
	switch {
	case p.flag != "" && p.line > 0: // the file is right by itself; the flag does not go with it
		return fmt.Sprintf("%s:%d:%d with %s", p.file, p.line, p.column, p.flag)
	case p.flag != "":
		return p.flag
	case p.line > 0:
		return fmt.Sprintf("%s:%d:%d", p.file, p.line, p.column)
	}
	return p.file
}

// quote shows somebody's own text in a message, cut where it gets long.
func quote(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "..."
	}
	return fmt.Sprintf("%q", s)
}
