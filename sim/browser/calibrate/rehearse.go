package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"swarmlab/scenarios"
	"swarmlab/sim"
	"swarmlab/sim/browser"
	"swarmlab/sim/serve"
)

// Pages watch something else before they are measured, as long as it takes to fetch, decode, connect and exchange segments, and so often that
// what happens once a visit has been compiled. Pages that came after three rehearsals of 4 s took a sixth less of a processor than after one of
// 8 s; after ten they took more again, for the garbage. Three and five could not be told apart.
const (
	rehearsals = 5
	rehearsal  = 3 * time.Second
)

// rehearse lets all pages watch the same kind of stream, from a server that nobody measures and that is gone afterwards. Pages that
// were opened a moment ago compile the libraries and start the browser's services all at the same time when they start together, and
// two processors take as long for that as connecting takes. It is no part of a viewer who has had the browser open.
func rehearse(ctx context.Context, s *scenarios.Scenario, pages []*browser.Page) (err error) {
	stream, err := sim.OpenStream(s)
	if err != nil {
		return err
	}
	defer stream.Close()
	server, err := serve.Start(s, stream, serve.Options{Listen: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	urls, _ := server.URLs()
	what := browser.Rehearsal{Manifest: urls.Manifest, Tracker: urls.Tracker, Seconds: rehearsal.Seconds()}
	var all sync.WaitGroup
	outcomes := make([]error, len(pages))
	for i, p := range pages {
		all.Go(func() {
			for n := range rehearsals {
				seen, err := p.Rehearse(ctx, what)
				if err == nil && !(seen.Picture && seen.PeersSeen > 0) {
					err = fmt.Errorf("saw no picture or met nobody: %+v", seen)
				}
				if err != nil {
					outcomes[i] = fmt.Errorf("page %d's rehearsal %d: %w", i, n+1, err)
					return
				}
			}
		})
	}
	all.Wait()
	// What the rehearsal left is closed and collected now, not in the middle of the run.
	return errors.Join(append(outcomes, until(ctx, time.Now().Add(time.Second)))...)
}
