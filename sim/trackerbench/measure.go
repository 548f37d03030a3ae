package trackerbench

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"swarmlab/sim/trackerbench/load"
	"swarmlab/sim/trackerbench/socket"
)

// Measure puts the load on a tracker once, and reports what became of it. It blocks until the round is over or ctx is done; then
// the error is ctx's and there is no measurement. A tracker that performs badly, or dies, is a measurement and no error; an
// error is a load that cannot be made: bad options, or a tracker that never let anybody in.
//
// A measurement whose Generator is not Valid says more about this machine than about the tracker.
func Measure(ctx context.Context, target Target, options Options, progress func(Progress)) (*Measurement, error) {
	return measure(ctx, target, options, progress, socket.New)
}

// opener makes the network of a round. Tests have one with a clock of its own.
type opener func(socket.Config, socket.Events) (socket.Network, error)

func measure(ctx context.Context, target Target, options Options, progress func(Progress), open opener) (*Measurement, error) {
	options, err := options.withDefaults(target.Profile)
	if err != nil {
		return nil, fmt.Errorf("the load: %w", err)
	}
	if err := fits(target, options); err != nil {
		return nil, err
	}
	r := newRound(target, options)
	r.progress = progress
	started := time.Now()
	r.net, err = open(socket.Config{URL: target.URL, TLS: target.TLS, Allow: target.Allow, MaxFrame: int(target.Profile.MaxFrame)}, r)
	if err != nil {
		return nil, err
	}
	defer r.net.Shutdown()
	if err := r.run(ctx); err != nil {
		return nil, fmt.Errorf("measure %s: %w", target.URL, err)
	}
	if r.sockets.Opened == 0 {
		return nil, fmt.Errorf("measure %s: the tracker let nobody in: %s", target.URL, reasons(r.sockets.FailedReasons))
	}
	return r.outcome(started), nil
}

// fits refuses what the tracker is known to refuse: an announce longer than its messages may be.
func fits(target Target, options Options) error {
	most := target.Profile.MaxMessage
	if most == 0 {
		return nil
	}
	offer, _ := load.NewDescriptions(options.Load.Seed).MeanBytes()
	const perOffer, fixed, headroom = 80, 256, 1.3 // descriptions differ in size
	if size := headroom * (fixed + float64(max(0, options.Load.Offers))*(offer+perOffer)); size > float64(most) {
		return fmt.Errorf("an announce of %d offers may have %.0f bytes; %s takes messages up to %d: fewer offers",
			options.Load.Offers, size, target.Profile.Name, most)
	}
	return nil
}

func reasons(counts map[string]int64) string {
	if len(counts) == 0 {
		return "no connection came about"
	}
	var parts []string
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s (%d times)", reason, counts[reason]))
	}
	return strings.Join(parts, ", ")
}
