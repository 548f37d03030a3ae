package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"swarmlab/scenarios"
	"swarmlab/sim"
	"swarmlab/sim/browser/page"
	"swarmlab/sim/serve"
)

type serveFlags struct {
	listen, tls string
	public      bool
	set         []string
	assets      string
	stay        time.Duration
	json        bool
	trackerOnly bool
	untilEOF    bool
}

func newServe(s streams) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve SCENARIO | serve --tracker-only [SCENARIO]",
		Short: "Serve a scenario's stream, tracker and a viewing page on real ports",
		Long: `Serve a scenario's stream and the embedded tracker on real ports, with a page that plays the stream in a browser
by hls.js and P2P Media Loader and shows peers, P2P ratio and buffer live. Open it several times, and let virtual
viewers join: swarmlab join.

Of a scenario its stream, origin (responseDelay, errorRate), tracker, player and P2P Media Loader's options are used;
nothing is shaped, and nobody of its audience comes. A live stream's clock starts now.

With --tracker-only it serves the tracker and nothing else, at any path, for any player.

It runs until Ctrl-C or --for, and having been asked to end, it ends well: exit code 0.`,
		Example: `  swarmlab serve live --set p2pml.core.highDemandTimeWindow=8
  swarmlab serve match.yaml --listen 127.0.0.1:9000 --tls 127.0.0.1:9443 --for 10m`,
		Args: func(cmd *cobra.Command, args []string) error {
			if f.trackerOnly && len(args) == 0 {
				return nil
			}
			return oneArg("a scenario: a preset's name or a YAML file")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.trackerOnly {
				return f.serveTracker(cmd.Context(), s, args)
			}
			return f.run(cmd.Context(), s, args[0])
		},
	}
	fl := cmd.Flags()
	fl.BoolVar(&f.trackerOnly, "tracker-only", false, "serve the tracker and nothing else; no scenario needed")
	fl.BoolVar(&f.untilEOF, "until-eof", false, "with --tracker-only: end when standard input ends")
	_ = fl.MarkHidden("until-eof") // for a parent process, which may die without a word
	fl.StringVar(&f.listen, "listen", "127.0.0.1:8080", "address for plain HTTP, port 0 for any; empty for none")
	fl.StringVar(&f.tls, "tls", "", "address for TLS as well, with a certificate made on the spot (default none)")
	fl.BoolVar(&f.public, "public", false, "allow addresses that others can reach: whoever does is served")
	fl.StringArrayVar(&f.set, "set", nil, "set any field of the scenario: path=value; may be repeated")
	fl.StringVar(&f.assets, "assets", page.DefaultAssets, "node_modules folder with the page's libraries (make assets)")
	fl.DurationVar(&f.stay, "for", 0, "end after this long (default: at Ctrl-C)")
	fl.BoolVar(&f.json, "json", false, "print the URLs as JSON on standard output when all is up, and nothing else there")
	return cmd
}

func (f *serveFlags) run(ctx context.Context, s streams, name string) error {
	scenario, err := f.scenario(name)
	if err != nil {
		return err
	}
	stream, err := sim.OpenStream(scenario)
	if err != nil {
		return err
	}
	defer stream.Close()
	server, err := serve.Start(scenario, stream, serve.Options{
		Listen: f.listen, ListenTLS: f.tls, Public: f.public, Assets: f.assets,
	})
	if err != nil {
		return err
	}
	if err := f.announce(s, scenario, server); err != nil {
		return errors.Join(err, server.Close())
	}
	f.wait(ctx)
	stats := server.Stats()
	err = server.Close()
	fmt.Fprintf(s.err, "Served %d segments (%.1f copies of each) and %.1f MB; the tracker took %d announces and passed on %d offers and %d answers.\n",
		stats.Origin.DistinctSegments, stats.Origin.CopiesPerSegment, float64(stats.Origin.SegmentBytes)/1e6,
		stats.Tracker.Announces, stats.Tracker.OffersRelayed, stats.Tracker.AnswersRelayed)
	return err
}

// scenario is what to serve. Nothing is opened before all of it is known to be good.
func (f *serveFlags) scenario(name string) (*scenarios.Scenario, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	scenario, err := scenarios.Load(name)
	if err != nil {
		return nil, err
	}
	return scenario, scenario.SetAll(f.set)
}

func (f *serveFlags) check() error {
	switch {
	case f.listen == "" && f.tls == "":
		return usagef("nothing to listen on: give --listen or --tls an address")
	case f.stay < 0:
		return usagef("--for %v: must not be negative", f.stay)
	}
	for _, flag := range []struct{ name, address string }{{"--listen", f.listen}, {"--tls", f.tls}} {
		if err := serve.CheckAddress(flag.address, f.public); err != nil {
			return usagef("%s: %w; --public allows others", flag.name, err)
		}
	}
	return nil
}

// announce says where everything is.
func (f *serveFlags) announce(s streams, scenario *scenarios.Scenario, server *serve.Server) error {
	fmt.Fprintf(s.err, "Serving %s.\n", scenario.Name)
	plain, isPlain := server.URLs()
	secure, isSecure := server.SecureURLs()
	for _, u := range []serve.URLs{plain, secure} {
		if u != (serve.URLs{}) {
			fmt.Fprintf(s.err, "  page      %s\n  manifest  %s\n  tracker   %s\n  stats     %s\n", u.Page, u.Manifest, u.Tracker, u.Stats)
		}
	}
	if isPlain && isSecure && scenario.P2PML.Core.SwarmID == nil {
		fmt.Fprintln(s.err, "The manifest's URL names the swarm: viewers of http and of https share nothing, unless p2pml.core.swarmId is set.")
	}
	if isSecure {
		fmt.Fprintln(s.err, "Browsers do not trust the certificate until you tell them to; virtual viewers take it with join --insecure.")
	}
	if err := page.Missing(f.assets); err != nil {
		fmt.Fprintf(s.err, "The page cannot play yet: %v.\n", err)
	}
	if f.stay == 0 {
		fmt.Fprintln(s.err, "Ctrl-C ends it.")
	}
	if !f.json {
		return nil
	}
	urls := make(map[string]serve.URLs)
	if isPlain {
		urls["http"] = plain
	}
	if isSecure {
		urls["https"] = secure
	}
	enc := json.NewEncoder(s.out)
	enc.SetIndent("", "  ")
	return enc.Encode(urls)
}

// wait is over when the time is, or the user wants it to be: both are what was asked for.
func (f *serveFlags) wait(ctx context.Context) {
	if f.stay == 0 {
		<-ctx.Done()
		return
	}
	timer := time.NewTimer(f.stay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
