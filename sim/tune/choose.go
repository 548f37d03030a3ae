package tune

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distmv"
	"gonum.org/v1/gonum/stat/distuv"
	"gonum.org/v1/gonum/stat/samplemv"

	"swarmlab/results"
)

// candidates are how many places are weighed for each trial: at random, and around the best known.
const (
	randomCandidates = 400
	nearCandidates   = 25 // around each of the best
	nearBest         = 6
	// mostLearnt bounds what the model learns from: its time grows with the cube. The best and the newest trials stay.
	mostLearnt = 220
)

// chooser says what to try next. What it says depends on the seed, on the trials and on nothing else.
type chooser struct {
	space Space
	seed  uint64
	tried map[string]bool // by key of settings

	objective *process // the last ones, to go on from
	margins   []*process
}

// evidence is what the model may learn from a trial.
type evidence struct {
	settings []results.Setting
	seeds    int
	// goods are the objectives' gains over the defaults, more is better; margins how far inside each constraint's limit it is.
	goods, margins []float64
	failed         bool
}

// filling is how many trials fill the space before a model is asked.
func (c *chooser) filling() int {
	n := len(c.space.Dimensions)
	return (3*n + batchSize - 1) / batchSize * batchSize
}

// fill is the space-filling trial of a number from 0.
func (c *chooser) fill(number int) []results.Setting {
	dims := len(c.space.Dimensions)
	all := mat.NewDense(number+1, dims, nil)
	source := rand.NewPCG(c.seed, 0x68616c746f6e)
	samplemv.Halton{Kind: samplemv.Owen, Q: distmv.NewUnitUniform(dims, nil), Src: source}.Sample(all)
	return c.space.settings(all.RawRowView(number))
}

// chance is a random stream of its own for each trial, so that what one draws moves no other.
func (c *chooser) chance(number int) *rand.Rand {
	return rand.New(rand.NewPCG(c.seed, 0x74756e65<<32|uint64(number)))
}

// batch chooses trials number to number+n-1. Fewer come back if the space has no more.
func (c *chooser) batch(number, n int, known []evidence) [][]results.Setting {
	var out [][]results.Setting
	for len(out) < n && number+len(out) < c.filling() {
		settings := c.fill(number + len(out))
		if c.tried[key(settings)] { // few whole numbers and choices: the sequence repeats itself
			settings = c.anything(number + len(out))
		}
		if settings == nil {
			return out
		}
		c.tried[key(settings)] = true
		out = append(out, settings)
	}
	if len(out) < n {
		out = append(out, c.ask(number+len(out), n-len(out), known)...)
	}
	return out
}

// anything untried; nil if there is nothing.
func (c *chooser) anything(number int) []results.Setting {
	rng := c.chance(number)
	for range 2000 {
		p := make(point, len(c.space.Dimensions))
		for i := range p {
			p[i] = rng.Float64()
		}
		if s := c.space.settings(p); !c.tried[key(s)] {
			return s
		}
	}
	return nil
}

// ask asks the model.
func (c *chooser) ask(number, n int, known []evidence) [][]results.Setting {
	known = learnt(known)
	if len(known) < 2 {
		var out [][]results.Setting
		for i := range n {
			if s := c.anything(number + i); s != nil {
				c.tried[key(s)] = true
				out = append(out, s)
			}
		}
		return out
	}
	m := c.model(known, c.chance(number), true)
	var out [][]results.Setting
	for i := range n {
		rng := c.chance(number + i)
		if i > 0 && len(known[0].goods) > 1 { // other weights, other model
			m = c.model(known, rng, false)
			for _, s := range out {
				m.suppose(c.space.features(s))
			}
		}
		settings := c.most(m, known, rng)
		if settings == nil {
			return out
		}
		c.tried[key(settings)] = true
		out = append(out, settings)
		m.suppose(c.space.features(settings))
	}
	return out
}

// learnt are the trials to learn from: those with the most seeds and gains, and the newest.
func learnt(known []evidence) []evidence {
	if len(known) <= mostLearnt {
		return known
	}
	order := make([]int, len(known))
	for i := range order {
		order[i] = i
	}
	rank := func(i int) float64 {
		switch {
		case known[i].failed:
			return math.Inf(-1)
		case i >= len(known)-mostLearnt/3:
			return math.Inf(1)
		}
		return known[i].goods[0] + 1e-3*float64(known[i].seeds)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch x, y := rank(a), rank(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	order = order[:mostLearnt]
	slices.Sort(order)
	out := make([]evidence, len(order))
	for i, k := range order {
		out[i] = known[k]
	}
	return out
}

// most is the candidate that promises most; nil if all have been tried.
func (c *chooser) most(m *model, known []evidence, rng *rand.Rand) []results.Setting {
	var best []results.Setting
	promise := math.Inf(-1)
	weigh := func(p point) {
		settings := c.space.settings(p)
		if c.tried[key(settings)] {
			return
		}
		if x := m.promise(c.space.features(settings)); x > promise {
			best, promise = settings, x
		}
	}
	dims := len(c.space.Dimensions)
	for range randomCandidates {
		p := make(point, dims)
		for i := range p {
			p[i] = rng.Float64()
		}
		weigh(p)
	}
	for _, i := range m.best(nearBest) {
		for k := range nearCandidates {
			weigh(c.near(known[i].settings, 0.2/float64(1+k%5*2), rng))
		}
	}
	if best == nil {
		return c.anything(int(rng.Uint32()))
	}
	return best
}

// near is a place around settings: some coordinates move by about width, and a choice may become another one.
func (c *chooser) near(settings []results.Setting, width float64, rng *rand.Rand) point {
	p := make(point, len(c.space.Dimensions))
	for i, d := range c.space.Dimensions {
		value := d.Default
		if k := slices.IndexFunc(settings, func(s results.Setting) bool { return s.Path == d.Path }); k >= 0 {
			value = settings[k].Value
		}
		at, ok := d.Position(value)
		if !ok {
			at = rng.Float64()
		}
		n, far := steps(d), width
		if n > 0 { // from the middle of its cell, into the next one or so
			at, far = (math.Round(at*float64(n-1))+0.5)/float64(n), max(width, 0.6/float64(n))
		}
		switch {
		case rng.Float64() < 0.4: // stays
		case n > 0 && rng.Float64() < 0.3:
			at = rng.Float64()
		default:
			at += rng.NormFloat64() * far
		}
		p[i] = min(max(at, 0), 1)
	}
	return p
}

// steps are the values of a dimension that has few; 0: it is a line.
func steps(d results.Dimension) int {
	switch d.Kind {
	case results.ChoiceDimension:
		return len(d.Choices)
	case results.IntDimension:
		return int(d.To-d.From) + 1
	}
	return 0
}

var normal = distuv.Normal{Mu: 0, Sigma: 1}
