package packet

import (
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/pion/webrtc/v4"

	"swarmlab/netem"
	"swarmlab/scenarios"
)

const (
	httpPort = 80
	stunPort = 3478
)

// emulated is a network of netem's, with the links, NATs and regions of a scenario.
type emulated struct {
	*netem.Network
	origin  netem.Link
	region  string
	closers []func() error
}

func newEmulated(s *scenarios.Scenario) (*emulated, error) {
	link, err := s.Origin.Link.Resolve()
	if err != nil {
		return nil, err
	}
	n, err := netem.New(netem.Config{Seed: s.Run.Seed ^ chanceNetwork, Grid: s.Network.Grid.Std()})
	if err != nil {
		return nil, err
	}
	return &emulated{Network: n, origin: link, region: s.Origin.Region}, nil
}

func (e *emulated) join(plan scenarios.Viewer) (host, error) {
	h, err := e.AddHost(netem.HostConfig{Name: plan.Name, Link: plan.Link, NAT: netem.NAT(plan.NAT), Region: plan.Region})
	if err != nil {
		return nil, err
	}
	return emulatedHost{h}, nil
}

// server is a host of the deployment. Only the origin's link is the scenario's: the tracker's is never what is measured here, for
// a tracker benchmark has its own command.
func (e *emulated) server(name string) (*netem.Host, error) {
	link := e.origin
	if name != theOrigin {
		link, _ = netem.LinkPreset("origin")
	}
	return e.AddHost(netem.HostConfig{Name: name, Link: link, Region: e.region})
}

func (e *emulated) serve(role string, h http.Handler) (string, error) {
	server, err := e.server(role)
	if err != nil {
		return "", err
	}
	listener, err := server.Listen(httpPort)
	if err != nil {
		return "", err
	}
	e.closers = append(e.closers, serveHTTP(listener, h))
	return role, nil
}

func (e *emulated) iceServers(stun, turn bool) ([]webrtc.ICEServer, error) {
	if !stun && !turn {
		return nil, nil
	}
	server, err := e.server("ice")
	if err != nil {
		return nil, err
	}
	address := net.JoinHostPort(server.PublicAddr().String(), strconv.Itoa(stunPort))
	servers := []webrtc.ICEServer{{URLs: []string{"stun:" + address}}}
	if !turn {
		s, err := netem.RunSTUN(server, stunPort)
		if err != nil {
			return nil, err
		}
		e.closers = append(e.closers, s.Close)
		return servers, nil
	}
	const user, password = "viewer", "swarmlab"
	s, err := netem.RunTURN(server, stunPort, "swarmlab", user, password)
	if err != nil {
		return nil, err
	}
	e.closers = append(e.closers, s.Close)
	return append(servers, webrtc.ICEServer{URLs: []string{"turn:" + address + "?transport=udp"}, Username: user, Credential: password}), nil
}

func (e *emulated) close() error {
	var errs []error
	for i := len(e.closers) - 1; i >= 0; i-- {
		errs = append(errs, e.closers[i]())
	}
	return errors.Join(append(errs, e.Close())...)
}

type emulatedHost struct{ *netem.Host }

func (h emulatedHost) reaches(offer string) (time.Duration, bool) {
	for _, address := range candidates(offer) {
		if rtt, ok := h.Reaches(address); ok {
			return rtt, true
		}
	}
	return 0, false
}

// configure: the emulated network is IPv4, and no other host is on a viewer's own network, so there is nothing to ask by mDNS.
func (emulatedHost) configure(s *webrtc.SettingEngine) {
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
}
