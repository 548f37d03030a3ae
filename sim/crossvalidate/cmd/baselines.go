package main

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"regexp"

	"swarmlab/results"
	"swarmlab/sim/crossvalidate"
)

// against is a case whose packet tier is a baseline.
type against struct {
	name   string
	packet *results.Evidence
}

// runAgainst runs the presets that have a baseline in the flow tier, with the baseline's seeds.
func runAgainst(ctx context.Context, o options, wanted *regexp.Regexp) ([]*crossvalidate.Agreement, error) {
	var todo []string
	var known []against
	for _, c := range cases {
		if !wanted.MatchString(c.name) || len(c.sets) > 0 { // baselines are of presets as they are
			continue
		}
		packet, err := results.ReadBaseline(filepath.Join(o.baselines, c.preset+".json"))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, err
		}
		known = append(known, against{c.name, packet})
		for _, seed := range packet.Seeds {
			todo = append(todo, runOf(c.name, "flow", int(seed)))
		}
	}
	if err := doAll(ctx, o.keep, todo); err != nil {
		return nil, err
	}
	var out []*crossvalidate.Agreement
	for _, k := range known {
		var flow []*results.Result
		for _, seed := range k.packet.Seeds {
			r, err := results.Read(filepath.Join(o.keep, runOf(k.name, "flow", int(seed))))
			if err != nil {
				return nil, err
			}
			flow = append(flow, r)
		}
		a, err := crossvalidate.AgreeWith(k.name, k.packet, flow)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}
