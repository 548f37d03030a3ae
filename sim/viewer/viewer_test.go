package viewer

import (
	"testing"

	"swarmlab/results"
	"swarmlab/sim/p2pml"
)

// TestReasonsAndCausesHaveReportsWords: whatever the scheduler says, a report can explain.
func TestReasonsAndCausesHaveReportsWords(t *testing.T) {
	reasons := map[p2pml.StartReason]string{
		p2pml.HighDemandNoPeer:        results.ReasonNoPeers,
		p2pml.HighDemandNotAnnounced:  results.ReasonNobodyHadIt,
		p2pml.HighDemandPeerLoading:   results.ReasonNotYetAnnounced,
		p2pml.HighDemandPeerHadIt:     results.ReasonHighDemand,
		p2pml.HighDemandP2PReplaced:   results.ReasonHighDemand,
		p2pml.HighDemandAfterP2PError: results.ReasonP2PFailed,
		p2pml.RandomPrefetch:          results.ReasonRandomPrefetch,
		p2pml.P2PDisabled:             results.ReasonP2PDisabled,
		p2pml.EngineImmediate:         results.ReasonOther,
		p2pml.HighDemandHTTPRetry:     results.ReasonOther,
	}
	for from, want := range reasons {
		if got := httpReason(from); got != want {
			t.Errorf("%s is told as %s, want %s", from, got, want)
		}
	}
	for _, c := range []p2pml.DiscardCause{
		p2pml.DiscardAborted, p2pml.DiscardMismatch, p2pml.DiscardInvalid, p2pml.DiscardRestarted, p2pml.DiscardDestroyed,
	} {
		if wasteCause(c) == results.WasteUnexplained {
			t.Errorf("%s cannot be explained", c)
		}
	}
}
