package main

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"swarmlab/scenarios"
	"swarmlab/sim"
)

// Bounds of a join: it loads somebody's servers.
const (
	maxJoinPeers    = 1000
	maxJoinDuration = time.Hour
)

// defaultJoin is who joins if no scenario says so.
const defaultJoin = `
name: join
run: {duration: 2m}
peers: {count: 10, arrival: {kind: stagger, gap: 200ms}}
`

// libraryICEServers are those that P2P Media Loader 2.3 uses if a page says nothing else.
var libraryICEServers = []string{"stun:stun.l.google.com:19302", "stun:global.stun.twilio.com:3478"}

type joinFlags struct {
	manifest string
	trackers []string
	stun     []string
	swarmID  string
	peers    int
	duration time.Duration
	seed     uint64
	set      []string
	maxMbit  float64
	insecure bool
	owned    bool
	out      string
	json     bool
}

func newJoin(s streams) *cobra.Command {
	var f joinFlags
	cmd := &cobra.Command{
		Use:   "join [SCENARIO] --manifest URL --tracker URL",
		Short: "Let virtual viewers join a running deployment",
		Long: `Let virtual viewers join a running deployment: its own playlist, its own trackers, whoever else watches.

Of a scenario only the audience (peers), P2P Media Loader's and the player's options and run are used. Without one,
ten viewers come, five a second, and watch for two minutes.

Viewers talk to this machine and to private networks only, wherever playlists, redirects and trackers point,
unless --i-own-this-deployment is given.`,
		Example: `  swarmlab join --manifest http://127.0.0.1:8080/master.m3u8 --tracker ws://127.0.0.1:8080/tracker
  swarmlab join live --peers 50 --duration 5m --manifest https://cdn.example/live.m3u8 --tracker wss://tracker.example --i-own-this-deployment`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, s, args) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.manifest, "manifest", "", "URL of the HLS master playlist")
	fl.StringArrayVar(&f.trackers, "tracker", nil, "ws:// or wss:// URL of a tracker; may be repeated")
	fl.StringArrayVar(&f.stun, "stun", nil, "stun: URL; may be repeated (default: none on loopback, elsewhere the library's two)")
	fl.StringVar(&f.swarmID, "swarm-id", "", "the page's swarmId, if it sets one (short for --set p2pml.core.swarmId=ID)")
	fl.IntVar(&f.peers, "peers", 0, fmt.Sprintf("number of viewers, at most %d (short for --set peers.count=N)", maxJoinPeers))
	fl.DurationVar(&f.duration, "duration", 0, fmt.Sprintf("how long to stay, at most %v (short for --set run.duration=D)", maxJoinDuration))
	fl.Uint64Var(&f.seed, "seed", 0, "seed of the viewers' random draws (short for --set run.seed=S)")
	fl.StringArrayVar(&f.set, "set", nil, "set any field of the scenario: path=value; may be repeated")
	fl.Float64Var(&f.maxMbit, "max-mbit", 200, "Mbit/s that all viewers together load over HTTP, at most")
	fl.BoolVar(&f.insecure, "insecure", false, "take any TLS certificate")
	fl.BoolVar(&f.owned, "i-own-this-deployment", false, "allow public hosts: you run them, or may load them")
	fl.StringVar(&f.out, "out", "", "folder for the result (default results/runs/SCENARIO-TIME)")
	fl.BoolVar(&f.json, "json", false, "print the result's summary as JSON on standard output, and nothing else there")
	return cmd
}

func (f *joinFlags) run(cmd *cobra.Command, s streams, args []string) error {
	d, err := f.deployment()
	if err != nil {
		return err
	}
	scenario, err := f.scenario(cmd, args)
	if err != nil {
		return err
	}
	out := f.out
	if out == "" {
		out = filepath.Join("results", "runs", scenario.Name+"-"+time.Now().Format("20060102-150405"))
	}
	fmt.Fprintf(s.err, "%d virtual viewers will watch %s for %v, introduced by %s.\n"+
		"They load at most %g Mbit/s over HTTP together, and leave cleanly then, or at Ctrl-C.\n",
		scenario.Peers.Count, f.manifest, scenario.Run.Duration.Std(), strings.Join(f.trackers, ", "), f.maxMbit)
	p := newProgress(s, scenario)
	result, joinErr := sim.Join(cmd.Context(), scenario, d, sim.Options{Progress: p.show, Version: version(), Command: commandLine()})
	p.end()
	return keep(s, result, joinErr, out, f.json)
}

// scenario is who joins. Nothing happens before all of it is known to be good.
func (f *joinFlags) scenario(cmd *cobra.Command, args []string) (*scenarios.Scenario, error) {
	scenario, err := scenarios.Parse("join", []byte(defaultJoin))
	if len(args) > 0 {
		scenario, err = scenarios.Load(args[0])
	}
	if err != nil {
		return nil, err
	}
	sets := f.set
	for _, short := range []struct{ flag, path string }{
		{"peers", "peers.count"}, {"duration", "run.duration"}, {"seed", "run.seed"}, {"swarm-id", "p2pml.core.swarmId"},
	} {
		if flag := cmd.Flags().Lookup(short.flag); flag.Changed {
			sets = append(sets, short.path+"="+flag.Value.String())
		}
	}
	if err := bounded(f.peers, f.duration); err != nil {
		return nil, err // or the scenario might be called impossible first
	}
	if err := scenario.SetAll(sets); err != nil {
		return nil, err
	}
	return scenario, bounded(scenario.Peers.Count, scenario.Run.Duration.Std())
}

func bounded(peers int, stay time.Duration) error {
	switch {
	case peers > maxJoinPeers:
		return usagef("%d viewers: join takes at most %d; a simulation (swarmlab run) takes more", peers, maxJoinPeers)
	case stay > maxJoinDuration:
		return usagef("%v: join stays at most %v", stay, maxJoinDuration)
	}
	return nil
}

// deployment checks where the viewers are sent.
func (f *joinFlags) deployment() (d sim.Deployment, err error) {
	if f.manifest == "" || len(f.trackers) == 0 {
		return d, usagef("join needs --manifest URL and --tracker URL")
	}
	if !(f.maxMbit > 0) {
		return d, usagef("--max-mbit %v: must be more than 0", f.maxMbit)
	}
	hosts, err := hostsOf(f.manifest, f.trackers, f.stun)
	if err != nil {
		return d, err
	}
	everywhere, err := places(hosts)
	if err != nil {
		return d, err
	}
	d = sim.Deployment{
		ManifestURL: f.manifest, Trackers: f.trackers, ICEServers: f.stun, Insecure: f.insecure,
		MaxHTTPBytesPerSecond: f.maxMbit * 1e6 / 8,
		Reach:                 sim.Reach{Loopback: len(everywhere) == 0, Public: f.owned},
	}
	for _, host := range everywhere {
		if host.public && !f.owned {
			return d, usagef("%s is a public host (%s): joining puts load on it; if it is yours, say so with --i-own-this-deployment",
				host.name, host.address)
		}
	}
	if len(f.stun) == 0 && !d.Reach.Loopback {
		d.ICEServers = libraryICEServers
	}
	return d, nil
}

// hostsOfTrackers are the hosts of ws:// and wss:// URLs.
func hostsOfTrackers(urls []string) (hosts []string, err error) {
	for _, address := range urls {
		u, err := url.Parse(address)
		if err != nil {
			return nil, usagef("--tracker: %v", err)
		}
		hosts = append(hosts, u.Hostname()) // the scenario's check has looked at the rest
	}
	return hosts, nil
}

func hostsOf(manifest string, trackers, stun []string) (hosts []string, err error) {
	add := func(flag, address string, schemes ...string) {
		u, parseErr := url.Parse(address)
		switch {
		case err != nil:
		case parseErr != nil:
			err = usagef("%s: %v", flag, parseErr)
		case !strings.Contains(" "+strings.Join(schemes, " ")+" ", " "+u.Scheme+" "):
			err = usagef("%s %s: must begin with %s://", flag, address, strings.Join(schemes, ":// or "))
		case u.Hostname() == "":
			err = usagef("%s %s: names no host", flag, address)
		default:
			hosts = append(hosts, u.Hostname())
		}
	}
	add("--manifest", manifest, "http", "https")
	for _, t := range trackers {
		add("--tracker", t, "ws", "wss")
	}
	for _, s := range stun {
		if !strings.HasPrefix(s, "stun:") {
			return nil, usagef("--stun %s: must look like stun:host:3478", s)
		}
	}
	return hosts, err
}

// place is where a name leads that is not this machine.
type place struct {
	name    string
	address netip.Addr
	public  bool
}

// places looks the hosts up and leaves out those on this machine. What is looked up here only decides what to refuse at once; the
// viewers check every address themselves when they use it.
func places(hosts []string) (out []place, err error) {
	for _, host := range hosts {
		addresses, err := net.LookupIP(host)
		if err != nil {
			return nil, usagef("%s: %v", host, err)
		}
		for _, ip := range addresses {
			a, _ := netip.AddrFromSlice(ip)
			if a = a.Unmap(); !a.IsLoopback() {
				out = append(out, place{host, a, sim.IsPublic(a)})
			}
		}
	}
	return out, nil
}
