package scenarios

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"

	"swarmlab/netem"
)

// Viewer is one peer of the audience: who, from where, when, how long.
type Viewer struct {
	Index    int    // 0 ... count-1
	Name     string // group and number, such as home-007
	Group    string
	Link     netem.Link // resolved
	LinkName string     // the preset's name, or custom
	NAT      string
	Region   string
	Upload   bool
	JoinAt   time.Duration // since the run began
	LeaveAt  time.Duration // 0 = stays to the end of the run
	Clean    bool          // how it leaves, if it does: closing its connections, or just vanishing
	Seed     uint64        // of its own random stream
}

// Audience turns a resolved scenario's peers into viewers. It is pure, and a viewer depends on the seed, its name and the
// scenario only: one viewer more leaves those before it as they were (but for ramps, whose spacing is their number's).
func Audience(s *Scenario, seed uint64) []Viewer {
	groups := s.Peers.Groups
	of := assign(groups, s.Peers.Count)
	inGroup := make([]int, len(groups))
	links := make([]netem.Link, len(groups))
	early := make([]quota, len(groups))
	for i, g := range groups {
		links[i], _ = g.Link.Resolve() // checked when the scenario was resolved
		early[i] = quota{share: value(s.Peers.Arrival.Before, 0), phase: stream(seed, g.Name, "before").Float64()}
	}
	viewers := make([]Viewer, s.Peers.Count)
	for i := range viewers {
		g := &groups[of[i]]
		k := inGroup[of[i]]
		inGroup[of[i]]++
		name := fmt.Sprintf("%s-%03d", g.Name, k)
		v := Viewer{
			Index: i, Name: name, Group: g.Name, Link: links[of[i]], LinkName: linkName(g.Link),
			NAT: g.NAT, Region: g.Region, Upload: value(g.Upload, true), Seed: derive(seed, name, "viewer"),
		}
		v.JoinAt = s.Peers.Arrival.time(i, s.Peers.Count, early[of[i]].has(k), stream(seed, name, "arrival"))
		if stay := s.Peers.Session.stay(stream(seed, name, "session")); stay > 0 && v.JoinAt < s.Run.Duration.Std()-stay {
			v.LeaveAt = v.JoinAt + stay
		}
		v.Clean = stream(seed, name, "leave").Float64() < value(s.Peers.Leave.Clean, 0)
		viewers[i] = v
	}
	return viewers
}

func linkName(l Link) string {
	if l.IsPreset() {
		return l.Preset
	}
	return "custom"
}

func value[T any](p *T, def T) T {
	if p == nil {
		return def
	}
	return *p
}

// derive makes the seed of one purpose of one viewer. Purposes have streams of their own, so that another kind of session
// does not change when people arrive.
func derive(seed uint64, name, purpose string) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d\x00%s\x00%s", seed, name, purpose) // a hash takes whatever it is given
	// FNV's last letters reach few bits: finish as SplitMix64 does.
	x := h.Sum64()
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func stream(seed uint64, name, purpose string) *rand.Rand {
	return rand.New(rand.NewPCG(seed, derive(seed, name, purpose)))
}

// assign gives each of n viewers a group, so that after every viewer each group has its share within less than one, in an order
// that does not depend on n. That is Tijdeman's chairman assignment (Discrete Mathematics 32, 1980): of the groups that may
// be served without getting ahead too far, serve the one that must be served soonest. (Dealing shares out at the end, by largest
// remainder, would move viewers between groups when one is added; always serving the largest deficit lets small
// groups fall behind by more than one.)
func assign(groups []Group, n int) []int {
	sum := 0.0
	for _, g := range groups {
		sum += g.Share
	}
	lag := 1 / float64(2*len(groups)-2) // +Inf for one group, which is served always
	served := make([]float64, len(groups))
	of := make([]int, n)
	for i := range of {
		best, soonest := -1, math.Inf(1)
		for j, g := range groups {
			share := g.Share / sum
			due := float64(share*float64(i+1)) - served[j]
			if len(groups) > 1 && due < lag-1e-9 {
				continue
			}
			if deadline := (1 - lag - due) / share; best < 0 || deadline < soonest-1e-9 {
				best, soonest = j, deadline
			}
		}
		of[i] = max(best, 0)
		served[of[i]]++
	}
	return of
}

// quota picks a share of a group's viewers, spread evenly over it. The phase is random, so that small groups get their share
// on average, and groups dealt in turn do not beat with it.
type quota struct{ share, phase float64 }

func (q quota) has(k int) bool {
	return math.Floor(float64(float64(k+1)*q.share)+q.phase) > math.Floor(float64(float64(k)*q.share)+q.phase)
}

// time is when viewer i of n comes; early says whether it is there before a flash crowd.
func (a Arrival) time(i, n int, early bool, rng *rand.Rand) time.Duration {
	at, over := a.At.Std(), float64(a.Over)
	u := rng.Float64() // in [0, 1)
	late := time.Duration(u * float64(a.Jitter))
	switch a.Kind {
	case Stagger:
		return at + time.Duration(i)*a.Gap.Std() + late
	case Ramp:
		return at + time.Duration(over*float64(i)/float64(max(n-1, 1))) + late
	case Poisson:
		// A Poisson process of which one knows that it had n arrivals is n independent uniform ones.
		return at + time.Duration(u*over)
	case Flash:
		if early {
			return time.Duration(u * float64(a.At))
		}
		return at + time.Duration(u*over)
	case Trace:
		return at + a.Times[i].Std() + late
	}
	return at + late
}

// stay is how long a viewer stays; 0 = to the end.
func (s Session) stay(rng *rand.Rand) time.Duration {
	var seconds float64
	switch s.Kind {
	case Exponential:
		seconds = rng.ExpFloat64() * s.Mean.Std().Seconds()
	case LogNormal:
		seconds = math.Exp(rng.NormFloat64()*s.Sigma) * s.Median.Std().Seconds()
	default:
		return 0
	}
	const longest = 1000 * time.Hour // longer than any run, and far from overflow
	// Whole milliseconds, so that the last bit of one processor's Exp does not change a run.
	return max(time.Millisecond, time.Duration(min(seconds, longest.Seconds())*1000)*time.Millisecond)
}
