package webtorrent

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// browserSDP is about as long as a Chromium page's offer: 700 bytes.
var browserSDP = strings.Repeat("a=candidate:3179170359 1 udp 2122260223 127.0.0.1 38787 typ host\r\n", 10)

func browserAnnounce(peer int) []byte {
	a := announce{infoHash: infoName(1), peerID: peerName(peer)}
	for i := range DefaultOffers {
		id := ID{}
		for j := range id {
			id[j] = byte(i*31 + j*13)
		}
		a.offers = append(a.offers, Offer{ID: id, SDP: browserSDP})
	}
	return a.append(make([]byte, 0, a.size()))
}

// One announce with five offers, relayed. The swarm's size must not show.
func BenchmarkAnnounceAndRelay(b *testing.B) {
	for _, n := range []int{10, 1000, 100000} {
		b.Run(fmt.Sprintf("peers=%d", n), func(b *testing.B) {
			tr := newTestTracker(b, TrackerConfig{})
			for i := range n {
				tr.HandleMessage(0, ConnID(i), announceMessage(infoName(1), peerName(i), 0))
			}
			messages := make([][]byte, min(n, 64))
			for i := range messages {
				messages[i] = browserAnnounce(i)
			}
			b.SetBytes(int64(len(messages[0])))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				conn := i % len(messages)
				if outs := tr.HandleMessage(time.Second, ConnID(conn), messages[conn]); len(outs) != 1+DefaultOffers {
					b.Fatalf("%d messages", len(outs))
				}
			}
		})
	}
}

func BenchmarkAnswerRelay(b *testing.B) {
	tr := newTestTracker(b, TrackerConfig{})
	tr.HandleMessage(0, 1, announceMessage(infoName(1), peerName(1), 0))
	tr.HandleMessage(0, 2, announceMessage(infoName(1), peerName(2), 0))
	a := answer{infoHash: infoName(1), peerID: peerName(1), toPeerID: `"` + peerName(2) + `"`, offerID: `"offer000000000000001"`, sdpText: browserSDP}
	m := a.append(nil)
	b.ReportAllocs()
	for b.Loop() {
		if len(tr.HandleMessage(time.Second, 1, m)) != 1 {
			b.Fatal("not relayed")
		}
	}
}

func BenchmarkClientReadsOffer(b *testing.B) {
	o := offerFrom(otherPeer, browserSDP, "offer000000000000001")
	b.ReportAllocs()
	for b.Loop() {
		r, err := parseResponse([]byte(o))
		if err != nil {
			b.Fatal(err)
		}
		if _, ok := sdpOf(r.offer); !ok {
			b.Fatal("no description")
		}
	}
}

func BenchmarkUniform(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	picked := make([]int, 0, 16)
	b.ReportAllocs()
	for b.Loop() {
		picked = selectUniform(rng, 100000, 77, DefaultMaxOffers, picked[:0])
	}
}
