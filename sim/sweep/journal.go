package sweep

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"swarmlab/results"
)

// journalFile is where finished runs are kept while a sweep goes on: one line each, appended.
const journalFile = "runs.jsonl"

// journalSchema names its layout.
const journalSchema = "swarmlab/sweep-runs/v1"

// journalHead is the first line: of which sweep the runs are. Runs of another one would be wrong here.
type journalHead struct {
	Schema   string          `json:"schema"`
	Scenario json.RawMessage `json:"scenario"`
	Tier     string          `json:"tier"`
	Version  string          `json:"version"`
	Axes     []results.Axis  `json:"axes"`
	Seeds    []uint64        `json:"seeds"`
}

// journalLine is a finished run.
type journalLine struct {
	Place []int `json:"place"`
	results.SweepRun
}

// journal appends whole lines. It belongs to the goroutine of [Plan.Run].
type journal struct{ file *os.File }

// mostLine bounds a line: a scenario with a long trace of arrivals is the longest of them.
const mostLine = 64 << 20

// openJournal reads the finished runs of a folder and opens it for more. A last line that a kill cut short is taken off.
func openJournal(dir string, head journalHead) (*journal, []journalLine, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { // results are for everybody
		return nil, nil, fmt.Errorf("make the output folder: %w", err)
	}
	path := filepath.Join(dir, journalFile)
	first, err := json.Marshal(head)
	if err != nil {
		return nil, nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644) // results are for everybody
	if err != nil {
		return nil, nil, err
	}
	lines, end, err := readJournal(file, first)
	if err == nil && end == 0 {
		end, err = beginJournal(file, first)
	}
	if err == nil {
		err = file.Truncate(end)
	}
	if err == nil {
		_, err = file.Seek(end, io.SeekStart)
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	return &journal{file: file}, lines, nil
}

func beginJournal(file *os.File, first []byte) (int64, error) {
	n, err := file.WriteAt(append(first, '\n'), 0)
	return int64(n), err
}

// readJournal gives the whole lines and where they end.
func readJournal(file io.Reader, first []byte) (lines []journalLine, end int64, err error) {
	in := bufio.NewReaderSize(file, 1<<16)
	for n := 0; ; n++ {
		line, err := wholeLine(in)
		if errors.Is(err, io.EOF) {
			return lines, end, nil
		}
		if err != nil {
			return nil, 0, err
		}
		if n == 0 {
			if !bytes.Equal(line, first) {
				return nil, 0, fmt.Errorf("%w: the folder holds another sweep, or one of another version of swarmlab; name another folder", ErrInput)
			}
		} else {
			var l journalLine
			if err := json.Unmarshal(line, &l); err != nil {
				return nil, 0, fmt.Errorf("%w: line %d is no run: %w", ErrInput, n+1, err)
			}
			lines = append(lines, l)
		}
		end += int64(len(line)) + 1
	}
}

// wholeLine reads up to a line's end, which it takes off. What has no end was cut short: io.EOF.
func wholeLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		case len(line) > mostLine:
			return nil, fmt.Errorf("%w: a line of more than %d bytes is no run", ErrInput, mostLine)
		}
	}
}

// add brings a run to the disk. It is one write, so a kill leaves at most a last line without its end.
func (j *journal) add(l journalLine) error {
	line, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("keep a finished run: %w", err)
	}
	return nil
}

func (j *journal) close() error { return errors.Join(j.file.Sync(), j.file.Close()) }
