package viewer

import (
	"swarmlab/results"
	"swarmlab/sim/p2pml"
)

// httpReason says in a report's words why the scheduler went to the origin. The scheduler's own words are finer; these are the
// ones that point at a setting.
func httpReason(r p2pml.StartReason) string {
	switch r {
	case p2pml.HighDemandNoPeer:
		return results.ReasonNoPeers
	case p2pml.HighDemandPeerLoading: // it was on its way to a peer, which had not announced it yet
		return results.ReasonNotYetAnnounced
	case p2pml.HighDemandNotAnnounced:
		return results.ReasonNobodyHadIt
	case p2pml.HighDemandPeerHadIt, p2pml.HighDemandP2PReplaced:
		return results.ReasonHighDemand
	case p2pml.HighDemandAfterP2PError:
		return results.ReasonP2PFailed
	case p2pml.RandomPrefetch:
		return results.ReasonRandomPrefetch
	case p2pml.P2PDisabled:
		return results.ReasonP2PDisabled
	default: // a jump of the player, a retry of HTTP, or a segment that the engine does not know
		return results.ReasonOther
	}
}

// wasteCause says in a report's words why bytes were thrown away.
func wasteCause(c p2pml.DiscardCause) string {
	switch c {
	case p2pml.DiscardAborted:
		return results.WasteAborted
	case p2pml.DiscardMismatch:
		return results.WasteFailed
	case p2pml.DiscardInvalid:
		return results.WasteInvalid
	case p2pml.DiscardRestarted:
		return results.WasteRestarted
	case p2pml.DiscardDestroyed:
		return results.WasteLeft
	default:
		return results.WasteUnexplained
	}
}

func source(s p2pml.Source) results.Source {
	if s == p2pml.P2P {
		return results.P2P
	}
	return results.HTTP
}
