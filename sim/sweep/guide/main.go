// Command guide answers: which settings suit live and video on demand, for small and for large audiences, and by how much? It writes
// results/docs/settings-guide.md with its pictures, and settings-guide.json with the figures behind it.
//
// Each case (a stream and an audience) is a grid of a modest space in the flow tier, every combination with the same seeds. The best
// combination that hurts nobody is then judged against the library's defaults with seeds that the grid never used: in the packet tier
// where that is affordable or where stalls decide, else in the flow tier. Only one combination is judged, so its interval needs no
// correction for the many that were looked at.
//
// Two kinds of case have a step between. 1,000 viewers and more are too many for a grid: the best few of the grid with 100 are tried. And on
// lines that stumble the flow tier shares too much to be trusted with the choice: the best few of its grid are tried in the packet tier.
//
// The origin is no bottleneck in any case, as a CDN is none. Runs are kept in results/runs/guide; what is there is not run again, and
// cases that were not asked for keep the figures that settings-guide.json has of them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"swarmlab/sim"
)

func main() {
	sim.TuneMemory()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "guide:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	audiences := flag.String("audiences", "10,100,1000,10000", "sizes of the audiences to run; the guide keeps what it knows of the others")
	only := flag.String("only", "", "run only the streams whose name contains this")
	workers := flag.Int("workers", runtime.NumCPU(), "runs at a time")
	runs := flag.String("runs", filepath.Join("results", "runs", "guide"), "folder of the runs")
	docs := flag.String("docs", filepath.Join("results", "docs"), "folder of the guide")
	judge := flag.String("judge", auto, "tier in which the best combination is judged: auto (packet up to 30 viewers, and on lines that stumble), packet or flow")
	redraw := flag.Bool("redraw", false, "run nothing: write the guide again from its figures")
	flag.Parse()
	if *judge != auto && !sim.HasTier(*judge) {
		return fmt.Errorf("-judge: there is no tier %q; it can be auto, %s", *judge, strings.Join(sim.Tiers(), ", "))
	}
	cases, err := chosen(*audiences, *only)
	if err != nil {
		return err
	}
	book, err := readBook(*docs)
	if err != nil {
		return err
	}
	if *redraw {
		cases = nil
	}
	var failures []error
	for i, c := range cases {
		begun := time.Now()
		outcome, err := c.find(ctx, bench{*runs, *workers, *judge, book.Outcomes})
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", c.id(), err))
			if ctx.Err() != nil {
				break
			}
			fmt.Fprintf(os.Stderr, "%d of %d: %v\n", i+1, len(cases), failures[len(failures)-1])
			continue // the others do not need it
		}
		book.put(outcome)
		if err := book.write(*docs); err != nil { // after each case: whoever stops has a guide of what there is
			return err
		}
		fmt.Fprintf(os.Stderr, "%d of %d: %s in %v: %s\n", i+1, len(cases), c.id(), time.Since(begun).Round(time.Second), outcome.verdictText())
	}
	return errors.Join(append(failures, book.write(*docs))...)
}

// chosen are the cases that the command line names, the small audiences first: they are cheap, and the largest rest on them.
func chosen(audiences, only string) (out []guideCase, err error) {
	for text := range strings.SplitSeq(audiences, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 2 || n > 100_000 {
			return nil, fmt.Errorf("-audiences: %q is no audience; write whole numbers from 2 to 100000 with commas between", text)
		}
		for _, s := range streams {
			if strings.Contains(s.name, only) && (s.audiences == nil || slices.Contains(s.audiences, n)) {
				out = append(out, guideCase{s, n})
			}
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("-only: no stream that is run with such an audience has %q in its name", only)
	}
	slices.SortStableFunc(out, func(a, b guideCase) int { return a.viewers - b.viewers })
	return out, nil
}
