package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"swarmlab/results"
)

// A benchmark of trackers answers three questions: who delivers, how fast, and at what cost.

// trackerTitle is the benchmark in a few words.
func trackerTitle(r *results.TrackerRun) string {
	if len(r.Targets) == 1 {
		return "Tracker " + printable(r.Targets[0].Name)
	}
	return many(int64(len(r.Targets)), "tracker", "trackers") + " under the same load"
}

// trackerSubtitle is the load.
func trackerSubtitle(r *results.TrackerRun) string {
	l := r.Load
	parts := []string{
		many(int64(l.Peers), "viewer", "viewers") + " in " + many(int64(l.SwarmCount), "swarm", "swarms"),
		ratePerSecond(l.RatePerSecond) + " with " + many(int64(l.Offers), "offer", "offers") + " each, " + answersText(l),
		roundsText(r) + " of " + secondsText(l.WindowSeconds),
		fmt.Sprintf("seed %d", l.Seed),
	}
	if l.Arrival != "" && l.Arrival != "constant" {
		parts = append(parts, "arrival "+printable(l.Arrival))
	}
	if l.LeavesPerSecond > 0 {
		parts = append(parts, three(l.LeavesPerSecond)+" leave a second")
	}
	if r.Interrupted {
		parts = append(parts, "interrupted")
	}
	return strings.Join(parts, "; ")
}

func ratePerSecond(rate float64) string {
	if rate >= 100 {
		return count(int64(rate+0.5)) + " announces/s"
	}
	return three(rate) + " announces/s"
}

func answersText(l results.TrackerLoad) string {
	switch l.AnswerShare {
	case 0:
		return "none answered"
	case 1:
		return "all answered"
	}
	return percent(l.AnswerShare) + " answered"
}

func roundsText(r *results.TrackerRun) string {
	most := 0
	for _, t := range r.Targets {
		most = max(most, len(t.Rounds))
	}
	return many(int64(most), "round", "rounds")
}

// measuredTracker is a tracker with its summary.
type measuredTracker struct {
	name string
	s    results.TrackerTargetSummary
}

// measuredTrackers leaves out those of which there is no round.
func measuredTrackers(r *results.TrackerRun) (list []measuredTracker) {
	for i := range r.Targets {
		if t := &r.Targets[i]; len(t.Rounds) > 0 {
			list = append(list, measuredTracker{cut(printable(t.Name), 32), t.Summary()})
		}
	}
	return list
}

func trackerAnswers(r *results.TrackerRun) []section {
	list := measuredTrackers(r)
	if len(list) == 0 {
		nothing := section{Answer: "No round was finished.", Short: "–", Rest: "No round was finished."}
		all := []section{nothing, nothing, nothing}
		all[0].Question, all[1].Question, all[2].Question = whoDelivers, howFast, whatCost
		return all
	}
	return []section{deliversAnswer(list), fastAnswer(list), costAnswer(list)}
}

const (
	whoDelivers = "Which delivers?"
	howFast     = "How fast?"
	whatCost    = "What does it cost?"
)

// trackerLost is how much of what was owed did not arrive.
func trackerLost(d results.TrackerDelivery) (lost, expected int64) {
	return d.Offers.Lost + d.Answers.Lost + d.ResponsesLost, d.Offers.Expected + d.Answers.Expected + d.ResponsesExpected
}

func deliversAnswer(list []measuredTracker) section {
	s := section{Question: whoDelivers}
	var whole []string
	var losers []measuredTracker
	var expected int64
	for _, t := range list {
		lost, owed := trackerLost(t.s.Delivery)
		expected += owed
		if lost == 0 && t.s.UnexpectedCloses == 0 {
			whole = append(whole, t.name)
		} else {
			losers = append(losers, t)
		}
	}
	slices.SortStableFunc(losers, func(a, b measuredTracker) int { return cmp.Compare(lostShare(a), lostShare(b)) })
	var parts []string
	switch {
	case len(losers) == 0 && len(list) == 1:
		s.Short, s.Rest = "Everything", fmt.Sprintf("arrived: %s responses, offers and answers were owed.", count(expected))
		s.Answer = s.Short + " " + s.Rest
		return s
	case len(losers) == 0:
		s.Short, s.Rest = "All of them", fmt.Sprintf("lost nothing of %s responses, offers and answers.", count(expected))
		s.Answer = s.Short + " " + s.Rest
		return s
	case len(whole) > 0:
		s.Short = listText(whole)
		parts = append(parts, s.Short+" lost nothing")
	default:
		s.Short = losers[0].name + ", most"
	}
	for _, t := range losers {
		lost, owed := trackerLost(t.s.Delivery)
		text := fmt.Sprintf("%s lost %s (%s of %s)", t.name, percent(lostShare(t)), count(lost), count(owed))
		if t.s.UnexpectedCloses > 0 {
			text += " and closed " + many(t.s.UnexpectedCloses, "connection", "connections")
		}
		parts = append(parts, text)
	}
	s.Answer = few(parts) + "."
	s.Rest = s.Answer
	return s
}

// few joins parts of a sentence; of many it has the first ones, and the table the others.
func few(parts []string) string {
	const most = 4
	if n := len(parts); n > most {
		parts = append(slices.Clone(parts[:most-1]), fmt.Sprintf("%d more in the table", n-most+1))
	}
	return strings.Join(parts, "; ")
}

func lostShare(t measuredTracker) float64 {
	lost, owed := trackerLost(t.s.Delivery)
	return part(float64(lost), float64(owed))
}

// listText is "a", "a and b", "a, b and c".
func listText(names []string) string {
	if n := len(names); n > 4 {
		return strings.Join(names[:3], ", ") + fmt.Sprintf(" and %d more", n-3)
	} else if n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

func fastAnswer(list []measuredTracker) section {
	s := section{Question: howFast}
	list = slices.DeleteFunc(slices.Clone(list), func(t measuredTracker) bool { return t.s.AnnounceToFirstOfferMs.Count == 0 })
	if len(list) == 0 {
		s.Short, s.Rest = "–", "No offer arrived anywhere."
		s.Answer = s.Rest
		return s
	}
	slices.SortStableFunc(list, func(a, b measuredTracker) int {
		return cmp.Compare(a.s.AnnounceToFirstOfferMs.P50, b.s.AnnounceToFirstOfferMs.P50)
	})
	s.Short = exactMs(list[0].s.AnnounceToFirstOfferMs.P50)
	if len(list) > 1 {
		s.Short = list[0].name + ": " + s.Short
	}
	var parts []string
	for _, t := range list {
		q := t.s.AnnounceToFirstOfferMs
		parts = append(parts, fmt.Sprintf("%s %s (99 %% within %s)", t.name, exactMs(q.P50), exactMs(q.P99)))
	}
	s.Rest = "From an announce to its first offer at another viewer, half within: " + few(parts) + "."
	s.Answer = s.Rest
	return s
}

func costAnswer(list []measuredTracker) section {
	s := section{Question: whatCost}
	list = slices.DeleteFunc(slices.Clone(list), func(t measuredTracker) bool {
		return t.s.TrackerCPUUsPerAnnounce == nil || t.s.TrackerCPUUsPerAnnounce.Median <= 0
	})
	if len(list) == 0 {
		s.Short, s.Rest = "Not known", "No tracker's process could be watched."
		s.Answer = s.Rest
		return s
	}
	cpu := func(t measuredTracker) float64 { return t.s.TrackerCPUUsPerAnnounce.Median }
	slices.SortStableFunc(list, func(a, b measuredTracker) int { return cmp.Compare(cpu(a), cpu(b)) })
	first := usText(cpu(list[0]))
	s.Short = first
	if len(list) > 1 {
		s.Short = list[0].name + ": " + first
	}
	parts := []string{fmt.Sprintf("Processor time for an announce, with all that follows from it: %s %s", list[0].name, first)}
	for _, t := range list[1:] {
		parts = append(parts, fmt.Sprintf("%s %s, %s times as much", t.name, usText(cpu(t)), three(cpu(t)/cpu(list[0]))))
	}
	s.Rest = few(parts) + "."
	s.Answer = s.Rest
	return s
}

// usText is processor time.
func usText(us float64) string {
	if us >= 9999.5 {
		return msText(us / 1000)
	}
	return three(us) + " µs"
}

// exactMs is a time with three figures: a millisecond more or less is what trackers differ by.
func exactMs(ms float64) string {
	if ms >= 999.5 {
		return msText(ms)
	}
	return three(ms) + " ms"
}

// trackerTroubles is what a reader must know before any figure: rounds that are not valid, trackers that failed.
func trackerTroubles(r *results.TrackerRun) (list []string) {
	for i := range r.Targets {
		t := &r.Targets[i]
		name := printable(t.Name)
		if t.Error != "" {
			list = append(list, fmt.Sprintf("%s could not be measured to the end: %s", name, printable(t.Error)))
		}
		var invalid, exited, reasons []string
		for _, round := range t.Rounds {
			if !round.Generator.Valid {
				invalid = append(invalid, strconv.Itoa(round.Round))
				reasons = round.Generator.Reasons
			}
			if round.Process != nil && round.Process.ExitedDuringTheRound {
				exited = append(exited, strconv.Itoa(round.Round))
			}
		}
		if len(invalid) > 0 {
			list = append(list, fmt.Sprintf("NOT VALID: with %s the load itself was the bottleneck, and not the tracker, in %s. Round %s: %s",
				name, roundList(invalid), invalid[len(invalid)-1], printable(strings.Join(reasons, " "))))
		}
		if len(exited) > 0 {
			list = append(list, fmt.Sprintf("%s's process ended in %s.", name, roundList(exited)))
		}
	}
	return list
}

func roundList(rounds []string) string {
	if len(rounds) == 1 {
		return "round " + rounds[0]
	}
	return "rounds " + listText(rounds)
}
