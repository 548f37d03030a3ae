package results

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrEvidence means that a path holds nothing that can be read as a result.
var ErrEvidence = errors.New("no result to read")

// ReadEvidence reads what the user names: the folder of a run or of repeats, a result.json, a repeats.json (its runs lie beside
// it), or a baseline.
func ReadEvidence(path string) (*Evidence, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEvidence, err)
	}
	e, err := readEvidence(path, info.IsDir())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEvidence, err)
	}
	return e, nil
}

func readEvidence(path string, folder bool) (*Evidence, error) {
	if folder {
		file, err := fileIn(path)
		if err != nil {
			return nil, err
		}
		path = file
	}
	data, schema, err := readFile(path)
	if err != nil {
		return nil, err
	}
	switch kindOf(schema) {
	case kindOf(Schema):
		r, err := decodeResult(path, data, schema)
		if err != nil {
			return nil, err
		}
		return NewEvidence(path, []*Result{r})
	case kindOf(RepeatsSchema):
		a := &Repeats{}
		if err := decode(path, data, schema, RepeatsSchema, a); err != nil {
			return nil, err
		}
		return evidenceOfRepeats(filepath.Dir(path), a)
	case kindOf(BaselineSchema):
		b := &Baseline{}
		if err := decode(path, data, schema, BaselineSchema, b); err != nil {
			return nil, err
		}
		return b.Evidence(path)
	}
	return nil, fmt.Errorf("read %s: %w", path, checkSchema(schema, Schema))
}

// fileIn finds what a folder is the folder of. Repeats come first: they are written last, so they are whole. Both are there in folders of older
// versions, or if writing was cut off.
func fileIn(folder string) (string, error) {
	for _, name := range []string{RepeatsFile, ResultFile} {
		path := filepath.Join(folder, name)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return "", fmt.Errorf("%s: neither %s nor %s is in this folder; it should be the folder of a run or of repeats", folder, RepeatsFile, ResultFile)
}

// evidenceOfRepeats reads the runs beside a repeats.json. Means alone cannot be paired, nor drawn.
func evidenceOfRepeats(folder string, a *Repeats) (*Evidence, error) {
	runs := make([]*Result, len(a.Seeds))
	for i, seed := range a.Seeds {
		r, err := Read(RepeatDir(folder, seed))
		if err != nil {
			return nil, fmt.Errorf("a run of %s: %w", filepath.Join(folder, RepeatsFile), err)
		}
		runs[i] = r
	}
	e, err := NewEvidence(folder, runs)
	if err == nil {
		e.Kind = KindRepeats // of one, if the others are missing
	}
	return e, err
}
