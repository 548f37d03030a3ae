package report

import (
	"encoding/json"
	"fmt"
	"strings"

	"swarmlab/results"
)

// barPart is a part of the stacked bar that answers the tuning question.
type barPart struct {
	Name, What, Do string
	Key            string // the reason's own name, which is its style as well
	Bytes          int64
	Requests       int64
	Share          float64
}

// reasonHelp says of a reason what happened, and what moves it. Settings have the library's own names.
var reasonHelp = map[string]struct{ what, do string }{
	results.ReasonNoPeers: {
		"No peer was connected: not yet, or not any more.",
		"The first segments of every viewer come before its first peer, so a longer stay dilutes them. httpDownloadInitialTimeoutMs waits for peers, at the price of a slower start; TURN connects those whom NATs keep apart.",
	},
	results.ReasonNotYetAnnounced: {
		"A peer was fetching it from the origin at that moment, and had not announced it yet.",
		"Viewers who play in step ask for the same segment together. A smaller highDemandTimeWindow lets them wait for each other.",
	},
	results.ReasonNobodyHadIt: {
		"Peers were connected, and none of them had it.",
		"In a live stream the newest segments are in nobody's hands yet: playing further from the edge (liveSyncDuration) gives them time to spread.",
	},
	results.ReasonHighDemand: {
		"A peer had it, but it was due within highDemandTimeWindow, and there the library takes HTTP first.",
		"A smaller highDemandTimeWindow leaves more to peers, and less time to fall back on the origin.",
	},
	results.ReasonP2PFailed: {
		"A peer was asked first, and that failed.",
		"See requests by outcome below; slow uplinks and too many simultaneousP2PDownloads are the usual causes.",
	},
	results.ReasonRandomPrefetch: {
		"The random timer fetched it ahead of need, which is how segments come into the swarm.",
		"One copy of each segment must come over HTTP; a smaller httpDownloadTimeWindow makes fewer beyond that.",
	},
	results.ReasonP2PDisabled: {"P2P was switched off for the viewer.", "isP2PDisabled."},
	results.ReasonOther:       {"The player jumped and could not wait, or HTTP was tried again after an error.", ""},
}

// htmlReasons are the reasons for HTTP, the one with the most bytes first.
func htmlReasons(s results.Summary) []barPart {
	var shares []share
	var total int64
	for key, t := range s.HTTPReasons {
		if t.Bytes > 0 {
			shares = append(shares, share{key, t.Bytes})
			total += t.Bytes
		}
	}
	sortShares(shares)
	out := make([]barPart, len(shares))
	for i, part := range shares {
		style := part.name
		if _, known := reasonText[style]; !known {
			style = results.ReasonOther
		}
		help := reasonHelp[part.name]
		out[i] = barPart{
			Name: reasonName(part.name), What: help.what, Do: help.do, Key: style, Bytes: part.bytes,
			Requests: s.HTTPReasons[part.name].Requests, Share: float64(part.bytes) / float64(total),
		}
	}
	return out
}

// reasonName is a reason in an operator's words, or as it is if it is not one of ours.
func reasonName(key string) string {
	if name, known := reasonText[key]; known {
		return name
	}
	return printable(key)
}

// because is the sentence under "what limited it": the cause, in this run's figures.
func because(r *results.Result, parts []barPart) string {
	s := r.Summary
	switch {
	case s.Peers == 1 && len(parts) > 0:
		return "There was one viewer, and so nobody to share with."
	case originFull(r) >= most:
		return fullHelp
	case len(parts) == 0:
		return ""
	}
	if text := edgeInsideWindow(r); text != "" && s.P2PRatio < 0.05 {
		return text
	}
	top := parts[0]
	if top.Key == results.ReasonNoPeers && s.TimeToFirstPeerMs.Count > 0 {
		return fmt.Sprintf("%s Half of the viewers had their first peer within %s, 95 %% within %s; %s never had one.", top.What,
			msText(s.TimeToFirstPeerMs.P50), msText(s.TimeToFirstPeerMs.P95), count(int64(s.Peers)-s.TimeToFirstPeerMs.Count))
	}
	return strings.TrimSpace(top.What + " " + top.Do)
}

// edgeInsideWindow notices the setting that switches sharing off in a live stream: if the picture is no further from the live
// edge than highDemandTimeWindow, every segment there is lies within the window, where the library takes HTTP first.
func edgeInsideWindow(r *results.Result) string {
	var scenario struct {
		P2PML struct {
			Core struct {
				HighDemandTimeWindow *float64 `json:"highDemandTimeWindow"`
			} `json:"core"`
		} `json:"p2pml"`
	}
	// A scenario that does not say is no error: then there is nothing to notice.
	if json.Unmarshal(r.Scenario, &scenario) != nil || scenario.P2PML.Core.HighDemandTimeWindow == nil || r.Summary.LiveLatencyMs == nil {
		return ""
	}
	window, edge := *scenario.P2PML.Core.HighDemandTimeWindow, r.Summary.LiveLatencyMs.P50/1000
	if r.Summary.LiveLatencyMs.Count == 0 || edge > window {
		return ""
	}
	return fmt.Sprintf("Viewers play %s behind the live edge (median), and highDemandTimeWindow is %s: every segment there is lies within it, and there the library takes HTTP first. Peers get a chance only if the window is shorter than that distance.",
		secondsText(edge), secondsText(window))
}

// barRow is a line of a list with bars.
type barRow struct {
	Name  string
	Value string
	Note  string
	Share float64
}

// wasteText explains a cause of waste.
var wasteText = map[string]string{
	results.WasteAborted:     "the scheduler gave the request up, with the bytes it held",
	results.WasteFailed:      "the request failed and its bytes went with it",
	results.WasteDuplicate:   "the segment was there already",
	results.WasteStale:       "it arrived after its request had been cancelled",
	results.WasteInvalid:     "it did not pass a check",
	results.WasteRestarted:   "the origin ignored the range and sent everything again",
	results.WasteLeft:        "the viewer left in the middle of it",
	results.WasteUnexplained: "nobody knows: this ought to be looked into",
}

func wasteRows(s results.Summary) []barRow {
	var causes []share
	for cause, n := range s.WastedByCause {
		if n > 0 {
			causes = append(causes, share{cause, n})
		}
	}
	sortShares(causes)
	var out []barRow
	for _, c := range causes {
		out = append(out, barRow{printable(c.name), bytesText(c.bytes), wasteText[c.name], float64(c.bytes) / float64(s.WastedBytes)})
	}
	return out
}

// requestTable is the attempts at one source by how they ended.
type requestTable struct {
	Source string
	Total  int64
	Rows   []barRow
}

func requestTables(s results.Summary) []requestTable {
	var out []requestTable
	for _, source := range []struct{ key, name string }{{"http", "HTTP"}, {"p2p", "P2P"}} {
		t := requestTable{Source: source.name, Total: sumValues(s.Requests[source.key])}
		var outcomes []share
		for outcome, n := range s.Requests[source.key] {
			if n > 0 {
				outcomes = append(outcomes, share{outcome, n})
			}
		}
		sortShares(outcomes)
		for _, o := range outcomes {
			part := float64(o.bytes) / float64(t.Total)
			t.Rows = append(t.Rows, barRow{printable(o.name), count(o.bytes), percent(part), part})
		}
		out = append(out, t)
	}
	return out
}
