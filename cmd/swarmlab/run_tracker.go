package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"swarmlab/scenarios"
	"swarmlab/sim"
)

// addTrackerFlags are for commands that can put real trackers behind a swarm.
func (f *runFlags) addTrackerFlags(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringArrayVar(&f.urls, "tracker", nil, "ws:// or wss:// URL of a real tracker, instead of the embedded one; implies --clock real; "+
		"may be repeated (short for --set tracker.urls)")
	fl.BoolVar(&f.owned, "i-own-this-tracker", false, "allow trackers on public hosts: you run them, or may load them")
}

// realTrackers applies --tracker, and checks what a real tracker needs: the real clock, and hosts that may be loaded.
func (f *runFlags) realTrackers(cmd *cobra.Command, scenario *scenarios.Scenario) error {
	if len(f.urls) > 0 {
		list, err := json.Marshal(f.urls)
		if err != nil {
			return err
		}
		if err := scenario.SetAll([]string{"tracker.urls=" + string(list)}); err != nil {
			return err
		}
	}
	if len(scenario.Tracker.URLs) == 0 {
		return nil
	}
	switch {
	case !cmd.Flags().Changed("clock"):
		f.clock = "real"
	case f.clock != "real":
		return usagef("--clock %s: a real tracker lives in real time; leave --clock out, or leave out the tracker to use the embedded one", f.clock)
	}
	if err := sim.CheckOptions(sim.Options{Tier: f.tier, Clock: f.clock}); err != nil {
		return err
	}
	if f.repeat > 1 {
		return usagef("--repeat behind a real tracker: repeats run side by side, and would slow each other down; run one after the other")
	}
	hosts, err := hostsOfTrackers(scenario.Tracker.URLs)
	if err != nil {
		return err
	}
	everywhere, err := places(hosts)
	if err != nil {
		return usagef("tracker.urls: %w", err)
	}
	for _, host := range everywhere {
		if host.public && !f.owned {
			return usagef("%s is a public host (%s): a run puts load on its tracker; if it is yours, say so with --i-own-this-tracker",
				host.name, host.address)
		}
	}
	return nil
}
