package report

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// Tickers. gonum's own choose steps that suit a mathematician; people read minutes, whole viewers and powers of ten.

// maxTicks keeps labels from touching each other on a panel of half the picture's width.
const maxTicks = 8

// timeTicks are ticks of seconds at steps that a clock has.
type timeTicks struct{}

func (timeTicks) Ticks(lo, hi float64) []plot.Tick {
	steps := []float64{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400}
	step := steps[len(steps)-1]
	for _, s := range steps {
		if (hi-lo)/s <= maxTicks {
			step = s
			break
		}
	}
	for (hi-lo)/step > maxTicks {
		step *= 2
	}
	return ticksAt(lo, hi, step, clockText)
}

// niceTicks are ticks at 1, 2 or 5 times a power of ten.
type niceTicks struct {
	most  int  // how many at most; 0 means maxTicks
	whole bool // no fractions: viewers do not come in halves
	label func(float64) string
}

func (t niceTicks) Ticks(lo, hi float64) []plot.Tick {
	most := t.most
	if most == 0 {
		most = maxTicks
	}
	step := niceStep((hi - lo) / float64(most))
	if t.whole {
		step = math.Max(1, step)
	}
	label := t.label
	if label == nil {
		label = func(x float64) string { return axisNumber(x, step) }
	}
	return ticksAt(lo, hi, step, label)
}

// niceStep is the smallest of 1, 2, 5 times a power of ten that is not below x.
func niceStep(x float64) float64 {
	if x <= 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if x <= m*power*(1+1e-9) {
			return m * power
		}
	}
	return 10 * power
}

func ticksAt(lo, hi, step float64, label func(float64) string) []plot.Tick {
	var out []plot.Tick
	first := math.Ceil(lo/step - 1e-9)
	for i := 0; i <= 100; i++ { // more would be a mistake above, and a plot with a million labels is no error message
		x := (first + float64(i)) * step
		if x > hi+step*1e-9 {
			break
		}
		out = append(out, plot.Tick{Value: x, Label: label(x)})
	}
	return out
}

// axisNumber has the digits that the step needs. Beside a chart there is room for no more than six.
func axisNumber(x, step float64) string {
	switch {
	case step > 100_000 && x != 0:
		return strconv.FormatFloat(math.Round(x/1e5)/10, 'f', -1, 64) + " M"
	case step >= 1:
		return count(int64(math.Round(x)))
	}
	return strconv.FormatFloat(x, 'f', int(math.Ceil(-math.Log10(step)-1e-9)), 64)
}

func percentLabel(x float64) string { return fmt.Sprintf("%.0f %%", x*100) }

// logTicks are the powers of ten of milliseconds, with 2 and 5 between them if there are few.
type logTicks struct{}

func (logTicks) Ticks(lo, hi float64) []plot.Tick {
	var out []plot.Tick
	few := math.Log10(hi/lo) < 3.5
	for power := math.Pow(10, math.Floor(math.Log10(lo))); power <= hi; power *= 10 {
		for m := 1.0; m < 10; m++ {
			x := m * power
			if x < lo*(1-1e-9) || x > hi*(1+1e-9) {
				continue
			}
			tick := plot.Tick{Value: x}
			if m == 1 || few && (m == 2 || m == 5) {
				tick.Label = msTick(x)
			}
			out = append(out, tick)
		}
	}
	return out
}

// msTick is a round number of milliseconds.
func msTick(ms float64) string {
	if ms >= 999.5 {
		return strconv.FormatFloat(math.Round(ms)/1000, 'f', -1, 64) + " s"
	}
	return strconv.FormatFloat(ms, 'g', 3, 64) + " ms"
}
