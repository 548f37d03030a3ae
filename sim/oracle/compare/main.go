// Command compare runs small scenarios with this project's core and with the released one, and says where they differ.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"swarmlab/sim/oracle"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	node := flag.String("node", "sim/oracle/node", "folder of the Node side, with its packages installed")
	seeds := flag.Int("seeds", 10, "runs of each case")
	only := flag.String("cases", "", "only the cases whose names match this expression")
	out := flag.String("out", "", "write the report as JSON to this file")
	jobs := flag.Int("jobs", 2, "runs at a time")
	flag.Parse()
	match, err := regexp.Compile("^(?:" + *only + ")$")
	if err != nil {
		return fmt.Errorf("-cases: %w", err)
	}
	var cases []oracle.Case
	for _, c := range oracle.Cases() {
		if *only == "" || match.MatchString(c.Name) {
			cases = append(cases, c)
		}
	}
	report, err := compare(ctx, cases, *node, *seeds, *jobs)
	if err != nil {
		return err
	}
	if *out != "" {
		if err := save(report, *out); err != nil {
			return err
		}
	}
	if err := report.WriteTable(os.Stdout); err != nil {
		return err
	}
	problems := report.Problems()
	for _, p := range problems {
		fmt.Fprintln(os.Stderr, p)
	}
	if len(problems) > 0 {
		return fmt.Errorf("%d problems", len(problems))
	}
	return nil
}

// compare runs everything, a few runs at a time: each has a process of its own. Interrupted, it reports what there is.
func compare(ctx context.Context, cases []oracle.Case, node string, seeds, jobs int) (*oracle.Report, error) {
	pairs := make([][]*oracle.Pair, len(cases))
	for i := range pairs {
		pairs[i] = make([]*oracle.Pair, seeds)
	}
	g, running := errgroup.WithContext(ctx)
	g.SetLimit(max(1, jobs))
	var done progress
	for s := range seeds {
		for i := range cases {
			g.Go(func() (err error) {
				pairs[i][s], err = cases[i].Run(running, node, uint64(s+1))
				done.tell(len(cases)*seeds, cases[i].Name)
				return err
			})
		}
	}
	if err := g.Wait(); err != nil && ctx.Err() == nil {
		return nil, err
	}
	report := &oracle.Report{Seeds: seeds}
	for i := range cases {
		finished := slices.DeleteFunc(pairs[i], func(p *oracle.Pair) bool { return p == nil })
		if len(finished) > 0 {
			report.Cases = append(report.Cases, oracle.NewCaseReport(cases[i].Name, finished))
		}
	}
	return report, nil
}

// progress counts runs on standard error.
type progress struct {
	mu   sync.Mutex
	runs int
}

func (p *progress) tell(of int, name string) {
	p.mu.Lock()
	p.runs++
	n := p.runs
	p.mu.Unlock()
	if n%10 == 0 || n == of {
		fmt.Fprintf(os.Stderr, "%d of %d runs (%s)\n", n, of, name)
	}
}

func save(r *oracle.Report, name string) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	return r.WriteJSON(f)
}
