package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// ErrSchema means that the file is not a result, or one of a version that this program does not know.
var ErrSchema = errors.New("unknown schema")

// largestFile is far above any result (an hour of 500 viewers takes a few megabytes, 100,000 viewers some seventy), and far
// below what would hurt.
const largestFile = 256 << 20

// Read reads a result from its folder or its file.
func Read(path string) (*Result, error) {
	file, err := within(path, ResultFile)
	if err != nil {
		return nil, err
	}
	data, schema, err := readFile(file)
	if err != nil {
		return nil, err
	}
	return decodeResult(file, data, schema)
}

func decodeResult(path string, data []byte, schema string) (*Result, error) {
	r := &Result{}
	if err := decode(path, data, schema, Schema, r); err != nil {
		return nil, err
	}
	if schema != Schema {
		r.ReadFrom = schema
	}
	return r, nil
}

// within is the file that path names, or the file of that name in the folder that path names.
func within(path, name string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("read a result: %w", err)
	}
	if info.IsDir() {
		return filepath.Join(path, name), nil
	}
	return path, nil
}

// readJSON reads the file, or the file of that name in the folder, after a look at its schema.
func readJSON(path, name, schema string, into any) error {
	file, err := within(path, name)
	if err != nil {
		return err
	}
	data, got, err := readFile(file)
	if err != nil {
		return err
	}
	return decode(file, data, got, schema, into)
}

// readFile reads a file of JSON and says of which schema it is.
func readFile(path string) (data []byte, schema string, err error) {
	f, err := os.Open(path) // the file that the user named
	if err != nil {
		return nil, "", fmt.Errorf("read a result: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	data, err = io.ReadAll(io.LimitReader(f, largestFile+1))
	if err != nil {
		return nil, "", fmt.Errorf("read %s: %w", path, err)
	}
	if len(data) > largestFile {
		return nil, "", fmt.Errorf("read %s: not a result: larger than %d bytes", path, largestFile)
	}
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, "", fmt.Errorf("read %s: not a result: %w", path, err)
	}
	return data, head.Schema, nil
}

// decode reads data of schema got into what schema want describes.
func decode(path string, data []byte, got, want string, into any) error {
	data, got, err := upgrade(data, got)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if err := checkSchema(got, want); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// kindOf is a schema without its version: "swarmlab/result/".
func kindOf(schema string) string { return schema[:strings.LastIndex(schema, "/")+1] }

// checkSchema tells apart what is not ours, what is something else of ours, and what is newer.
func checkSchema(got, want string) error {
	switch {
	case got == want:
		return nil
	case got == "":
		return fmt.Errorf("%w: the file has no \"schema\", so it is not of swarmlab; expected %q", ErrSchema, want)
	case strings.HasPrefix(got, kindOf(want)):
		return fmt.Errorf("%w %q: made by another version of swarmlab; this one reads %q", ErrSchema, got, want)
	default:
		return fmt.Errorf("%w %q: expected %q", ErrSchema, got, want)
	}
}
