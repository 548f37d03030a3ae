// Command calibrate answers: do virtual viewers do what real ones do?
//
// For each case, a scenario of a few viewers on one machine, it lets real Chromium pages watch, then as many virtual viewers on
// the real clock, then in virtual time, several times each, and prints the figures side by side with their spread.
//
//	go run ./sim/browser/calibrate --repeats 3 --cases 'vod-.*'
//
// It takes about a minute a case, a repeat and a real clock. The machine should do nothing else meanwhile: real time has no
// mercy. Nothing is fitted to the outcome. Interrupted, it goes on where it was, if it was told to --keep what it has measured:
//
//	go run ./sim/browser/calibrate --keep results/runs/calibrate.jsonl
//
// Pages connect over loopback alone, where the system lets the command have a network of its own: a page looks for candidates in every
// network of its machine, as many as that has. They rehearse before they are measured, and most come a moment after one another: pages that
// come in the same tenth of a second wait for this machine's processors while they connect, and if those are few, the time to a first peer
// becomes the machine's. How long depends on how much of their first moments falls together, so of those cases more runs tell more:
//
//	go run ./sim/browser/calibrate --repeats 9 --cases together
//
// The last line of each table tells how busy the processors were.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"time"
)

func main() { os.Exit(run()) }

func run() int {
	repeats := flag.Int("repeats", 3, "runs of each case, each with another seed")
	which := flag.String("cases", ".", "regular expression of the cases' names")
	by := flag.String("ways", ".", "regular expression of the ways to measure: Chromium, real clock, virtual time")
	keep := flag.String("keep", "", "file of finished runs, a line each: those in it are not run again. Remove it to measure anew")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if code, done := alone(ctx); done {
		return code
	}
	if err := calibrate(ctx, *repeats, *which, *by, *keep); err != nil {
		fmt.Fprintf(os.Stderr, "calibrate: %v\n", err)
		return 1
	}
	return 0
}

func calibrate(ctx context.Context, repeats int, which, by, keep string) error {
	wanted, err := regexp.Compile(which)
	if err != nil {
		return err
	}
	wantedWays, err := regexp.Compile(by)
	if err != nil {
		return err
	}
	runs, err := openRuns(keep)
	if err != nil {
		return err
	}
	var rows []row
	for _, c := range cases {
		if !wanted.MatchString(c.name) {
			continue
		}
		r := row{name: c.name, what: c.what}
		for _, way := range ways {
			if !wantedWays.MatchString(way.name) {
				continue
			}
			for n := range repeats {
				began := time.Now()
				m, err := runs.once(finished{Case: c.name, Way: way.name, N: n}, func() (measures, error) { return way.run(ctx, c, n) })
				if err != nil {
					return fmt.Errorf("%s, %s: %w", c.name, way.name, err)
				}
				r.of(way.name, m)
				fmt.Fprintf(os.Stderr, "%-28s %-14s %d of %d: %v (%v)\n", c.name, way.name, n+1, repeats, m, time.Since(began).Round(time.Second))
			}
		}
		rows = append(rows, r)
	}
	fmt.Printf("Measured on %s, %d processors, %d runs of each case each way, of the same scenarios.\n\n",
		time.Now().Format("2006-01-02"), runtime.NumCPU(), repeats)
	fmt.Printf("Every page had watched another stream for %v before, %d times. Networks: %s.\n\n", rehearsal, rehearsals, networks())
	return table(os.Stdout, rows)
}
