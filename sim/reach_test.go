package sim

import (
	"testing"

	"swarmlab/results"
)

// small is a swarm that shares, to change one thing of.
const small = `
run: {duration: 40s}
stream: {kind: vod, segmentDuration: 2s, length: 30s, variants: [{bandwidth: 300000}]}
peers: {count: 4, arrival: {kind: stagger, gap: 2s}, groups: [{name: home, link: fiber, nat: port-restricted}]}
`

// TestWhatTheScenarioSaysHappens changes one field at a time and wants to see it in the result: a field that is read and goes
// nowhere would be tuned in vain.
func TestWhatTheScenarioSaysHappens(t *testing.T) {
	plain := run(t, scenario(t, small))
	if plain.Summary.P2PRatio < 0.2 || plain.Summary.Connections != 6 {
		t.Fatalf("P2P ratio %v over %d connections: nothing to compare with", plain.Summary.P2PRatio, plain.Summary.Connections)
	}
	p := plain.Summary
	for _, c := range []struct {
		set  string
		want string
		seen func(s results.Summary) bool
	}{
		{"origin.errorRate=0.3", "errors of the origin", func(s results.Summary) bool { return s.OriginErrors > 0 && p.OriginErrors == 0 }},
		{"origin.responseDelay=500ms", "a later start", func(s results.Summary) bool { return s.StartupMs.P50 > p.StartupMs.P50+900 }},
		{"origin.link={down: 50Mbit/s, up: 2Mbit/s}", "slower HTTP", func(s results.Summary) bool { return s.HTTPLatencyMs.P50 > 2*p.HTTPLatencyMs.P50 }},
		{"origin.region=oc", "a later start", func(s results.Summary) bool { return s.StartupMs.P50 > p.StartupMs.P50+200 }},
		{"tracker.interval=5s", "more announces", func(s results.Summary) bool { return s.TrackerAnnounces > 2*p.TrackerAnnounces }},
		{"tracker.maxOffers=1", "fewer offers", func(s results.Summary) bool { return s.TrackerOffers < p.TrackerOffers }},
		{"tracker.delay=3s", "later peers", func(s results.Summary) bool { return s.TimeToFirstPeerMs.Max > p.TimeToFirstPeerMs.Max+2000 }},
		{"ice.stun=false", "nobody connects", func(s results.Summary) bool { return s.Connections == 0 }},
		{"peers.groups[0].nat=blocked", "nobody connects", func(s results.Summary) bool { return s.Connections == 0 }},
		{"peers.groups[0].upload=false", "nothing is uploaded", func(s results.Summary) bool { return s.UploadedBytes == 0 && s.Connections > 0 }},
		{"peers.groups[0].link=adsl", "a later start", func(s results.Summary) bool { return s.StartupMs.P50 > p.StartupMs.P50+100 }},
		{"peers.groups[0].region=sa", "a later start", func(s results.Summary) bool { return s.StartupMs.P50 > p.StartupMs.P50+200 }},
		{"network.grid=50ms", "a later start", func(s results.Summary) bool { return s.StartupMs.P50 > p.StartupMs.P50+50 }},
		{"p2pml.core.highDemandTimeWindow=5", "more P2P", func(s results.Summary) bool { return s.P2PRatio > p.P2PRatio }},
	} {
		if s := run(t, scenario(t, small, c.set)).Summary; !c.seen(s) {
			t.Errorf("%s: no %s (startup %v, was %v; first peer %v, was %v; %d connections; ratio %v, was %v)", c.set, c.want,
				s.StartupMs.P50, p.StartupMs.P50, s.TimeToFirstPeerMs.Max, p.TimeToFirstPeerMs.Max, s.Connections, s.P2PRatio, p.P2PRatio)
		}
	}
}

// TestWhoVanishesIsMissedLate: the others' connections to a viewer who says goodbye end at once; to one who vanishes, when ICE has
// given up.
func TestWhoVanishesIsMissedLate(t *testing.T) {
	held := func(clean string) (sum int) {
		r := run(t, scenario(t, small, "run.duration=90s", "peers.count=6", "peers.session={kind: exponential, mean: 15s}",
			"peers.leave.clean="+clean))
		for _, s := range r.Timeline {
			sum += s.Connections
		}
		return sum
	}
	clean, vanished := held("1"), held("0")
	if float64(vanished) < 1.1*float64(clean) {
		t.Errorf("connections were held for %d seconds in all with vanished viewers, for %d with clean ones", vanished, clean)
	}
}
