package main

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"swarmlab/sim/trackerbench/load"
	"swarmlab/sim/trackerbench/suite"
)

// parsed is the flags as the command line would have them.
func parsed(t *testing.T, args ...string) *trackerFlags {
	t.Helper()
	f := &trackerFlags{}
	cmd := &cobra.Command{Use: "tracker"}
	f.addFlags(cmd)
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTrackerOptions(t *testing.T) {
	o, err := parsed(t).options()
	if err != nil {
		t.Fatal(err)
	}
	l := o.Measure.Load
	if o.Repeat != 1 || o.Search != nil || o.Faults != nil || l.Peers != 1000 || l.Rate != 1000 || l.Offers != 5 || l.Answer != 1 || l.Window != 10*time.Second {
		t.Errorf("defaults: %+v", o)
	}
	o, err = parsed(t, "--peers", "50", "--rate", "25", "--swarms", "zipf:7:1.5", "--offers", "0", "--arrival", "flash", "--think", "20ms", "--repeat", "3",
		"--find-max", "--limit-p99", "50ms", "--faults", "--seed", "9", "--drain", "2s", "--timers", "poisson", "--leaves", "2").options()
	if err != nil {
		t.Fatal(err)
	}
	l = o.Measure.Load
	want := load.Swarms{Count: 7, Exponent: 1.5}
	if l.Peers != 50 || l.Interval != 2*time.Second || l.Swarms != want || l.Offers != load.NoOffers || l.Arrival != load.ArriveFlash ||
		l.Timers != load.TimersPoisson || l.Think != 20*time.Millisecond || l.LeaveRate != 2 || l.Seed != 9 || o.Measure.Drain != 2*time.Second {
		t.Errorf("%+v", l)
	}
	if o.Repeat != 3 || o.Search == nil || o.Search.P99 != 50*time.Millisecond || o.Faults == nil || o.Faults.Seed != 9 {
		t.Errorf("%+v", o)
	}
}

func TestTrackerPlaces(t *testing.T) {
	list, err := parsed(t, "--pid", "5,0", "--profile", "aquatic_ws").places([]string{"ws://127.0.0.1:81/x", embedded, "wss://[::1]"})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 3 || list[0].port != 81 || list[0].pid != 5 || list[0].profile != "aquatic_ws" || !list[1].isOurs || list[1].pid != 0 ||
		list[2].port != 443 || list[2].address.String() != "::1" {
		t.Errorf("%+v", list)
	}
}

// Two trackers of one kind have names that tell them apart.
func TestTellApart(t *testing.T) {
	list := []suite.Target{{Name: "wt-tracker"}, {Name: "embedded"}, {Name: "wt-tracker"}}
	tellApart(list)
	var names []string
	for _, target := range list {
		names = append(names, target.Name)
	}
	if diff := cmp.Diff([]string{"wt-tracker #1", "embedded", "wt-tracker #2"}, names); diff != "" {
		t.Error(diff)
	}
}

// A name that led to loopback when it was checked may lead to a public host when it is dialled.
func TestTrackerAllowsNoPublicAddress(t *testing.T) {
	private, public := netip.MustParseAddr("192.168.1.2"), netip.MustParseAddr("8.8.8.8")
	f := parsed(t)
	if err := f.allow(private); err != nil {
		t.Error(err)
	}
	if f.allow(public) == nil {
		t.Error("a public address is allowed")
	}
	if err := parsed(t, "--i-own-this-tracker").allow(public); err != nil {
		t.Error(err)
	}
}
