package results

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// SettingEffects answer which settings matter. A search looks where it is good, so plain averages over its trials confuse a setting with
// those that came along with it. Hence a surrogate is fitted to the trials' gains, and taken apart over the whole space:
//
// Each dimension's axis, 0 to 1, has Legendre polynomials to the third degree (a choice has contrasts between its values), made
// orthonormal over the axis; each pair of dimensions has the products of their first ones. Ridge regression fits their coefficients,
// wilder terms under a larger penalty (by the square of their degree), with the strength that predicts a trial best from all the others
// (leave one out, in closed form). Because the terms are orthonormal,
// the variance of the surrogate over the space is the sum of the squared coefficients, and a setting's share of it is the sum of its
// own: these are Sobol's indices as polynomial chaos has them (Sudret, "Global sensitivity analysis using polynomial chaos
// expansions", 2008), which is a functional ANOVA. Interactions of three settings, and what a cubic cannot follow, are not seen; and
// settings under which nothing works at all count as merely bad (beyond Tukey's outer fences, three interquartile ranges from the
// quartiles), because two such trials of a hundred would otherwise be all that there is to explain.
type SettingEffects struct {
	Figure string
	Trials int // that could be used
	// Fit is the share of the trials' variance that the surrogate predicts of trials it has not seen; at most 1, and 0 or less if it knows
	// nothing. Below [PoorFit] shares are guesses.
	Fit float64
	// SD is the standard deviation of the gain over the space, in the figure's unit.
	SD           float64
	Main         []MainEffect  // the largest share first
	Interactions []Interaction // the largest share first
}

// PoorFit is where shares are no longer worth reading: less than half of what trials differ by is predicted, as small searches have it.
const PoorFit = 0.5

// MainEffect is what one setting does when all others are averaged over.
type MainEffect struct {
	Dimension int     // in the space
	Share     float64 // of the variance over the space
	Curve     []EffectPoint
	Bins      []EffectBin // what was measured, without the surrogate
}

// EffectPoint is the gain over the defaults at a place on the dimension's axis.
type EffectPoint struct{ Position, Gain float64 }

// EffectBin is the mean gain of the trials in a part of the axis.
type EffectBin struct {
	Position float64
	Spread   Spread
}

// Interaction is what two settings do together that neither does alone.
type Interaction struct {
	A, B  int // in the space
	Share float64
	// Low and High are what B's way from one end to the other changes with A at its lower and its upper end.
	Low, High float64
}

// EffectsOf takes the trials apart for one objective; nil if there are too few trials to say anything.
func (t *Tuning) EffectsOf(objective Objective) *SettingEffects {
	at, gains := t.positions(objective)
	fenced(gains)
	terms := termsOf(t.Space)
	// Fewer than that many trials leave the ridge alone with its penalty.
	if least := 2*len(t.Space) + 4; len(gains) < least || len(t.Space) == 0 || stat.StdDev(gains, nil) == 0 {
		return nil
	}
	x := mat.NewDense(len(gains), len(terms), nil)
	for i := range at {
		for j, term := range terms {
			x.Set(i, j, term.at(t.Space, at[i]))
		}
	}
	mean := stat.Mean(gains, nil)
	coefficients, intercept, fit := ridge(x, gains, mean, terms)
	e := &SettingEffects{Figure: objective.Figure, Trials: len(gains), Fit: fit}
	var variance float64
	for _, c := range coefficients {
		variance += c * c
	}
	e.SD = math.Sqrt(variance)
	of := func(a, b int) (sum float64) {
		for j, term := range terms {
			if term.a == a && term.b == b {
				sum += coefficients[j] * coefficients[j]
			}
		}
		return sum / max(variance, math.SmallestNonzeroFloat64)
	}
	for d := range t.Space {
		m := MainEffect{Dimension: d, Share: of(d, none), Bins: binsOf(t.Space[d], d, at, gains, objective.Figure)}
		for _, p := range curvePositions(t.Space[d]) {
			m.Curve = append(m.Curve, EffectPoint{p, intercept + predict(t.Space, terms, coefficients, map[int]float64{d: p})})
		}
		e.Main = append(e.Main, m)
		for other := d + 1; other < len(t.Space); other++ {
			alone := func(a, b float64) float64 {
				return predict(t.Space, terms, coefficients, map[int]float64{d: a, other: b})
			}
			e.Interactions = append(e.Interactions, Interaction{
				A: d, B: other, Share: of(d, other), Low: alone(0, 1) - alone(0, 0), High: alone(1, 1) - alone(1, 0),
			})
		}
	}
	slices.SortStableFunc(e.Main, func(a, b MainEffect) int { return cmp.Compare(b.Share, a.Share) })
	slices.SortStableFunc(e.Interactions, func(a, b Interaction) int { return cmp.Compare(b.Share, a.Share) })
	return e
}

// positions are the places of all usable trials in the space, and their gains in the figure's own sign.
func (t *Tuning) positions(objective Objective) (at [][]float64, gains []float64) {
	for _, trial := range t.Trials {
		i := slices.IndexFunc(trial.Gains, func(g Gain) bool { return g.Figure == objective.Figure })
		if i < 0 || math.IsNaN(trial.Gains[i].Diff) || math.IsInf(trial.Gains[i].Diff, 0) {
			continue
		}
		if place, ok := t.Place(trial); ok {
			at, gains = append(at, place), append(gains, trial.Gains[i].Diff)
		}
	}
	return at, gains
}

// Place is where a trial lies in the space, each dimension from 0 to 1; a field that it leaves alone is where the defaults are. What
// lies beyond an end is at the end, and what is on no axis at its beginning; then inside is false.
func (t *Tuning) Place(trial Trial) (place []float64, inside bool) {
	place, inside = make([]float64, len(t.Space)), true
	for d, dimension := range t.Space {
		value := dimension.Default
		for _, s := range trial.Settings {
			if s.Path == dimension.Path {
				value = s.Value
			}
		}
		p, ok := dimension.Position(value)
		const rounding = 1e-6 // values are written with few digits
		inside = inside && ok && p >= -rounding && p <= 1+rounding
		place[d] = min(1, max(0, p))
	}
	return place, inside
}

// fenced brings what is far out to the outer fences.
func fenced(gains []float64) {
	sorted := slices.Sorted(slices.Values(gains))
	if len(sorted) == 0 {
		return
	}
	low, high := stat.Quantile(0.25, stat.Empirical, sorted, nil), stat.Quantile(0.75, stat.Empirical, sorted, nil)
	for i, g := range gains {
		gains[i] = min(high+3*(high-low), max(low-3*(high-low), g))
	}
}

// none is in the place of a second dimension.
const none = -1

// effectTerm is one function of the surrogate: of dimension a, or of a and b.
type effectTerm struct {
	a, degree int
	b, second int // b is none for a term of one dimension
	order     int // how wild it is: its degree; of a choice's contrasts 1
}

const highestDegree = 3

// degrees is how many functions a dimension has.
func (d Dimension) degrees() int {
	if d.Kind == ChoiceDimension {
		return max(len(d.Choices)-1, 0)
	}
	return highestDegree
}

func termsOf(space []Dimension) (terms []effectTerm) {
	for a := range space {
		for n := 1; n <= space[a].degrees(); n++ {
			order := n
			if space[a].Kind == ChoiceDimension {
				order = 1
			}
			terms = append(terms, effectTerm{a, n, none, 0, order})
		}
	}
	first := func(d Dimension) int { // of products: straight lines, and all contrasts
		if d.Kind == ChoiceDimension {
			return d.degrees()
		}
		return 1
	}
	for a := range space {
		for b := a + 1; b < len(space); b++ {
			for n := 1; n <= first(space[a]); n++ {
				for m := 1; m <= first(space[b]); m++ {
					terms = append(terms, effectTerm{a, n, b, m, 2})
				}
			}
		}
	}
	return terms
}

func (t effectTerm) at(space []Dimension, place []float64) float64 {
	y := orthonormal(space[t.a], t.degree, place[t.a])
	if t.b != none {
		y *= orthonormal(space[t.b], t.second, place[t.b])
	}
	return y
}

// orthonormal is the n-th function of a dimension: mean 0 and mean square 1 over its axis, and no two of them alike.
func orthonormal(d Dimension, n int, p float64) float64 {
	if d.Kind == ChoiceDimension {
		// Helmert's contrasts: the n-th value against those before it, each value equally likely.
		k := float64(len(d.Choices))
		i := int(math.Round(p * max(k-1, 1)))
		size := math.Sqrt(float64(n*(n+1)) / k)
		switch {
		case i < n:
			return -1 / size
		case i == n:
			return float64(n) / size
		}
		return 0
	}
	u := 2*p - 1
	switch n {
	case 1:
		return math.Sqrt(3) * u
	case 2:
		return math.Sqrt(5) * (3*u*u - 1) / 2
	default:
		return math.Sqrt(7) * (5*u*u*u - 3*u) / 2
	}
}

// predict is the surrogate's gain, less its mean, where only some dimensions are set and all others are averaged over.
func predict(space []Dimension, terms []effectTerm, coefficients []float64, at map[int]float64) (sum float64) {
	for j, term := range terms {
		p, ok := at[term.a]
		y := 0.0
		if ok {
			y = coefficients[j] * orthonormal(space[term.a], term.degree, p)
		}
		if term.b != none {
			q, both := at[term.b]
			if !both {
				continue // its mean over b is nothing
			}
			y *= orthonormal(space[term.b], term.second, q)
		}
		sum += y
	}
	return sum
}

// ridge fits y = intercept + x·coefficients, with the penalty that leaves out best: the residual of a trial that was left out is its
// residual divided by 1 - its leverage, so no fit has to be done twice.
func ridge(x *mat.Dense, y []float64, mean float64, terms []effectTerm) (coefficients []float64, intercept, fit float64) {
	n, k := x.Dims()
	// The intercept is a column that is not penalised.
	full := mat.NewDense(n, k+1, nil)
	for i := range n {
		full.Set(i, 0, 1)
		for j := range k {
			full.Set(i, j+1, x.At(i, j))
		}
	}
	var gram mat.Dense
	gram.Mul(full.T(), full)
	var total float64
	for _, v := range y {
		total += (v - mean) * (v - mean)
	}
	best := math.Inf(1)
	for _, penalty := range []float64{0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300} {
		g := mat.NewSymDense(k+1, nil)
		for i := range k + 1 {
			for j := i; j < k+1; j++ {
				g.SetSym(i, j, gram.At(i, j))
			}
			if i > 0 {
				degree := float64(terms[i-1].order)
				g.SetSym(i, i, gram.At(i, i)+penalty*degree*degree)
			}
		}
		var chol mat.Cholesky
		if !chol.Factorize(g) {
			continue
		}
		var right, solution mat.VecDense
		right.MulVec(full.T(), mat.NewVecDense(n, y))
		if chol.SolveVecTo(&solution, &right) != nil {
			continue
		}
		left := leftOut(full, &chol, &solution, y)
		if left < best {
			best, intercept = left, solution.AtVec(0)
			coefficients = slices.Clone(solution.RawVector().Data[1:])
		}
	}
	if coefficients == nil { // no penalty could be solved: figures beyond all measure
		return make([]float64, k), mean, 0
	}
	return coefficients, intercept, 1 - best/total
}

// leftOut is the sum of squares of what each trial would be mistaken by if the fit had not seen it.
func leftOut(full *mat.Dense, chol *mat.Cholesky, solution *mat.VecDense, y []float64) (sum float64) {
	for i := range y {
		row := mat.VecDenseCopyOf(full.RowView(i))
		var solved mat.VecDense
		if chol.SolveVecTo(&solved, row) != nil {
			return math.Inf(1)
		}
		leverage := mat.Dot(row, &solved)
		residual := (y[i] - mat.Dot(row, solution)) / max(1e-9, 1-leverage)
		sum += residual * residual
	}
	return sum
}

// effectBins is how many parts an axis has.
const effectBins = 6

// curvePositions are where a curve is drawn: everywhere, or at the choices.
func curvePositions(d Dimension) []float64 {
	n := 41
	if d.Kind == ChoiceDimension {
		n = len(d.Choices)
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(i) / float64(max(n-1, 1))
	}
	return out
}

func binsOf(d Dimension, index int, at [][]float64, gains []float64, figure string) (out []EffectBin) {
	n := effectBins
	if d.Kind == ChoiceDimension {
		n = len(d.Choices)
	}
	values := make([][]float64, n)
	where := make([]float64, n)
	for i, place := range at {
		bin := min(n-1, int(place[index]*float64(n)))
		values[bin] = append(values[bin], gains[i])
		where[bin] += place[index]
	}
	for i, v := range values {
		if len(v) > 0 {
			out = append(out, EffectBin{where[i] / float64(len(v)), spreadOf(figure, v)})
		}
	}
	return out
}
