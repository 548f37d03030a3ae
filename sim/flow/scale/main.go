// Command scale answers: how do a swarm's figures change with the size of its audience?
//
//	go run ./sim/flow/scale -largest 10000 -docs sim/flow/docs
//
// It runs a live stream and a video in the flow tier at audiences from 10 to 100,000 viewers, keeps what each run found, and draws it
// against the size. A size that is kept is not run again until -again asks for it, so that a series can be interrupted, and the large
// sizes be left for a night.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() { os.Exit(run()) }

type options struct {
	largest int
	keep    string
	again   bool
	docs    string
	one     string // in a child process: the run to do
}

func run() int {
	var o options
	flag.IntVar(&o.largest, "largest", 10_000, "largest audience, in viewers")
	flag.StringVar(&o.keep, "keep", "results/runs/scale", "folder of what the runs found")
	flag.BoolVar(&o.again, "again", false, "run all sizes again, whatever is kept")
	flag.StringVar(&o.docs, "docs", "", "folder for the pictures and the table (scale-*.svg, scale-table.md); none: print the table only")
	flag.StringVar(&o.one, "one", "", "do one run, as KIND-VIEWERS; for the command's own use")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if flag.NArg() > 0 || o.largest < sizes[0] {
		fmt.Fprintf(os.Stderr, "scale: want flags only, and -largest of at least %d viewers\n", sizes[0])
		return 2
	}
	if err := work(ctx, o); err != nil {
		fmt.Fprintf(os.Stderr, "scale: %v\n", err)
		return 1
	}
	return 0
}

func work(ctx context.Context, o options) error {
	if o.one != "" {
		return single(ctx, o)
	}
	if err := doAll(ctx, o); err != nil {
		return err
	}
	points, err := read(o.keep)
	if err != nil {
		return err
	}
	if err := table(os.Stdout, points); err != nil || o.docs == "" {
		return err
	}
	return document(o.docs, points)
}
