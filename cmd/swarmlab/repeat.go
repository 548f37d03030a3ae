package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"swarmlab/report"
	"swarmlab/results"
	"swarmlab/scenarios"
)

// repeats runs the scenario once for each of K seeds, side by side: each in a process of its own with one core. Two bubbles in
// one process share a scheduler and a garbage collector; two processes on one core each do the same work with a third less CPU.
func (f *runFlags) repeats(ctx context.Context, s streams, scenario *scenarios.Scenario, out string) error {
	r, err := newRepeats(s, f, scenario, out)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(r.scenarioFile) }() // a hidden file left behind harms nobody
	f.doubt(s, scenario)
	finished, runErr := r.all(ctx, f.repeat)
	if len(finished) == 0 {
		if ctx.Err() != nil {
			fmt.Fprintln(s.err, "No seed was through, so there is nothing to sum up.")
		}
		return errors.Join(runErr, context.Cause(ctx))
	}
	aggregate, err := results.Aggregate(finished)
	if err != nil {
		return errors.Join(runErr, err)
	}
	aggregate.Expect(f.repeat)
	if err := report.WriteRepeats(out, aggregate, finished, commandLine()); err != nil {
		return errors.Join(runErr, err)
	}
	if f.json {
		enc := json.NewEncoder(s.out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(aggregate); err != nil {
			return errors.Join(runErr, err)
		}
	}
	fmt.Fprintln(s.err)
	if err := report.TerminalRepeats(s.err, aggregate, s.terminalOptions()); err != nil {
		return errors.Join(runErr, err)
	}
	fmt.Fprintf(s.err, "\nReport: %s, and one for each seed in %s\n", filepath.Join(out, "report.html"), filepath.Join(out, "seed-*"))
	return errors.Join(runErr, context.Cause(ctx))
}

// repeats is the runs of one command.
type repeats struct {
	s            streams
	tier, out    string
	oneSeed      []string // the command that runs one seed, less --seed
	scenario     *scenarios.Scenario
	scenarioFile string
	start        time.Time

	mu     sync.Mutex
	shares []float64 // how far each run is
	last   time.Time
}

func newRepeats(s streams, f *runFlags, scenario *scenarios.Scenario, out string) (*repeats, error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, err
	}
	// The children read the scenario as resolved here, overrides and all.
	file, err := os.CreateTemp(out, ".scenario-*.yaml")
	if err != nil {
		return nil, err
	}
	_, err = file.Write(scenario.YAML())
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(file.Name()))
	}
	now := time.Now()
	return &repeats{s: s, tier: f.tier, oneSeed: f.oneSeed, out: out, scenario: scenario, scenarioFile: file.Name(), start: now, last: now}, nil
}

// all runs K seeds, as many at a time as there are cores. What finished is kept, whatever became of the others.
func (r *repeats) all(ctx context.Context, k int) ([]*results.Result, error) {
	r.shares = make([]float64, k)
	done := make([]*results.Result, k)
	failures := make([]error, k)
	var group errgroup.Group
	group.SetLimit(runtime.NumCPU())
	for i := range k {
		group.Go(func() error {
			done[i], failures[i] = r.one(ctx, i)
			return nil // the others go on
		})
	}
	_ = group.Wait()
	if r.s.terminal && !r.s.machine() {
		fmt.Fprint(r.s.err, "\r\033[K")
	}
	var finished []*results.Result
	for _, result := range done {
		if result != nil {
			finished = append(finished, result)
		}
	}
	return finished, errors.Join(failures...)
}

// one runs one seed in a child process and reads what it wrote.
func (r *repeats) one(ctx context.Context, i int) (*results.Result, error) {
	if ctx.Err() != nil {
		return nil, nil //nolint:nilerr // not begun is not failed; the caller says that it was interrupted
	}
	seed := r.scenario.Run.Seed + uint64(i)
	folder := filepath.Join(r.out, "seed-"+strconv.FormatUint(seed, 10))
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "run", r.scenarioFile, "--tier", r.tier,
		"--seed", strconv.FormatUint(seed, 10), "--out", folder)
	command := quoted(append(slices.Clone(r.oneSeed), "--seed", strconv.FormatUint(seed, 10)))
	cmd.Env = append(os.Environ(), machineProgress+"=machine", commandOfParent+"="+command, "GOMAXPROCS=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a signal of the terminal reaches the child through us only
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("seed %d: %w", seed, err)
	}
	said := r.listen(i, stderr)
	err = cmd.Wait()
	r.show(i, 1) // whatever became of it, there is no more to come
	result, readErr := results.Read(folder)
	switch {
	case err == nil:
		return result, readErr
	case ctx.Err() != nil:
		return nil, nil //nolint:nilerr // interrupted, as the caller says: a part of a run is no run to compare
	default:
		return nil, fmt.Errorf("seed %d: %w\n%s", seed, err, said)
	}
}

// listen reads a child's standard error: progress lines, and whatever else it has to say, which is kept (the end of it).
func (r *repeats) listen(i int, stderr io.Reader) string {
	var said []string
	lines := bufio.NewScanner(stderr)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if word, value, _ := strings.Cut(lines.Text(), " "); word == "progress" {
			if share, err := strconv.ParseFloat(value, 64); err == nil {
				r.show(i, share)
				continue
			}
		}
		said = append(said, "  "+lines.Text())
		said = said[max(0, len(said)-40):]
	}
	_, _ = io.Copy(io.Discard, stderr) // a line too long to read must not stop the child that writes it
	return strings.Join(said, "\n")
}

// show says how far all runs together are.
func (r *repeats) show(i int, share float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shares[i] = share
	since := time.Since(r.start)
	every := plainEvery
	if r.s.terminal {
		every = 250 * time.Millisecond
	}
	if since < quietFor || time.Since(r.last) < every {
		return
	}
	r.last = time.Now()
	var sum float64
	finished := 0
	for _, s := range r.shares {
		sum += s
		if s >= 1 {
			finished++
		}
	}
	all := sum / float64(len(r.shares))
	text := fmt.Sprintf("%3.0f %%  %d of %d seeds done, about %v to go", 100*all, finished, len(r.shares), remaining(since, all))
	if r.s.terminal {
		fmt.Fprintf(r.s.err, "\r\033[K%s", text)
	} else {
		fmt.Fprintln(r.s.err, text)
	}
}

// inChild does a run as one of repeats: in a process of its own with one core. Of what it writes, in a folder of its own below the
// output folder, only the figures are kept.
func (f runFlags) inChild(ctx context.Context, scenario *scenarios.Scenario) (*results.Result, error) {
	dir, err := os.MkdirTemp(f.out, ".run-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a hidden folder left behind harms nobody
	f.oneSeed = []string{"swarmlab", "run"}
	r, err := newRepeats(streams{out: io.Discard, err: io.Discard}, &f, scenario, dir)
	if err != nil {
		return nil, err
	}
	finished, err := r.all(ctx, 1)
	if len(finished) == 0 {
		return nil, errors.Join(err, context.Cause(ctx))
	}
	return finished[0], err
}
