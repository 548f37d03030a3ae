package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"swarmlab/sim"
	"swarmlab/sim/trackerbench"
	"swarmlab/sim/trackerbench/process"
	"swarmlab/sim/trackerbench/profile"
	"swarmlab/sim/trackerbench/suite"
)

// trackerPlace is where one tracker is.
type trackerPlace struct {
	url     string // "" for the embedded one
	address netip.Addr
	port    int
	profile string // as named by the user, "" to detect it
	pid     int    // likewise, 0 to find it
	isOurs  bool   // the embedded one
}

// places checks where the load is sent.
func (f *trackerFlags) places(args []string) (list []trackerPlace, err error) {
	if n := len(f.profiles); n > 1 && n != len(args) {
		return nil, usagef("--profile is given %d times for %d trackers: give it once for all, or once for each", n, len(args))
	}
	pids := f.pids
	for i, arg := range args {
		p := trackerPlace{url: arg, address: netip.MustParseAddr("127.0.0.1")}
		if len(f.profiles) > 0 {
			p.profile = f.profiles[i%len(f.profiles)]
		}
		if arg == embedded {
			p.url, p.isOurs = "", true
			list = append(list, p)
			continue
		}
		if p.address, p.port, err = f.resolve(arg); err != nil {
			return nil, err
		}
		if len(pids) > 0 {
			p.pid, pids = pids[0], pids[1:]
		}
		list = append(list, p)
	}
	if len(pids) > 0 {
		return nil, usagef("--pid names more processes than there are URLs; the embedded tracker needs none")
	}
	if f.emulate != "" && !hasEmbedded(list) {
		return nil, usagef("--emulate is for the embedded tracker: name %s among the trackers", embedded)
	}
	return list, nil
}

func hasEmbedded(list []trackerPlace) bool {
	for _, p := range list {
		if p.isOurs {
			return true
		}
	}
	return false
}

// resolve refuses hosts that are not ours to load.
func (f *trackerFlags) resolve(address string) (ip netip.Addr, port int, err error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return ip, 0, usagef("tracker %v", err)
	case u.Scheme != "ws" && u.Scheme != "wss" || u.Hostname() == "":
		return ip, 0, usagef("tracker %s: must be %s, or begin with ws:// or wss:// and name a host", address, embedded)
	}
	everywhere, err := places([]string{u.Hostname()})
	if err != nil {
		return ip, 0, err
	}
	for _, host := range everywhere {
		if host.public && !f.owned {
			return ip, 0, usagef("%s is a public host (%s), and a load test is an attack on whoever did not ask for it; if it is yours, "+
				"say so with --i-own-this-tracker", host.name, host.address)
		}
	}
	text := u.Port()
	if text == "" {
		text = map[string]string{"ws": "80", "wss": "443"}[u.Scheme]
	}
	resolved, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(u.Hostname(), text))
	if err != nil {
		return ip, 0, usagef("tracker %s: %v", address, err)
	}
	return resolved.AddrPort().Addr().Unmap(), resolved.Port, nil
}

// targets starts what is to be started, and gets to know the trackers. stop ends what was started, also after an error.
func (f *trackerFlags) targets(ctx context.Context, s streams, places []trackerPlace) (list []suite.Target, stop func(), err error) {
	var children []*embeddedTracker
	stop = func() {
		for _, c := range children {
			c.stop()
		}
	}
	for _, p := range places {
		t := suite.Target{}
		if p.isOurs {
			t.Name = embedded
			child, err := startEmbedded(ctx, "127.0.0.1:0", f.emulate)
			if err != nil {
				return nil, stop, err
			}
			children = append(children, child)
			p.url, p.pid = child.url, child.pid()
			t.Restart = child.restart
			if f.emulate != "" {
				t.Name += " as " + f.emulate
			}
		}
		t.Target = trackerbench.Target{URL: p.url, TLS: f.tls(), Allow: f.allow}
		if err := f.getToKnow(ctx, &t, p); err != nil {
			return nil, stop, err
		}
		watchProcess(&t, p)
		if t.Process != nil {
			if err := suite.CheckTracker(f.load.Peers, suite.DescriptorsOf(t.Process.PID())); err != nil {
				return nil, stop, usageError{err}
			}
		}
		list = append(list, t)
		for _, note := range t.Notes {
			fmt.Fprintf(s.err, "%s: %s\n", p.url, note)
		}
	}
	tellApart(list)
	return list, stop, nil
}

func (f *trackerFlags) tls() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: f.insecure} //nolint:gosec // the user's flag
}

// allow refuses the addresses that resolve refuses, at the time when they are connected to: a name may lead elsewhere by then.
func (f *trackerFlags) allow(a netip.Addr) error {
	if !f.owned && sim.IsPublic(a) {
		return fmt.Errorf("the tracker's name now leads to a public host (%s); if it is yours, say so with --i-own-this-tracker", a)
	}
	return nil
}

// getToKnow finds the tracker's profile.
func (f *trackerFlags) getToKnow(ctx context.Context, t *suite.Target, p trackerPlace) (err error) {
	name := p.profile
	if name == "" && p.isOurs {
		name = profile.Swarmlab
		if f.emulate != "" {
			name = f.emulate
		}
	}
	if name != "" {
		t.Profile, err = profile.ByName(name)
		if t.Name == "" {
			t.Name = name
		}
		return err
	}
	transport := &http.Transport{TLSClientConfig: f.tls(), DialContext: t.Allow.Dialer().DialContext}
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	found, err := profile.DetectURL(ctx, p.url, client, rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0)))
	if err != nil {
		return err
	}
	t.Profile, t.Name = found.Profile, found.Profile.Name
	t.Notes = append(t.Notes, fmt.Sprintf("taken for %s: %s", found.Profile.Name, found.Evidence))
	return nil
}

// watchProcess finds the tracker's process, or notes why its costs are not known.
func watchProcess(t *suite.Target, p trackerPlace) {
	var err error
	pid := p.pid
	if pid == 0 {
		pid, err = process.Listening(netip.AddrPortFrom(p.address, uint16(p.port))) // a port
	}
	if err == nil {
		t.Process, err = process.Open(pid)
	}
	if err != nil {
		t.Notes = append(t.Notes, "its processor time and memory are not known: "+err.Error())
	}
}

// tellApart gives trackers of the same name their ports, or numbers.
func tellApart(list []suite.Target) {
	count := map[string]int{}
	for _, t := range list {
		count[t.Name]++
	}
	seen := map[string]int{}
	for i := range list {
		name := list[i].Name
		if count[name] == 1 {
			continue
		}
		seen[name]++
		list[i].Name = name + " #" + strconv.Itoa(seen[name])
	}
}
