package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// finished is one run and what it gave: a line of the file of runs.
type finished struct {
	Case, Way string
	N         int
	measures
}

// runs are the finished ones: what took half an hour is not lost with the last minute.
type runs struct {
	path string // "": kept nowhere
	done map[finished]measures
}

// openRuns reads a file of runs, which need not exist.
func openRuns(path string) (*runs, error) {
	r := &runs{path: path, done: make(map[finished]measures)}
	if path == "" {
		return r, nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	lines := json.NewDecoder(bytes.NewReader(text))
	for n := 1; ; n++ {
		var run finished
		switch err := lines.Decode(&run); {
		case errors.Is(err, io.EOF):
			return r, nil
		case err != nil:
			return nil, fmt.Errorf("%s: run %d: %w; remove it, or the file", path, n, err)
		}
		r.done[run.which()] = run.measures
	}
}

func (f finished) which() finished { return finished{Case: f.Case, Way: f.Way, N: f.N} }

// once runs what has not been run, and keeps it.
func (r *runs) once(which finished, run func() (measures, error)) (measures, error) {
	if m, ok := r.done[which]; ok {
		return m, nil
	}
	m, err := run()
	if err != nil || r.path == "" {
		return m, err
	}
	which.measures = m
	line, err := json.Marshal(which)
	if err != nil {
		return m, err
	}
	f, err := os.OpenFile(r.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return m, err
	}
	_, err = f.Write(append(line, '\n'))
	return m, errors.Join(err, f.Close())
}
