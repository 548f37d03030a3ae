package scenarios

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

//go:embed *.yaml
var presets embed.FS

// presetPrefix stands before a preset's name where a file's name would be.
const presetPrefix = "preset "

// Names lists the presets, in order of the alphabet.
func Names() []string {
	files, _ := fs.Glob(presets, "*.yaml")
	for i, f := range files {
		files[i] = strings.TrimSuffix(f, ".yaml")
	}
	slices.Sort(files) // "live-" comes before "live." but not before "live"
	return files
}

// Preset returns a preset's text, comments and all.
func Preset(name string) (text []byte, ok bool) {
	text, err := presets.ReadFile(name + ".yaml")
	return text, err == nil
}

// Load returns the scenario of a preset's name or of a YAML (or JSON) file. A preset wins over a file of the same name;
// write ./vod to mean the file.
func Load(nameOrFile string) (*Scenario, error) {
	if text, ok := Preset(nameOrFile); ok {
		return Parse(presetPrefix+nameOrFile, text)
	}
	info, err := os.Stat(nameOrFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, missing(nameOrFile)
	case err == nil && info.IsDir():
		return nil, &Error{at: position{file: nameOrFile}, problem: "is a folder; want a YAML file or a preset's name"}
	case err == nil && info.Size() > maxBytes:
		return nil, &Error{at: position{file: nameOrFile}, problem: fmt.Sprintf("is %d bytes long; a scenario has at most %d", info.Size(), maxBytes)}
	}
	text, err := os.ReadFile(nameOrFile)
	if err != nil {
		return nil, &Error{at: position{file: nameOrFile}, problem: "cannot be read: " + err.Error()}
	}
	s, err := Parse(nameOrFile, text)
	if err != nil {
		return nil, err
	}
	return s, s.checkFrom()
}

func missing(name string) error {
	if strings.ContainsAny(name, `./\`) {
		return &Error{at: position{file: name}, problem: "there is no such file", hint: didYouMean(name, Names())}
	}
	hint := didYouMean(name, Names())
	if hint == "" {
		hint = "presets are " + list(Names())
	}
	return &Error{problem: "there is no preset and no file named " + quote(name), hint: hint}
}

// checkFrom looks whether the folder to serve is there: better now than when the origin starts.
func (s *Scenario) checkFrom() error {
	if s.Stream.From == "" {
		return nil
	}
	if info, err := os.Stat(s.Stream.From); err != nil || info.IsDir() {
		return Errors{{at: s.src.position("stream.from"), field: "stream.from", problem: "there is no file " + quote(s.Stream.From),
			hint: "the path is relative to the scenario's file"}}
	}
	return nil
}

// StreamPath is the playlist to serve instead of the synthetic stream, as a path that can be opened; empty for none.
func (s *Scenario) StreamPath() string { return s.Stream.From }

// Parse reads a scenario's text. The file's name is for messages and for the paths in it; the file itself is not touched.
func Parse(file string, data []byte) (*Scenario, error) {
	r := &reader{base: position{file: file}, at: map[string]position{}}
	node, err := readDocument(data, r.base)
	if err != nil {
		return nil, Errors{err}
	}
	written := new(Scenario)
	if node != nil {
		r.value(node, reflect.ValueOf(written).Elem(), "")
	}
	written.Stream.From = absolute(filepath.Dir(file), written.Stream.From)
	src := &source{file: file, written: clone(written), at: r.at}
	return r.finish(src)
}

// finish resolves what was read. Mistakes of reading and of meaning are told together, except where the second may only
// follow from the first.
func (r *reader) finish(src *source) (*Scenario, error) {
	s, err := src.resolve(r.errs...)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// absolute makes a path independent of where it is read again from: a stored scenario is run from anywhere.
func absolute(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	abs, err := filepath.Abs(filepath.Join(dir, path))
	if err != nil { // no current folder: leave it as it was written
		return path
	}
	return abs
}
