package tune

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"swarmlab/results"
	"swarmlab/scenarios"
)

// fileOf is a tuning as it is written.
func fileOf(t *testing.T, tuning *results.Tuning) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := results.WriteTuning(dir, tuning); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, results.TuningFile))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func journalOf(t *testing.T, dir string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, JournalFile))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A kill leaves a prefix of the journal, which may end within a line. From every such prefix the same plan comes to the same file, and what
// was in the prefix is not run again.
func TestWhateverAKillLeavesIsGoneOnWith(t *testing.T) {
	p := syntheticPlan(t, []string{"max p2pRatio", "min copiesPerSegment"}, []string{"stallRatio < 0.001", "stallRatio <= 2*defaults"})
	p.Trials = 24
	dir := t.TempDir()
	whole, err := Run(context.Background(), p, Options{Dir: dir, Simulate: landscape{}.simulate, Parallel: 1})
	if err != nil {
		t.Fatal(err)
	}
	if whole.Verdict.Winner == nil || len(whole.Robustness) == 0 {
		t.Fatalf("the test wants a tuning with all its parts: %s", whole.Verdict.Says)
	}
	want, all := fileOf(t, whole), journalOf(t, dir)
	runs := bytes.Count(all, []byte(`"run"`))
	for i := range 12 {
		cut := 1 + (len(all)-2)*i/11
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, JournalFile), all[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		l := landscape{runs: make(chan string, 10_000)}
		again, err := Run(context.Background(), p, Options{Dir: dir, Simulate: l.simulate, Parallel: 1 + i%3})
		if err != nil {
			t.Fatalf("after a cut at byte %d: %v", cut, err)
		}
		if got := fileOf(t, again); !bytes.Equal(got, want) {
			t.Errorf("after a cut at byte %d of %d the answer is another one", cut, len(all))
		}
		kept := bytes.Count(all[:cut][:bytes.LastIndexByte(all[:cut], '\n')+1], []byte(`"run"`))
		if len(l.runs) != runs-kept {
			t.Errorf("after a cut at byte %d, %d simulations were run, want the missing %d", cut, len(l.runs), runs-kept)
		}
	}
}

// An interruption is not a kill: what is known so far is told, and is marked as not finished.
func TestInterruptedTellsWhatItHas(t *testing.T) {
	p := syntheticPlan(t, []string{"max p2pRatio"}, nil)
	want := fileOf(t, tuned(t, p, landscape{}))
	dir := t.TempDir()
	for after := 30; ; after += 40 {
		ctx, cancel := context.WithCancel(context.Background())
		n := 0
		simulate := func(ctx context.Context, tier string, s *scenarios.Scenario) (*results.Result, error) {
			if n++; n == after {
				cancel()
				return nil, ctx.Err()
			}
			return landscape{}.simulate(ctx, tier, s)
		}
		out, err := Run(ctx, p, Options{Dir: dir, Simulate: simulate, Parallel: 1})
		cancel()
		if err == nil {
			if got := fileOf(t, out); !bytes.Equal(got, want) {
				t.Error("interrupted and gone on with, the answer is another one")
			}
			return
		}
		switch {
		case !errors.Is(err, context.Canceled):
			t.Fatal(err)
		case out == nil:
			t.Fatal("nothing is told of what was finished")
		case out.Verdict.Complete || out.Verdict.Winner != nil && len(out.Robustness) > 0:
			t.Errorf("what was interrupted calls itself finished: %+v", out.Verdict)
		}
	}
}

// The budget is wall time, over all commands. Where it ended the search once, it ends it again.
func TestBudgetEndsTheSearchOnce(t *testing.T) {
	p := syntheticPlan(t, []string{"max p2pRatio"}, nil)
	p.Trials, p.Budget = 1000, 4*time.Minute
	dir := t.TempDir()
	slow := func(ctx context.Context, tier string, s *scenarios.Scenario) (*results.Result, error) {
		time.Sleep(time.Second)
		return landscape{}.simulate(ctx, tier, s)
	}
	var first *results.Tuning
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var err error
		if first, err = Run(context.Background(), p, Options{Dir: dir, Simulate: slow, Parallel: 2}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took > p.Budget || took < p.Budget*2/3 {
			t.Errorf("a budget of %v took %v", p.Budget, took)
		}
	})
	if first.Search.Ended != endedByBudget || len(first.Trials) < 40 || len(first.Trials) > 300 {
		t.Errorf("ended by %s after %d trials", first.Search.Ended, len(first.Trials))
	}
	second, err := Run(context.Background(), p, Options{Dir: dir, Parallel: 2, Simulate: func(context.Context, string, *scenarios.Scenario) (*results.Result, error) {
		return nil, errors.New("nothing is left to simulate")
	}})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(fileOf(t, first), fileOf(t, second)) {
		t.Error("the same command again comes to another answer")
	}
}

// More trials go on where fewer ended.
func TestMoreTrialsGoOn(t *testing.T) {
	p := syntheticPlan(t, []string{"max p2pRatio"}, nil)
	p.Confirm = 0
	dir := t.TempDir()
	runs := func(trials int) int {
		p.Trials = trials
		l := landscape{runs: make(chan string, 10_000)}
		if _, err := Run(context.Background(), p, Options{Dir: dir, Simulate: l.simulate, Parallel: 2}); err != nil {
			t.Fatal(err)
		}
		return len(l.runs)
	}
	first, second := runs(24), runs(32)
	if second == 0 || second > first {
		t.Errorf("24 trials took %d runs, and 8 more took %d", first, second)
	}
}

func TestFolderOfAnotherTuning(t *testing.T) {
	p := syntheticPlan(t, []string{"max p2pRatio"}, nil)
	p.Trials, p.Confirm = 1, 0
	dir := t.TempDir()
	run := func(p Plan) error {
		_, err := Run(context.Background(), p, Options{Dir: dir, Simulate: landscape{}.simulate})
		return err
	}
	if err := run(p); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(*Plan)
	}{
		{"another seed", func(p *Plan) { p.Seed = 7 }},
		{"another objective", func(p *Plan) { *p = syntheticPlan(t, []string{"max offload"}, nil) }},
		{"another constraint", func(p *Plan) { *p = syntheticPlan(t, []string{"max p2pRatio"}, []string{"stallRatio < 0.1"}) }},
		{"a smaller space", func(p *Plan) { p.Space.Dimensions = p.Space.Dimensions[:2] }},
	} {
		other := p
		c.change(&other)
		if err := run(other); !errors.Is(err, ErrInput) {
			t.Errorf("%s in the same folder: %v, want ErrInput", c.name, err)
		}
	}
}

// While one tuning is in a folder, no other gets in.
func TestOneTuningAtATime(t *testing.T) {
	p := syntheticPlan(t, []string{"max p2pRatio"}, nil)
	p.Trials, p.Confirm = 1, 0
	dir := t.TempDir()
	second := errors.New("not tried")
	simulate := func(ctx context.Context, tier string, s *scenarios.Scenario) (*results.Result, error) {
		_, second = Run(ctx, p, Options{Dir: dir, Simulate: landscape{}.simulate})
		return landscape{}.simulate(ctx, tier, s)
	}
	if _, err := Run(context.Background(), p, Options{Dir: dir, Simulate: simulate, Parallel: 1}); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(second, ErrInput) {
		t.Errorf("a second tuning in the folder: %v, want ErrInput", second)
	}
}

// FuzzJournal: whatever is in the file, it is read or refused, and what is added to it can be read.
func FuzzJournal(f *testing.F) {
	p := &Plan{Version: "v1"}
	head := `{"schema":"swarmlab/tune-journal/v1","plan":"` + (&Plan{}).ID() + `","version":"v1"}` + "\n"
	f.Add([]byte(""))
	f.Add([]byte(head + `{"started":true}` + "\n" + `{"run":{"tier":"flow","seed":1,"values":{"p2pRatio":0.5},"wallSeconds":1},"spentSeconds":1}` + "\n"))
	f.Add([]byte(head + `{"ended":"budget","afterTrials":8,"budgetSeconds":60}` + "\n" + `{"run":{"tier":"fl`))
	f.Add([]byte(`{"schema":"swarmlab/tune-journal/v9"}` + "\n"))
	f.Add([]byte(`[]` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, JournalFile), text, 0o644); err != nil {
			t.Fatal(err)
		}
		j, err := openJournal(dir, p)
		if err != nil {
			return
		}
		added := outcome{job: job{Tier: flow, Seed: 99}, Values: map[string]float64{"p2pRatio": 0.25}}
		if err := errors.Join(j.add(entry{Run: &added}), j.close()); err != nil {
			t.Fatal(err)
		}
		j, err = openJournal(dir, p)
		if err != nil {
			t.Fatalf("what was added to cannot be read again: %v", err)
		}
		if got := j.runs[added.key()]; got.Values["p2pRatio"] != 0.25 {
			t.Errorf("what was added is not there: %+v", got)
		}
		_ = j.close()
	})
}
