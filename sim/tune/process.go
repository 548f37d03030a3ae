package tune

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
	"gonum.org/v1/gonum/stat"
)

// process is a Gaussian process: what is believed of a figure all over the space, given what was measured at some points of it. Its
// kernel is Matérn's with smoothness 5/2 and a length scale for each feature (Rasmussen and Williams 2006, chapters 4 and 5); a
// simulation's figures are smoother than Brownian motion and less smooth than the squared exponential believes. Values are worked on
// standardised, amplitude in closed form, length scales and noise by maximum a posteriori.
type process struct {
	x           [][]float64
	seeds       []float64 // behind each value: the noise of a mean over n seeds is the n-th part
	mean, scale float64   // of the values as given
	z           []float64 // standardised
	logs        []float64 // logarithms of the length scales, then of the noise's share of the amplitude
	chol        mat.Cholesky
	weights     *mat.VecDense // K^-1 z
	inverse     *mat.SymDense // K^-1, made when it is first asked for
	amplitude   float64       // variance of the process, standardised
	constant    bool          // nothing varies, so nothing can be learnt
}

// The priors, on logarithms: a figure changes over about a third of a range, and seeds matter less than settings do.
const (
	priorLength, priorLengthSD = -1.1, 1.0
	priorNoise, priorNoiseSD   = -4.6, 2.0
	leastNoise                 = 1e-6
	// Evaluations for each number that is fitted, from nothing and from an earlier fit.
	coldEvaluations, warmEvaluations = 30, 8
)

// fit makes a process of at least two values. start are the logs of an earlier fit, to go on from; nil: none. Without refit they are taken
// as they are.
func fit(x [][]float64, y, seeds, start []float64, refit bool) *process {
	p := &process{x: x, seeds: seeds, mean: stat.Mean(y, nil), scale: stat.StdDev(y, nil)}
	if p.scale <= 1e-12*(1+math.Abs(p.mean)) || len(y) < 2 {
		p.constant, p.scale = true, 0
		return p
	}
	p.z = make([]float64, len(y))
	for i := range y {
		p.z[i] = (y[i] - p.mean) / p.scale
	}
	p.logs = slices.Clone(start)
	evaluations := warmEvaluations
	if p.logs == nil {
		evaluations = coldEvaluations
		p.logs = make([]float64, len(x[0])+1)
		for i := range p.logs {
			p.logs[i] = priorLength
		}
		p.logs[len(x[0])] = priorNoise
	}
	if refit {
		p.search(evaluations * len(p.logs))
	}
	if math.IsInf(p.loss(p.logs), 1) { // numbers so close that they cannot be told apart: believe in more noise
		p.logs[len(p.logs)-1] = 0
		if math.IsInf(p.loss(p.logs), 1) {
			p.constant = true
		}
	}
	return p
}

// search looks for the most plausible length scales and noise, by gonum's Nelder and Mead: a derivative is not worth its code for a handful
// of evaluations.
func (p *process) search(evaluations int) {
	problem := optimize.Problem{Func: p.loss}
	settings := &optimize.Settings{FuncEvaluations: evaluations}
	found, err := optimize.Minimize(problem, p.logs, settings, &optimize.NelderMead{SimplexSize: 0.5})
	if found != nil && (err == nil || found.F <= p.loss(p.logs)) && !math.IsInf(found.F, 0) {
		p.logs = slices.Clone(found.X)
	}
}

// loss is minus the logarithm of how plausible the logs are, and leaves the process as they make it; +Inf if they make none.
func (p *process) loss(logs []float64) float64 {
	n := len(p.z)
	lengths, noise := p.read(logs)
	k := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i {
			k.SetSym(i, j, matern(p.x[i], p.x[j], lengths))
		}
		k.SetSym(i, i, 1+noise/p.seeds[i]+leastNoise)
	}
	if !p.chol.Factorize(k) {
		return math.Inf(1)
	}
	p.weights = mat.NewVecDense(n, nil)
	z := mat.NewVecDense(n, p.z)
	if err := p.chol.SolveVecTo(p.weights, z); err != nil {
		return math.Inf(1)
	}
	p.amplitude = math.Max(mat.Dot(z, p.weights)/float64(n), 1e-9)
	loss := 0.5*float64(n)*math.Log(p.amplitude) + 0.5*p.chol.LogDet()
	for i, l := range logs {
		mean, sd := priorLength, priorLengthSD
		if i == len(logs)-1 {
			mean, sd = priorNoise, priorNoiseSD
		}
		loss += 0.5 * (l - mean) * (l - mean) / sd / sd
	}
	return loss
}

// read are the length scales and the noise, kept where arithmetic can follow.
func (p *process) read(logs []float64) (lengths []float64, noise float64) {
	lengths = make([]float64, len(logs)-1)
	for i := range lengths {
		lengths[i] = math.Exp(min(max(logs[i], -4), 4))
	}
	return lengths, math.Exp(min(max(logs[len(logs)-1], -14), 3))
}

func matern(a, b, lengths []float64) float64 {
	var square float64
	for i := range a {
		d := (a[i] - b[i]) / lengths[i]
		square += d * d
	}
	r := math.Sqrt(5 * square)
	return (1 + r + r*r/3) * math.Exp(-r)
}

// believe is the mean and standard deviation at a place, noise left out.
func (p *process) believe(at []float64) (mean, sd float64) {
	if p.constant {
		return p.mean, 0
	}
	if p.inverse == nil {
		// It is asked at hundreds of places, and a product with the inverse costs a tenth of solving two triangles.
		p.inverse = &mat.SymDense{}
		if err := p.chol.InverseTo(p.inverse); err != nil {
			p.inverse = mat.NewSymDense(len(p.x), nil) // nothing is known anywhere
		}
	}
	lengths, _ := p.read(p.logs)
	k := mat.NewVecDense(len(p.x), nil)
	for i := range p.x {
		k.SetVec(i, matern(p.x[i], at, lengths))
	}
	mean = p.mean + p.scale*mat.Dot(k, p.weights)
	left := math.Max(1-mat.Inner(k, p.inverse, k), 0)
	return mean, p.scale * math.Sqrt(p.amplitude*left)
}

// with is the process after a value was measured where it believes it to be: what it would know of the neighbourhood then.
func (p *process) with(at []float64) *process {
	if p.constant {
		return p
	}
	mean, _ := p.believe(at)
	y := make([]float64, len(p.z), len(p.z)+1)
	for i, z := range p.z {
		y[i] = p.mean + p.scale*z
	}
	out := fit(append(slices.Clone(p.x), at), append(y, mean), append(slices.Clone(p.seeds), 1), p.logs, false)
	if out.constant {
		return p
	}
	return out
}
