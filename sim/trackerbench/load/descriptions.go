package load

import (
	_ "embed" // the two descriptions
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

//go:embed descriptions/offer.sdp
var offerSDP string

//go:embed descriptions/answer.sdp
var answerSDP string

// Descriptions are session descriptions as browsers make them, as JSON strings without the quotes. They differ in what differs
// between browsers: addresses and how many, user name, password, fingerprint; so they also differ in size.
type Descriptions struct {
	offers, answers [][]byte
}

// Stamp is the number in a description's session id, the only part that is written anew every time: 18 decimal digits.
type Stamp uint64

const (
	variants     = 64 // of each kind
	stampDigits  = 18
	mostStamp    = 1e18
	beforeStamp  = `v=0\r\no=- 1` // in front of the stamp, as JSON
	stampAt      = len(beforeStamp)
	mostNetworks = 3 // network cards of a viewer's computer
)

// NewDescriptions draws the descriptions of a seed.
func NewDescriptions(seed uint64) *Descriptions {
	const stream = 0x736470
	rng := rand.New(rand.NewPCG(seed, stream))
	d := &Descriptions{}
	for range variants {
		d.offers = append(d.offers, describe(rng, offerSDP))
		d.answers = append(d.answers, describe(rng, answerSDP))
	}
	return d
}

// MeanBytes is the mean size of offers and of answers.
func (d *Descriptions) MeanBytes() (offer, answer float64) {
	for i := range variants {
		offer += float64(len(d.offers[i])) / variants
		answer += float64(len(d.answers[i])) / variants
	}
	return offer, answer
}

// AppendOffer appends the offer of a stamp.
func (d *Descriptions) AppendOffer(dst []byte, s Stamp) []byte {
	return appendStamped(dst, d.offers, s)
}

// AppendAnswer appends the answer of a stamp.
func (d *Descriptions) AppendAnswer(dst []byte, s Stamp) []byte {
	return appendStamped(dst, d.answers, s)
}

func appendStamped(dst []byte, from [][]byte, s Stamp) []byte {
	at := len(dst) + stampAt
	dst = append(dst, from[s%variants]...)
	for i := stampDigits - 1; i >= 0; i-- {
		dst[at+i] = byte('0' + s%10)
		s /= 10
	}
	return dst
}

// StampOf reads the stamp of a description as it arrived; ok is false if it is not ours, or not escaped as we do.
func StampOf(description []byte) (s Stamp, ok bool) {
	if len(description) < stampAt+stampDigits || string(description[:stampAt]) != beforeStamp {
		return 0, false
	}
	for _, c := range description[stampAt : stampAt+stampDigits] {
		if c < '0' || c > '9' {
			return 0, false
		}
		s = s*10 + Stamp(c-'0')
	}
	return s, true
}

// describe varies a real description.
func describe(rng *rand.Rand, real string) []byte {
	var b strings.Builder
	networks := 1 + rng.IntN(mostNetworks)
	port := 1024 + rng.IntN(64000)
	for line := range strings.SplitSeq(strings.TrimSuffix(real, "\r\n"), "\r\n") {
		name, _, _ := strings.Cut(line, ":")
		switch {
		case strings.HasPrefix(line, "o="):
			line = fmt.Sprintf("o=- 1%0*d 2 IN IP4 127.0.0.1", stampDigits, 0)
		case strings.HasPrefix(line, "m="):
			line = fmt.Sprintf("m=application %d UDP/DTLS/SCTP webrtc-datachannel", port)
		case name == "a=candidate":
			for n := range networks {
				b.WriteString(candidate(rng, line, n, port) + "\r\n")
			}
			continue
		case name == "a=ice-ufrag":
			line = name + ":" + random(rng, 3)
		case name == "a=ice-pwd":
			line = name + ":" + random(rng, 18)
		case name == "a=fingerprint":
			line = name + ":sha-256 " + fingerprint(rng)
		}
		b.WriteString(line + "\r\n")
	}
	text, err := json.Marshal(b.String())
	if err != nil || !strings.HasPrefix(string(text[1:]), beforeStamp) {
		panic("load: a description that does not begin as descriptions do: " + b.String())
	}
	return text[1 : len(text)-1]
}

// candidate is one like that of the line, on a network of its own: the tcp ones have no port.
func candidate(rng *rand.Rand, line string, network, port int) string {
	f := strings.Fields(line)
	f[0] = fmt.Sprintf("a=candidate:%d", rng.Uint32())
	f[4] = fmt.Sprintf("10.%d.%d.%d", network, rng.IntN(256), 1+rng.IntN(254))
	if f[2] == "udp" {
		f[5] = fmt.Sprint(port)
	}
	for i := range f {
		if f[i] == "network-id" {
			f[i+1] = fmt.Sprint(network + 1)
		}
	}
	return strings.Join(f, " ")
}

// random is bytes in base64, of which ICE takes all characters.
func random(rng *rand.Rand, bytes int) string {
	b := make([]byte, bytes)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return base64.StdEncoding.EncodeToString(b)
}

func fingerprint(rng *rand.Rand) string {
	pairs := make([]string, 32)
	for i := range pairs {
		pairs[i] = fmt.Sprintf("%02X", byte(rng.Uint32()))
	}
	return strings.Join(pairs, ":")
}
