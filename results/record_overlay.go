package results

// partner is another peer that a viewer was connected to.
type partner struct {
	receivedBytes int64 // useful
}

// mostPartners bounds what one record remembers of others. A viewer has some dozens of connections; only one that stays for
// hours in an audience that comes and goes meets more than this, and what comes from those later ones is counted without a name.
const mostPartners = 1024

// KnownAs says that peers know this viewer by that id. In P2P Media Loader a viewer has one for each rendition it takes part in.
func (v *ViewerRecord) KnownAs(id string) { v.ids = append(v.ids, id) }

// Met says that a connection to the peer of that id has opened.
func (v *ViewerRecord) Met(id string) { v.partner(id) }

// ReceivedFrom counts n useful bytes by the peer that uploaded them: those of SegmentLoaded's P2PBytes, told apart.
func (v *ViewerRecord) ReceivedFrom(id string, n int64) {
	if n <= 0 {
		return
	}
	if p := v.partner(id); p != nil {
		p.receivedBytes += n
	} else {
		v.fromUnnamed += n
	}
}

// partner finds or begins what is known of a peer; nil if there are too many.
func (v *ViewerRecord) partner(id string) *partner {
	p := v.partners[id]
	if p == nil && len(v.partners) < mostPartners {
		if v.partners == nil {
			v.partners = map[string]*partner{}
		}
		p = &partner{}
		v.partners[id] = p
	}
	return p
}
