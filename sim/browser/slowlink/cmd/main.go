// Command cmd measures a slow link, or draws what was measured. It is make slowlink.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
	"golang.org/x/sync/errgroup"

	"swarmlab/sim/browser/slowlink"
)

type options struct {
	losses  []float64
	repeats int
	window  time.Duration
	only    string
	atOnce  int
	out     string
	verify  bool
	rtoMax  time.Duration
}

func main() {
	var o options
	losses := flag.String("losses", "0,0.5,2", "losses to measure with, in percent")
	flag.IntVar(&o.repeats, "repeats", 5, "how often, each with a seed of its own")
	flag.DurationVar(&o.window, "window", 30*time.Second, "how long each run measures")
	flag.StringVar(&o.only, "only", "", "measure the rows whose name holds this")
	flag.IntVar(&o.atOnce, "at-once", 6, "real-time runs at the same time, each with a relay of its own")
	flag.StringVar(&o.out, "out", "", "append the runs to this file")
	flag.BoolVar(&o.verify, "verify", true, "verify the relay with plain datagrams first")
	flag.DurationVar(&o.rtoMax, "rto-max", 0, "for Pion's ends, an upper limit of SCTP's retransmission timeout; 0 is Pion's, a minute")
	tables := flag.String("tables", "", "measure nothing; draw the runs of this file")
	flag.Parse()

	if err := o.parse(*losses); err != nil {
		fmt.Fprintln(os.Stderr, "slowlink:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	var err error
	if *tables != "" {
		err = draw(*tables)
	} else {
		err = o.measure(ctx)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "slowlink:", err)
		os.Exit(1)
	}
}

func (o *options) parse(losses string) error {
	for s := range strings.SplitSeq(losses, ",") {
		percent, err := strconv.ParseFloat(s, 64)
		if err != nil || !(percent >= 0 && percent < 100) {
			return fmt.Errorf("-losses: %q is no percentage", s)
		}
		o.losses = append(o.losses, percent/100)
	}
	if o.repeats < 1 || o.atOnce < 1 || o.window < 10*time.Second {
		return errors.New("-repeats and -at-once must be at least 1, -window at least 10s, of which the first 5 are the start")
	}
	return nil
}

func draw(path string) error {
	stored, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	runs, err := slowlink.ReadRuns(bytes.NewReader(stored))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	fmt.Print(slowlink.Tables(runs))
	return nil
}

func (o *options) measure(ctx context.Context) (err error) {
	var jobs []job
	relayNeeded, browserNeeded := false, false
	for _, row := range slowlink.Rows(nil) {
		if strings.Contains(row.Name, o.only) {
			relayNeeded, browserNeeded = relayNeeded || row.RealTime, browserNeeded || row.Browser
		}
	}
	if o.verify && relayNeeded {
		if err := verify(ctx); err != nil {
			return err
		}
	}
	var browser *slowlink.Chromium
	if browserNeeded {
		if browser, err = slowlink.Launch(ctx); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, browser.Close()) }()
		fmt.Fprintln(os.Stderr, browser.Version)
	}
	for _, loss := range o.losses {
		for seed := 1; seed <= o.repeats; seed++ {
			for _, row := range slowlink.Rows(browser) {
				if strings.Contains(row.Name, o.only) {
					jobs = append(jobs, job{row, slowlink.Trial{
						Link: slowlink.SlowLink.WithLoss(loss), Seed: uint64(seed), Window: o.window, Tune: o.tune(),
					}})
				}
			}
		}
	}
	runs, err := o.all(ctx, jobs)
	if err := errors.Join(err, o.keep(runs)); err != nil { // what was measured before a failure is kept
		return err
	}
	fmt.Print(slowlink.Tables(runs))
	return nil
}

// tune is what viewers do not ask of Pion, to see what it would change.
func (o *options) tune() slowlink.Tuning {
	if o.rtoMax == 0 {
		return nil
	}
	return func(s *webrtc.SettingEngine) { s.SetSCTPRTOMax(o.rtoMax) }
}

func verify(ctx context.Context) error {
	checks, err := slowlink.Verify(ctx, slowlink.SlowLink)
	for _, c := range checks {
		fmt.Fprintf(os.Stderr, "relay: %-20s %8.3f %-6s (%+.1f %% of %.3f wanted)\n", c.Name, c.Got, c.Unit, 100*c.Off(), c.Want)
	}
	return err
}

type job struct {
	row   slowlink.Row
	trial slowlink.Trial
}

// all runs the jobs: those in real time some at once, for they mostly wait; then the others one by one, which take what they
// can get.
func (o *options) all(ctx context.Context, jobs []job) (runs []slowlink.Run, err error) {
	slices.SortStableFunc(jobs, func(a, b job) int {
		if a.row.RealTime == b.row.RealTime {
			return 0
		}
		if a.row.RealTime {
			return -1
		}
		return 1
	})
	for len(jobs) > 0 {
		n := 1
		for n < min(o.atOnce, len(jobs)) && jobs[n].row.RealTime {
			n++
		}
		some, err := together(ctx, jobs[:n])
		if err != nil {
			return runs, err
		}
		for _, r := range some {
			report(r)
		}
		runs = append(runs, some...)
		jobs = jobs[n:]
	}
	return runs, nil
}

// together runs jobs at the same time. They begin to send when all are ready, or have failed to be.
func together(ctx context.Context, jobs []job) ([]slowlink.Run, error) {
	runs := make([]slowlink.Run, len(jobs))
	var unready sync.WaitGroup
	unready.Add(len(jobs))
	group, ctx := errgroup.WithContext(ctx)
	for i, j := range jobs {
		ready := sync.OnceFunc(unready.Done)
		if len(jobs) > 1 { // one alone may be in a bubble of virtual time, which must not wait for what is outside
			j.trial.Ready = func() { ready(); unready.Wait() }
		}
		group.Go(func() (err error) {
			defer ready()
			runs[i], err = j.row.One(ctx, j.trial)
			return err
		})
	}
	return runs, group.Wait()
}

// report tells who waits how it goes.
func report(r slowlink.Run) {
	fmt.Fprintf(os.Stderr, "%-45s loss %.3g %%, seed %d:", r.Row, r.Loss*100, r.Seed)
	for _, f := range r.Flows {
		fmt.Fprintf(os.Stderr, " %.3f Mbit/s (silence %.0f ms)", f.Goodput, f.SilenceMs)
	}
	fmt.Fprintf(os.Stderr, "; %d packets, %d lost, %d dropped", r.Packets, r.LossDrops, r.QueueDrops)
	if r.Load > 0 {
		fmt.Fprintf(os.Stderr, "; load %.1f, late %.1f ms", r.Load, r.LateMs)
	}
	fmt.Fprintln(os.Stderr)
}

func (o *options) keep(runs []slowlink.Run) (err error) {
	if o.out == "" {
		return nil
	}
	f, err := os.OpenFile(o.out, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for _, r := range runs {
		if err := slowlink.WriteRun(f, r); err != nil {
			return err
		}
	}
	return nil
}
