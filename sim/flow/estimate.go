package flow

import (
	"math"
	"slices"
	"time"

	"swarmlab/scenarios"
)

// Estimate is what a run is going to need of the machine.
type Estimate struct {
	Viewers     int   // at a time, at most
	Connections int64 // likewise
	MemoryBytes int64 // resident
	CPU         time.Duration
}

// What a run costs, fitted to runs of the preset live with 300 to 3,000 viewers at announce intervals of 40 and 120 s, for two minutes to an
// hour, all within a factor of two, as
//
//	GOMAXPROCS=1 swarmlab run live --tier flow --peers 1000 --set tracker.interval=40s
//
// reports them (maxRSSBytes and cpuSeconds of result.json). Memory is that of a process whose garbage collector is set as the command
// sets it (sim.TuneMemory): what a run throws away stays until there is four times as much of it as is alive, of which some is only said to be;
// 200 viewers take 60 MB in two minutes and 520 in an hour. A crowd's (see collector) is fitted to 10,000 viewers for ten minutes and 100,000 for
// two. CPU time grows faster than the audience once that does not fit into the processor's cache: perDoublingCPU of each doubling beyond cached viewers, fitted to 1,000, 10,000 and
// 100,000 for two minutes and ten.
const (
	memoryBase       = 35 << 20 // of a process that has drawn a report
	memoryViewer     = 26 << 10
	memoryConnection = 1600
	memoryRecord     = 10 << 10 // of a viewer that has left
	memoryGarbage    = 900      // for each second that a viewer is there

	collectedAt = 5        // times what is alive
	saidAlive   = 64 << 20 // and takes no memory

	memoryBaseInCrowd       = 60 << 20
	memoryInCrowd           = 28 << 10
	memoryConnectionInCrowd = 6000

	cpuBase        = 300 * time.Millisecond
	cpuJoin        = time.Millisecond
	cpuViewer      = 6 * time.Microsecond  // for each second that it is there
	cpuConnection  = 350 * time.Nanosecond // likewise, both ends
	cached         = 300
	perDoublingCPU = 0.2
)

// offersPerAnnounce is how many connections the library offers with each announce.
const offersPerAnnounce = 5

// EstimateOf says what a scenario is going to need. It looks at who comes and how long they stay: each announce of a viewer offers
// connections, of which all that can be made are.
func EstimateOf(s *scenarios.Scenario) Estimate {
	audience := scenarios.Audience(s, s.Run.Seed)
	present := presence(s, audience)
	e := Estimate{Viewers: present.peak}
	announces := 1 + math.Floor(present.meanStay/s.Tracker.Interval.Std().Seconds())
	offers := math.Min(offersPerAnnounce, float64(s.Tracker.MaxOffers)) * announces
	if e.Viewers > 0 {
		e.Connections = int64(float64(e.Viewers) * math.Min(offers, float64(e.Viewers-1)/2))
	}
	perViewer := float64(e.Connections) / math.Max(float64(e.Viewers), 1)
	e.MemoryBytes = memoryOf(e, int64(len(audience)), present.viewerSeconds)
	perSecond := (float64(cpuViewer) + float64(perViewer*float64(cpuConnection))) *
		(1 + float64(perDoublingCPU*math.Max(0, math.Log2(float64(e.Viewers)/cached))))
	e.CPU = cpuBase + time.Duration(len(audience))*cpuJoin + time.Duration(perSecond*present.viewerSeconds)
	return e
}

// memoryOf is what so many hold, of whom some may have left.
func memoryOf(e Estimate, all int64, viewerSeconds float64) int64 {
	if all >= crowdOfViewers {
		return memoryBaseInCrowd + all*memoryRecord + int64(e.Viewers)*memoryInCrowd + e.Connections*memoryConnectionInCrowd
	}
	alive := all*memoryRecord + int64(e.Viewers)*memoryViewer + e.Connections*memoryConnection
	return memoryBase + min(alive+int64(viewerSeconds*memoryGarbage), collectedAt*(saidAlive+alive)-saidAlive)
}

// attendance is how many are there, and for how long.
type attendance struct {
	peak                    int
	viewerSeconds, meanStay float64
}

func presence(s *scenarios.Scenario, audience []scenarios.Viewer) (a attendance) {
	type step struct {
		at     time.Duration
		change int
	}
	var steps []step
	end := s.Run.Duration.Std()
	for _, v := range audience {
		left := end
		if v.LeaveAt > 0 {
			left = min(end, v.LeaveAt)
		}
		if v.JoinAt >= left {
			continue
		}
		steps = append(steps, step{v.JoinAt, 1}, step{left, -1})
		a.viewerSeconds += (left - v.JoinAt).Seconds()
	}
	slices.SortFunc(steps, func(x, y step) int {
		if x.at != y.at {
			return int(max(-1, min(1, x.at-y.at)))
		}
		return x.change - y.change
	})
	there := 0
	for _, x := range steps {
		there += x.change
		a.peak = max(a.peak, there)
	}
	a.meanStay = a.viewerSeconds / math.Max(float64(len(steps)/2), 1)
	return a
}
