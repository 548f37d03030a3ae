package report

import "swarmlab/results"

// The origin being full is worth a word, and is what limits a swarm, for such shares of the time.
const (
	notable = 0.05
	most    = 0.5
)

// fullFrom is the share of a line that segments take when it is full: headers, playlists and the gaps of congestion control take the rest.
const fullFrom = 0.85

// blameOrigin says so if the origin was full for much of the time. Whatever else limits a swarm is then what came of that: who waits for the
// origin has nothing to give to others.
func (sec *section) blameOrigin(runs []*results.Result) {
	full := originFull(runs...)
	if full < notable {
		return
	}
	note := "of the time it sent all that its line takes, " + three(float64(runs[0].Run.OriginBitsPerSecond)/1e6) + " Mbit/s"
	sec.Facts = append(sec.Facts, fact{"the origin was full", percent(full), note, full, -1})
	if full >= most {
		sec.Short, sec.Rest = "The origin", percent(full)+" "+note+"."
		sec.Answer = "The origin was full: " + sec.Rest
	}
}

// fullHelp says what comes of a full origin, and what moves it.
const fullHelp = "Who waits for the origin has nothing to give to others. It has to be large enough for the arrival (origin.link), or the arrival slower; " +
	"a longer playlist helps a live stream, and so do segments that browsers may keep (origin.cacheable)."

// originFull is for how much of the time that somebody watched the origin sent as much as its line takes, in all the runs.
func originFull(runs ...*results.Result) float64 {
	var watched, full float64
	for _, r := range runs {
		line := float64(r.Run.OriginBitsPerSecond)
		for _, t := range r.Timeline {
			if t.Viewers == 0 {
				continue
			}
			watched++
			if line > 0 && float64(t.OriginBytes)*8 >= fullFrom*line {
				full++
			}
		}
	}
	return part(full, watched)
}
