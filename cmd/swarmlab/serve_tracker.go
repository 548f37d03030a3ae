package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"swarmlab/scenarios"
	"swarmlab/sim/serve"
)

// defaultTracker is which tracker is served if no scenario says so.
const defaultTracker = "name: tracker\n"

// trackerURLs is what serve --tracker-only prints with --json.
type trackerURLs struct {
	Tracker       string `json:"tracker,omitempty"`
	SecureTracker string `json:"secureTracker,omitempty"`
}

// serveTracker serves a tracker, and nothing else.
func (f *serveFlags) serveTracker(ctx context.Context, s streams, args []string) error {
	scenario, err := scenarios.Parse("tracker", []byte(defaultTracker))
	if len(args) > 0 {
		scenario, err = f.scenario(args[0])
	} else if err == nil {
		if err = f.check(); err == nil {
			err = scenario.SetAll(f.set)
		}
	}
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(25) // handshakes leave garbage many times what a connection keeps; collecting it costs next to nothing
	}
	server, err := serve.StartTracker(scenario, serve.Options{Listen: f.listen, ListenTLS: f.tls, Public: f.public})
	if err != nil {
		return err
	}
	var urls trackerURLs
	urls.Tracker, urls.SecureTracker = server.URLs()
	for _, u := range []string{urls.Tracker, urls.SecureTracker} {
		if u != "" {
			fmt.Fprintf(s.err, "Serving a tracker at %s.\n", u)
		}
	}
	if f.json {
		if err := json.NewEncoder(s.out).Encode(urls); err != nil {
			return errors.Join(err, server.Close())
		}
	}
	if f.untilEOF {
		var ended context.CancelFunc
		ctx, ended = context.WithCancel(ctx)
		// It ends with standard input, which is the process's own end if nothing else is.
		go func() { _, _ = io.Copy(io.Discard, os.Stdin); ended() }()
	}
	f.wait(ctx)
	c := server.Counters()
	err = server.Close()
	fmt.Fprintf(s.err, "The tracker took %d announces and passed on %d offers and %d answers.\n", c.Announces, c.OffersRelayed, c.AnswersRelayed)
	return err
}
