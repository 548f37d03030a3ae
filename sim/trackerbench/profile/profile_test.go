package profile_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"swarmlab/sim/trackerbench/profile"
	"swarmlab/sim/webtorrent"
)

// Every row of the table can be used: it has a name of its own, says what it is of, and contradicts itself nowhere.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range profile.All() {
		t.Run(p.Name, func(t *testing.T) {
			if seen[p.Name] || p.Name == "" || p.Doc == "" {
				t.Errorf("a name twice, or none, or no doc: %+v", p)
			}
			seen[p.Name] = true
			for _, event := range []string{"", "started", "stopped"} { // the only ones that P2P Media Loader's clients and ours need
				if !p.TakesEvent(event) {
					t.Errorf("refuses event %q", event)
				}
			}
			for _, r := range []profile.Reaction{p.OnError, p.OnGoneTarget} {
				if !slices.Contains([]profile.Reaction{profile.Reply, profile.Close, profile.Silence}, r) {
					t.Errorf("no reaction: %q", r)
				}
			}
			if p.MaxFrame > p.MaxMessage || p.MaxOffers <= 0 || p.PeerTimeout <= p.DefaultInterval && p.Name != profile.Generic {
				t.Errorf("limits: %+v", p)
			}
			got, err := profile.ByName(p.Name)
			if err != nil || got.Doc != p.Doc {
				t.Errorf("not found by its name: %v", err)
			}
		})
	}
	for _, name := range []string{profile.BittorrentTracker, profile.WTTracker, profile.AquaticWS, profile.Swarmlab, profile.Generic} {
		if !seen[name] {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestUnknownNameListsTheKnown(t *testing.T) {
	_, err := profile.ByName("opentracker")
	if err == nil || !strings.Contains(err.Error(), `"opentracker"`) || !strings.Contains(err.Error(), "wt-tracker, aquatic_ws") {
		t.Error(err)
	}
}

func TestOffersOwed(t *testing.T) {
	for _, c := range []struct {
		profile                     string
		offers, others, least, most int
	}{
		{profile.BittorrentTracker, 25, 30, 25, 25},
		{profile.WTTracker, 25, 30, 20, 20}, // observed: trackers.md of the project's notes has both
		{profile.AquaticWS, 25, 30, 9, 10},  // observed: one fewer where the announcer lies in a run
		{profile.AquaticWS, 5, 6, 4, 5},
		{profile.AquaticWS, 5, 5, 5, 5}, // all others: no runs
		{profile.AquaticWS, 0, 5, 0, 0},
		{profile.AquaticWS, 5, 3, 3, 3},
		{profile.Swarmlab, 5, 0, 0, 0},
		{profile.BittorrentTracker, 100, 5000, 82, 82},
		{profile.BittorrentTracker, 0, 10, 0, 0},
	} {
		p, err := profile.ByName(c.profile)
		if err != nil {
			t.Fatal(err)
		}
		if least, most := p.OffersOwed(c.offers, c.others); least != c.least || most != c.most {
			t.Errorf("%s, %d offers to %d others: %d to %d, want %d to %d", c.profile, c.offers, c.others, least, most, c.least, c.most)
		}
	}
}

// Our own tracker's row is what its defaults are.
func TestOurOwnRow(t *testing.T) {
	p, err := profile.ByName(profile.Swarmlab)
	if err != nil {
		t.Fatal(err)
	}
	if p.DefaultInterval != webtorrent.DefaultAnnounceInterval || p.MaxOffers != webtorrent.DefaultMaxOffers ||
		p.MaxScrape != webtorrent.DefaultMaxScrape || p.MaxMessage != webtorrent.DefaultReadLimit || p.Selection != webtorrent.Uniform ||
		p.PeerTimeout != 3*webtorrent.DefaultAnnounceInterval || p.DefaultInterval <= time.Second {
		t.Errorf("%+v", p)
	}
}
