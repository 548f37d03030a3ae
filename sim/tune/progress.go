package tune

import (
	"fmt"
	"time"
)

// Progress is how far a tuning is.
type Progress struct {
	Stage string        // search, simplify, confirm, robustness
	Text  string        // what a person wants to know meanwhile
	Share float64       // of the work, 0 to 1
	Left  time.Duration // wall time to go, as estimated; 0: not known yet
}

// The stages, in their order.
const (
	stageSearch     = "search"
	stageSimplify   = "simplify"
	stageConfirm    = "confirm"
	stageRobustness = "robustness"
)

// work is a number of runs by tier.
type work struct{ flows, packets float64 }

// progress follows a tuning. It is told from one goroutine.
type progress struct {
	show     func(Progress) // nil: nobody looks
	parallel int
	stage    string
	planned  map[string]work
	done     work           // in this stage, by this command
	wall     map[string]sum // of this command's runs, by tier
	all      work           // by this command
	trials   string
	found    string
}

type sum struct{ seconds, runs float64 }

// runsPerTrial: what one trial costs with the racing of the others.
const runsPerTrial = 1.8

func newProgress(p *Plan, parallel int, show func(Progress)) *progress {
	flows, packets := p.afterSearch()
	confirms := float64((p.Confirm + 1) * p.ConfirmSeeds)
	robust := 0.0
	if p.confirms() {
		robust = float64(2 * robustSeeds * len(p.perturbations()))
	}
	return &progress{show: show, parallel: parallel, wall: map[string]sum{}, planned: map[string]work{
		stageSearch:     {flows: float64(p.Trials) * runsPerTrial},
		stageSimplify:   {flows: max(0, float64(flows)-confirms-robust)},
		stageConfirm:    {flows: confirms, packets: float64(packets)},
		stageRobustness: {flows: robust},
	}}
}

func (p *progress) enter(stage string) { p.stage, p.done = stage, work{} }

// ended is told of every run that this command made.
func (p *progress) ended(o outcome) {
	w := p.wall[o.Tier]
	p.wall[o.Tier] = sum{w.seconds + o.WallSeconds, w.runs + 1}
	if o.Tier == packet {
		p.done.packets++
		p.all.packets++
	} else {
		p.done.flows++
		p.all.flows++
	}
	p.tell()
}

// searched is told how many trials there are, those of earlier commands included.
func (p *progress) searched(tried, of int) {
	p.trials = fmt.Sprintf("%d of %d trials", tried, of)
	p.planned[stageSearch] = work{flows: float64(max(of-tried, 0)) * runsPerTrial}
	p.done = work{}
	p.tell()
}

// best is told what the search has found.
func (p *progress) best(s *standing, figure string) {
	p.found = ""
	if s != nil && len(s.goods) > 0 {
		p.found = fmt.Sprintf(", best so far: trial %d, %s better by %.4g", s.trial.number, figure, s.goods[0])
	}
}

func (p *progress) tell() {
	if p.show == nil {
		return
	}
	var left work
	passed := false
	for _, stage := range []string{stageSearch, stageSimplify, stageConfirm, stageRobustness} {
		switch planned := p.planned[stage]; {
		case stage == p.stage:
			passed = true
			left = work{max(0, planned.flows-p.done.flows), max(0, planned.packets-p.done.packets)}
		case passed:
			left = work{left.flows + planned.flows, left.packets + planned.packets}
		}
	}
	seconds := p.seconds(left) / float64(p.parallel)
	done := p.seconds(p.all) / float64(p.parallel)
	now := Progress{Stage: p.stage, Left: time.Duration(seconds * float64(time.Second)).Round(time.Second)}
	if done+seconds > 0 {
		now.Share = done / (done + seconds)
	}
	now.Text = p.stage
	switch {
	case p.stage == stageSearch && p.trials == "":
		now.Text += ": the defaults"
	case p.stage == stageSearch:
		now.Text += ": " + p.trials + p.found
	default:
		now.Text += fmt.Sprintf(": %.0f runs done", p.done.flows+p.done.packets)
	}
	p.show(now)
}

// seconds of wall time on one core. A packet run, before one has ended, is taken for as dear as fifty of the flow tier.
func (p *progress) seconds(w work) float64 {
	f, k := p.wall[flow], p.wall[packet]
	flowCost, packetCost := f.seconds/max(f.runs, 1), k.seconds/max(k.runs, 1)
	if k.runs == 0 {
		packetCost = 50 * flowCost
	}
	return w.flows*flowCost + w.packets*packetCost
}
