package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"swarmlab/results"
)

// A section is one of the questions that every report answers, the same in the terminal, in Markdown and in HTML.
type section struct {
	Question string
	Answer   string // a sentence
	// Short is the answer in a word or a figure, and Rest what it leaves unsaid, for where the two stand apart.
	Short, Rest string
	Facts       []fact
}

// fact is a line of figures under an answer.
type fact struct {
	Label string
	Value string
	Note  string
	// Bar, if not negative, is how much of a bar to draw; Mark is where on it the bound lies, if not negative.
	Bar, Mark float64
}

func plain(label, value, note string) fact { return fact{label, value, note, -1, -1} }

// answers are the three questions, in order.
func answers(r *results.Result) []section {
	return []section{saved(r), hurt(r), limited(r)}
}

// title is the run in a few words.
func title(r *results.Result) string {
	name := printable(r.Run.Name)
	if name == "" {
		name = "run"
	}
	return name + ": " + many(int64(r.Summary.Peers), "viewer", "viewers")
}

// subtitle says how the figures were made.
func subtitle(r *results.Result) string {
	kind := "VOD"
	if r.Run.Live {
		kind = "live"
	}
	parts := []string{
		kind,
		secondsText(r.Run.SimulatedSeconds) + " simulated in " + secondsText(r.Run.WallSeconds),
		printable(r.Run.Tier) + " tier",
		printable(r.Run.Clock) + " clock",
		fmt.Sprintf("seed %d", r.Run.Seed),
	}
	if len(r.Run.Trackers) > 0 {
		parts = append(parts, "introduced by "+printable(strings.Join(r.Run.Trackers, ", ")))
	}
	text := strings.Join(parts, ", ")
	if r.Run.Interrupted {
		return "INTERRUPTED, figures are of what there was: " + text
	}
	return text
}

func saved(r *results.Result) section {
	s := r.Summary
	useful := s.P2PBytes + s.HTTPBytes
	sec := section{Question: "How much was saved?"}
	switch {
	case useful == 0:
		sec.Answer = "Nothing was watched, so there was nothing to save."
		sec.Short, sec.Rest = "–", sec.Answer
		return sec
	case s.P2PBytes == 0:
		sec.Short, sec.Rest = "Nothing", "All of the video came over HTTP."
		sec.Answer = "Nothing: all of the video came over HTTP."
	default:
		sec.Short, sec.Rest = percent(s.P2PRatio), "of the video came from other viewers."
		sec.Answer = sec.Short + " " + sec.Rest
	}
	sec.Facts = []fact{{
		"P2P ratio", percent(s.P2PRatio),
		"at most " + percent(s.P2PRatioBound) + ": (N-1)/N",
		s.P2PRatio, s.P2PRatioBound,
	}}
	if s.P2PRatioBound-s.P2PRatioAttainable > 0.01 {
		sec.Facts = append(sec.Facts, plain("Attainable", percent(s.P2PRatioAttainable), "of what these viewers loaded: all but the first copies"))
	}
	if !r.Run.OpenSwarm {
		sec.Facts = append(sec.Facts,
			plain("Copies per segment", three(s.CopiesPerSegment), "1 is ideal, "+three(plainCopies(s))+" without P2P"),
			plain("Offload", percent(s.Offload), fmt.Sprintf("the origin sent %s for %s watched or stored", bytesText(s.OriginBytes), bytesText(useful))),
		)
	}
	sec.Facts = append(sec.Facts,
		plain("Bytes", bytesText(s.P2PBytes)+" P2P", fmt.Sprintf("%s HTTP, %s uploaded", bytesText(s.HTTPBytes), bytesText(s.UploadedBytes))),
		plain("Wasted", bytesText(s.WastedBytes), wasteNote(s)),
	)
	sec.Facts = append(sec.Facts, doubts(r)...)
	return sec
}

// doubts are what the run's tier is known to get wrong in its scenario.
func doubts(r *results.Result) (facts []fact) {
	for _, d := range r.Run.Doubts {
		facts = append(facts, plain("Doubtful", printable(r.Run.Tier)+" tier", printable(d)))
	}
	return facts
}

// plainCopies is how many copies of each distinct segment the viewers needed: what the origin would have sent to players
// without P2P. The distinct ones are the same as in CopiesPerSegment, beside which it stands: those that somebody watched.
func plainCopies(s results.Summary) float64 {
	if s.DistinctSegmentBytes == 0 {
		return 0
	}
	return float64(s.P2PBytes+s.HTTPBytes) / float64(s.DistinctSegmentBytes)
}

func wasteNote(s results.Summary) string {
	arrived := s.P2PChunkBytes + s.HTTPChunkBytes
	if s.WastedBytes == 0 || arrived == 0 {
		return "everything that arrived was of use"
	}
	var causes []share
	for cause, n := range s.WastedByCause {
		causes = append(causes, share{printable(cause), n})
	}
	sortShares(causes)
	return fmt.Sprintf("%s of what arrived, most of it %s", percent(float64(s.WastedBytes)/float64(arrived)), causes[0].name)
}

func hurt(r *results.Result) section {
	s := r.Summary
	sec := section{Question: "Was anybody hurt?"}
	var troubles []string
	if s.NeverStarted > 0 {
		troubles = append(troubles, many(int64(s.NeverStarted), "viewer", "viewers")+" never saw a picture")
	}
	if s.Stalls > 0 {
		troubles = append(troubles, fmt.Sprintf("%s stalled, %s in all", many(int64(s.StalledViewers), "viewer", "viewers"),
			many(s.Stalls, "time", "times")))
	}
	if s.CorruptSegments > 0 {
		troubles = append(troubles, many(s.CorruptSegments, "segment was", "segments were")+" not what the origin made")
	}
	if len(troubles) == 0 {
		sec.Short, troubles = "No", []string{"every picture started, and none stood still"}
	} else {
		sec.Short = "Yes"
	}
	sec.Rest = capital(strings.Join(troubles, "; ")) + "."
	sec.Answer = sec.Short + ": " + strings.Join(troubles, "; ") + "."
	sec.Facts = []fact{
		plain("Stalls", count(s.Stalls), fmt.Sprintf("%s stalled, %s of the time watched", secondsText(s.StalledSeconds), percent(s.StallRatio))),
		distFact("Startup", s.StartupMs),
		plain("Intact", fmt.Sprintf("%s of %s", count(int64(s.FullyDelivered)), count(int64(s.Peers))), "viewers whose every played segment passed its checksum"),
	}
	if s.LiveLatencyMs != nil {
		sec.Facts = slices.Insert(sec.Facts, 2, distFact("Live latency", *s.LiveLatencyMs))
	}
	if n := sumValues(s.Errors); n > 0 {
		sec.Facts = append(sec.Facts, plain("Errors", count(n), errorsNote(s.Errors)))
	}
	return sec
}

func distFact(label string, d results.Dist) fact {
	if d.Count == 0 {
		return plain(label, "never", "")
	}
	return plain(label+", median", msText(d.P50), fmt.Sprintf("95 %% within %s, all within %s", msText(d.P95), msText(d.Max)))
}

func errorsNote(errors map[string]int64) string {
	var kinds []share
	for kind, n := range errors {
		kinds = append(kinds, share{printable(kind), n})
	}
	sortShares(kinds)
	parts := make([]string, len(kinds))
	for i, k := range kinds {
		parts[i] = fmt.Sprintf("%s %s", count(k.bytes), k.name)
	}
	return strings.Join(parts, ", ")
}

func sumValues(m map[string]int64) (n int64) {
	for _, v := range m { // a sum does not depend on the order
		n += v
	}
	return n
}

// reasonText explains a reason of HTTP to an operator.
var reasonText = map[string]string{
	results.ReasonNoPeers:         "no peer connected",
	results.ReasonNotYetAnnounced: "nothing announced yet",
	results.ReasonNobodyHadIt:     "no peer had it",
	results.ReasonHighDemand:      "needed too soon (high demand)",
	results.ReasonP2PFailed:       "P2P failed",
	results.ReasonRandomPrefetch:  "random prefetch",
	results.ReasonP2PDisabled:     "P2P switched off",
	results.ReasonOther:           "other",
}

// share is a named part of a whole.
type share struct {
	name  string
	bytes int64
}

// sortShares puts the largest first; names decide between equals, so that the order never depends on a map.
func sortShares(shares []share) {
	slices.SortFunc(shares, func(a, b share) int {
		return cmp.Or(cmp.Compare(b.bytes, a.bytes), strings.Compare(a.name, b.name))
	})
}

// reasons are the reasons for HTTP by their bytes.
func reasons(s results.Summary) []share {
	var out []share
	for reason, t := range s.HTTPReasons {
		if t.Bytes > 0 {
			out = append(out, share{reasonName(reason), t.Bytes})
		}
	}
	sortShares(out)
	return out
}

func limited(r *results.Result) section {
	sec := section{Question: "What limited it?"}
	parts := reasons(r.Summary)
	if len(parts) == 0 {
		sec.Answer = "Why segments came over HTTP was not recorded, or none did."
		sec.Short, sec.Rest = "–", sec.Answer
		sec.blameOrigin([]*results.Result{r})
		return sec
	}
	var total int64
	for _, p := range parts {
		total += p.bytes
	}
	sec.Short = capital(parts[0].name)
	sec.Rest = percent(float64(parts[0].bytes)/float64(total)) + " of the bytes that came over HTTP."
	sec.Answer = fmt.Sprintf("%s of the HTTP bytes: %s.", percent(float64(parts[0].bytes)/float64(total)), parts[0].name)
	for _, p := range parts {
		part := float64(p.bytes) / float64(total)
		sec.Facts = append(sec.Facts, fact{p.name, percent(part), bytesText(p.bytes), part, -1})
	}
	sec.blameOrigin([]*results.Result{r})
	return sec
}

// bar draws a share of 0 to 1 with eighths of a block, and the bound as a stroke.
func bar(part, mark float64, width int) string {
	cells := []rune(strings.Repeat("·", width))
	eighths := int(math.Round(max(0, min(1, part)) * float64(width) * 8))
	if part > 0 {
		eighths = max(1, eighths)
	}
	for i := range cells {
		if full := eighths - 8*i; full > 0 {
			cells[i] = []rune(" ▏▎▍▌▋▊▉█")[min(8, full)]
		}
	}
	if mark >= 0 {
		at := min(width-1, int(mark*float64(width)))
		if float64(eighths) <= float64(8*at) {
			cells[at] = '│'
		}
	}
	return string(cells)
}
