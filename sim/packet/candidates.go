package packet

import (
	"net/netip"

	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"
)

// candidates are the addresses at which an offer's maker may be reached unasked. A relay's is none of them: it lets in whom it is told to, and
// only the answer says who that is (RFC 8656, section 9). What is no address is left out too: a browser that hides its own gives names (mDNS).
func candidates(offer string) []netip.Addr {
	description, err := (&webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}).Unmarshal()
	if err != nil {
		return nil // Pion will say so, to whoever has to know
	}
	var out []netip.Addr
	for _, media := range description.MediaDescriptions {
		for _, a := range media.Attributes {
			if a.Key != "candidate" {
				continue
			}
			c, err := ice.UnmarshalCandidate(a.Value)
			if err != nil || c.Type() == ice.CandidateTypeRelay {
				continue
			}
			if ip, err := netip.ParseAddr(c.Address()); err == nil {
				out = append(out, ip.Unmap())
			}
		}
	}
	return out
}
