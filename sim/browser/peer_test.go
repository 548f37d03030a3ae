package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"

	"swarmlab/sim/p2pml"
)

// scripted is a peer that does what a test tells it, and nothing else: it speaks WebRTC (Pion), the tracker's protocol and P2P Media
// Loader's commands, and obeys no rule of the library. It is written apart from the virtual viewer, whose mistakes it must not share.
type scripted struct {
	t        *testing.T
	id       string
	infoHash string
	ws       *websocket.Conn
	api      *webrtc.API
	links    chan *link
	problems chan error
	answers  bool // offers that come are answered; set before announcing

	mu      sync.Mutex
	offered map[string]*webrtc.PeerConnection // by offer id
	pcs     []*webrtc.PeerConnection
}

// trackerMessage is any message from or to a tracker.
type trackerMessage struct {
	Action   string       `json:"action"`
	InfoHash string       `json:"info_hash"`
	PeerID   string       `json:"peer_id"`
	ToPeerID string       `json:"to_peer_id,omitempty"`
	NumWant  int          `json:"numwant,omitempty"`
	Event    string       `json:"event,omitempty"`
	OfferID  string       `json:"offer_id,omitempty"`
	Offer    *description `json:"offer,omitempty"`
	Answer   *description `json:"answer,omitempty"`
	Offers   []madeOffer  `json:"offers,omitempty"`
	Failure  string       `json:"failure reason,omitempty"`
}

type description struct {
	Type string `json:"type"`
	SDP  string `json:"sdp"`
}

type madeOffer struct {
	Offer   description `json:"offer"`
	OfferID string      `json:"offer_id"`
}

// join connects a scripted peer to the tracker of the stream's first variant. It is not in the swarm before it announces.
func (d *deployment) join() *scripted {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, d.tracker, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	ws.SetReadLimit(1 << 20)
	p := &scripted{
		t: d.t, ws: ws, api: scriptedAPI(), infoHash: d.infoHash(),
		id:      p2pml.PeerID(p2pml.DefaultPeerIDPrefix, rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))),
		links:   make(chan *link, 16),
		offered: make(map[string]*webrtc.PeerConnection), problems: make(chan error, 16),
	}
	reader := make(chan struct{})
	go func() {
		defer close(reader)
		p.read()
	}()
	d.t.Cleanup(func() {
		_ = ws.CloseNow()
		<-reader
		for _, pc := range p.pcs {
			_ = pc.GracefulClose()
		}
	})
	return p
}

// infoHash is worked out from the manifest's URL and the variant.
func (d *deployment) infoHash() string {
	v := d.stream.Variants()[0]
	index := p2pml.StreamIndex(p2pml.StreamFields{
		Bitrate: v.Bandwidth, Codecs: strings.Split(v.Codecs, ",")[0], Width: v.Resolution.Width, Height: v.Resolution.Height,
	})
	return p2pml.InfoHash(p2pml.StreamSwarmID(d.urls.Manifest, p2pml.Main, index))
}

func scriptedAPI() *webrtc.API {
	var s webrtc.SettingEngine
	s.SetIncludeLoopbackCandidate(true)
	s.SetIPFilter(net.IP.IsLoopback)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.DetachDataChannels()
	// Small, so that a peer that does not read soon stops the one that writes.
	s.SetSCTPMaxReceiveBufferSize(256 << 10)
	return webrtc.NewAPI(webrtc.WithSettingEngine(s))
}

// announce enters the swarm without offers: others' offers will come.
func (p *scripted) announce() {
	p.t.Helper()
	p.mu.Lock()
	p.answers = true
	p.mu.Unlock()
	p.say(trackerMessage{Action: "announce", Event: "started"})
}

// offersMade is how many offers a scripted peer makes: one for each viewer in the swarm, since the tracker deals them out as it likes,
// and only pages answer them.
const offersMade = 6

// offer enters the swarm with offers, and gives the connection that comes of one of them.
func (p *scripted) offer() *link {
	p.t.Helper()
	m := trackerMessage{Action: "announce", Event: "started", NumWant: offersMade}
	for range offersMade {
		made, err := p.makeOffer()
		if err != nil {
			p.t.Fatal(err)
		}
		m.Offers = append(m.Offers, made)
	}
	p.say(m)
	return p.connected()
}

func (p *scripted) makeOffer() (madeOffer, error) {
	pc := p.connection()
	channel, err := pc.CreateDataChannel("scripted", nil)
	if err != nil {
		return madeOffer{}, err
	}
	p.adopt(pc, channel)
	d, err := pc.CreateOffer(nil)
	if err != nil {
		return madeOffer{}, err
	}
	sdp, err := describe(pc, d)
	if err != nil {
		return madeOffer{}, err
	}
	id := fmt.Sprintf("%020d", rand.Uint64N(1e18))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.offered[id] = pc
	return madeOffer{Offer: description{"offer", sdp}, OfferID: id}, nil
}

// connected waits for the next connection.
func (p *scripted) connected() *link {
	p.t.Helper()
	select {
	case l := <-p.links:
		return l
	case err := <-p.problems:
		p.t.Fatalf("the scripted peer: %v", err)
	case <-time.After(patience):
		p.t.Fatal("the scripted peer was not connected to anybody")
	}
	return nil
}

func (p *scripted) say(m trackerMessage) {
	p.t.Helper()
	if err := p.write(m); err != nil {
		p.t.Fatalf("announce: %v", err)
	}
}

func (p *scripted) write(m trackerMessage) error {
	m.InfoHash, m.PeerID = p.infoHash, p.id
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return p.ws.Write(ctx, websocket.MessageText, text)
}

// read handles what the tracker says until the socket ends.
func (p *scripted) read() {
	for {
		_, text, err := p.ws.Read(context.Background())
		if err != nil {
			return // the test is over, or will say that nothing came
		}
		if err := p.handle(text); err != nil {
			p.problems <- err
			return
		}
	}
}

func (p *scripted) handle(text []byte) error {
	var m trackerMessage
	if err := json.Unmarshal(text, &m); err != nil {
		return fmt.Errorf("the tracker says %q: %w", text, err)
	}
	switch {
	case m.Failure != "":
		return fmt.Errorf("the tracker refuses: %s", m.Failure)
	case m.Offer != nil:
		p.mu.Lock()
		answers := p.answers
		p.mu.Unlock()
		if answers {
			return p.answer(m)
		}
	case m.Answer != nil:
		p.mu.Lock()
		pc := p.offered[m.OfferID]
		p.mu.Unlock()
		if pc == nil {
			return fmt.Errorf("an answer to offer %q, which was not made", m.OfferID)
		}
		return pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: m.Answer.SDP})
	}
	return nil
}

func (p *scripted) answer(m trackerMessage) error {
	pc := p.connection()
	pc.OnDataChannel(func(channel *webrtc.DataChannel) { p.adopt(pc, channel) })
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: m.Offer.SDP}); err != nil {
		return err
	}
	made, err := pc.CreateAnswer(nil)
	if err != nil {
		return err
	}
	sdp, err := describe(pc, made)
	if err != nil {
		return err
	}
	return p.write(trackerMessage{Action: "announce", ToPeerID: m.PeerID, OfferID: m.OfferID, Answer: &description{"answer", sdp}})
}

func (p *scripted) connection() *webrtc.PeerConnection {
	pc, err := p.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		panic(err) // with an empty configuration it cannot be
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pcs = append(p.pcs, pc)
	return pc
}

func (p *scripted) adopt(pc *webrtc.PeerConnection, channel *webrtc.DataChannel) {
	channel.OnOpen(func() {
		raw, err := channel.DetachWithDeadline()
		if err != nil {
			p.problems <- err
			return
		}
		p.links <- &link{t: p.t, channel: raw, pc: pc}
	})
}

// describe sets the local description and waits for its candidates.
func describe(pc *webrtc.PeerConnection, d webrtc.SessionDescription) (string, error) {
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(d); err != nil {
		return "", err
	}
	<-gathered
	return pc.LocalDescription().SDP, nil
}
