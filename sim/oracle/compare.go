package oracle

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"swarmlab/results"
	"swarmlab/sim"
	"swarmlab/sim/player"
)

// Pair is one case with one seed, run with both kinds of core.
type Pair struct {
	Seed           uint64
	Ours, Released results.Summary
	Lines          int      // of the released core's trace
	Difference     string   // where the traces first differ; "" if they are the same
	Faults         []string // errors that nobody caught in the library

	// OursBreach and ReleasedBreach say which invariants of the run did not hold, if any. The library can break some by itself.
	OursBreach, ReleasedBreach string
}

// Exact reports whether not even the order of things differs.
func (p *Pair) Exact() bool {
	return p.Difference == "" && (p.OursBreach == p.ReleasedBreach || p.sameDamage())
}

// sameDamage reports whether all that sets the two runs' invariants apart is that only our core can tell of its doubts
// (p2pml.Events.OnRequestIDRepeated): a segment that the library's mistake has put together in disorder then counts as an error of the
// viewer's, and with the released core as a broken invariant.
func (p *Pair) sameDamage() bool {
	only := fmt.Sprintf("%v: segmentsIntact: ", sim.ErrInvariant)
	return p.OursBreach == "" && strings.HasPrefix(p.ReleasedBreach, only) && !strings.Contains(p.ReleasedBreach, "\n") &&
		damaged(&p.Ours) == damaged(&p.Released)
}

func damaged(s *results.Summary) int64 { return s.CorruptSegments + s.Errors["disordered-segment"] }

// Breach is what the library itself breaks, when both kinds of core do.
func (p *Pair) Breach() string {
	if p.OursBreach == p.ReleasedBreach || p.sameDamage() {
		return p.ReleasedBreach
	}
	return ""
}

// Run runs a case with a seed, first with our core and then with the released one. node is this room's folder of that name.
func (c *Case) Run(ctx context.Context, node string, seed uint64) (*Pair, error) {
	pair := &Pair{Seed: seed}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ours, breach, err := c.simulate(ctx, seed, Ours, &pair.Ours)
	if err != nil {
		return nil, fmt.Errorf("%s, seed %d, our core: %w", c.Name, seed, err)
	}
	pair.OursBreach = breach
	p, err := Start(ctx, node)
	if err != nil {
		return nil, err
	}
	released, breach, err := c.simulate(ctx, seed, p.NewEngine, &pair.Released)
	if err := errors.Join(ctx.Err(), err, p.Close()); err != nil {
		return nil, fmt.Errorf("%s, seed %d, the released core: %w", c.Name, seed, err)
	}
	pair.ReleasedBreach = breach
	pair.Lines = len(released.Lines)
	pair.Difference = Difference(ours, released)
	pair.Faults = p.Faults()
	return pair, nil
}

func (c *Case) simulate(
	ctx context.Context, seed uint64, make player.NewEngine, into *results.Summary,
) (trace *Trace, breach string, err error) {
	s, err := c.scenario(seed)
	if err != nil {
		return nil, "", err
	}
	trace = &Trace{}
	r, err := sim.Run(ctx, s, sim.Options{Tier: "flow", NewEngine: c.of(trace.Of(make), seed)})
	if err != nil && (r == nil || !errors.Is(err, sim.ErrInvariant)) {
		return nil, "", err
	}
	if err != nil && c.Honest() {
		breach = err.Error()
	}
	*into = r.Summary
	return trace, breach, nil
}
