package tune

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// JournalFile is the name of the journal within a tuning's folder.
const JournalFile = "journal.jsonl"

// journalSchema names the layout of the journal's lines.
const journalSchema = "swarmlab/tune-journal/v1"

// maxJournalLine is far beyond the longest line; what is longer is no journal.
const maxJournalLine = 1 << 20

// entry is a line of the journal: the head (first), a run that has ended, or a decision.
type entry struct {
	Schema  string `json:"schema,omitempty"` // head only
	Plan    string `json:"plan,omitempty"`   // head only: Plan.ID
	Version string `json:"version,omitempty"`

	Run *outcome `json:"run,omitempty"`

	// Ended: the search was ended after so many trials, by what.
	Ended       string `json:"ended,omitempty"`
	AfterTrials int    `json:"afterTrials,omitempty"`
	// BudgetSeconds is the budget that was over; another command may have another.
	BudgetSeconds float64 `json:"budgetSeconds,omitempty"`
	// SpentSeconds of wall time since the command was started, with every run; the budget counts those of all commands.
	SpentSeconds float64 `json:"spentSeconds,omitempty"`
	Started      bool    `json:"started,omitempty"` // a command begins here
}

// journal is the memory of a tuning: lines that are only ever added, each brought to the disk before anything is decided by it.
type journal struct {
	file    *os.File
	runs    map[string]outcome // by job.key
	ended   *entry
	spent   float64 // seconds of wall time of earlier commands
	current float64 // of the command whose lines are being read
	version string  // of the program that began it
}

// openJournal opens a folder's journal, or begins one. Nobody else can have it open. Errors are ErrInput if it is of another plan.
func openJournal(dir string, p *Plan) (*journal, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { // results are for everybody
		return nil, fmt.Errorf("make the output folder: %w", err)
	}
	path := filepath.Join(dir, JournalFile)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644) // results are for everybody
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	j := &journal{file: f, runs: map[string]outcome{}, version: p.Version}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s is in use by another tuning; give this one another --out", ErrInput, path), f.Close())
	}
	if err := j.read(p); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if err := j.add(entry{Started: true}); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return j, nil
}

func (j *journal) close() error { return j.file.Close() } // which unlocks it

// read takes in what is there. A last line without its end was being written when the program was killed; it is cut off.
func (j *journal) read(p *Plan) error {
	lines := bufio.NewReaderSize(j.file, 1<<16)
	var whole int64
	for n := 1; ; n++ {
		line, err := readLine(lines)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%w: read %s, line %d: %w", ErrInput, j.file.Name(), n, err)
		}
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("%w: %s:%d: not a line of a tuning's journal: %w", ErrInput, j.file.Name(), n, err)
		}
		if n == 1 {
			err = j.head(e, p)
		} else {
			j.take(e)
		}
		if err != nil {
			return err
		}
		whole += int64(len(line))
	}
	j.spent += j.current
	j.current = 0
	if err := j.file.Truncate(whole); err != nil {
		return fmt.Errorf("mend %s: %w", j.file.Name(), err)
	}
	if _, err := j.file.Seek(whole, io.SeekStart); err != nil {
		return fmt.Errorf("open the journal: %w", err)
	}
	if whole > 0 {
		return nil
	}
	return j.add(entry{Schema: journalSchema, Plan: p.ID(), Version: p.Version})
}

// readLine is a whole line with its end; io.EOF at the end, or before a line that has none.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull) && len(line) <= maxJournalLine:
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, fmt.Errorf("longer than %d bytes", maxJournalLine)
		default:
			return line, err
		}
	}
}

func (j *journal) head(e entry, p *Plan) error {
	switch {
	case e.Schema != journalSchema:
		return fmt.Errorf("%w: %s: made by another version of swarmlab (%q, this one reads %q); give another --out", ErrInput, j.file.Name(), e.Schema, journalSchema)
	case e.Plan != p.ID():
		return fmt.Errorf("%w: %s holds another tuning: the scenario, the space, an objective, a constraint or the seed was different; "+
			"give another --out, or remove the folder", ErrInput, filepath.Dir(j.file.Name()))
	}
	j.version = e.Version
	return nil
}

func (j *journal) take(e entry) {
	switch {
	case e.Run != nil:
		j.runs[e.Run.key()] = *e.Run
		j.current = e.SpentSeconds
	case e.Ended != "":
		j.ended = &e
	case e.Started:
		j.spent += j.current
		j.current = 0
	}
}

// add writes a line, all of it in one write: it outlives whatever becomes of this process. sync makes it outlive the machine's power.
func (j *journal) add(e entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if _, err := j.file.Write(append(bytes.TrimSpace(line), '\n')); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if e.Run != nil || e.Ended != "" {
		j.take(e)
	}
	return nil
}

func (j *journal) sync() error {
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("bring the journal to the disk: %w", err)
	}
	return nil
}

// cost is the mean wall time of a tier's runs so far, in seconds; 0 if there is none.
func (j *journal) cost(tier string) float64 {
	var sum, n float64
	for _, o := range j.runs { // a sum, whatever the order: it steers the clock's business only
		if o.Tier == tier {
			sum, n = sum+o.WallSeconds, n+1
		}
	}
	if n == 0 {
		return 0
	}
	return sum / n
}
