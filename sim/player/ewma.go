package player

import (
	"math"
	"time"
)

// ewma is an exponentially weighted moving average whose samples carry a weight (src/utils/ewma.ts). It starts at zero and
// get corrects for that.
type ewma struct {
	alpha    float64
	estimate float64
	weight   float64
}

func newEWMA(halfLife float64) ewma { return ewma{alpha: math.Exp2(-1 / halfLife)} }

func (e *ewma) sample(weight, value float64) {
	a := math.Pow(e.alpha, weight)
	e.estimate = float64(value*(1-a)) + float64(a*e.estimate)
	e.weight += weight
}

func (e *ewma) get() float64 {
	if zero := 1 - math.Pow(e.alpha, e.weight); zero > 0 {
		return e.estimate / zero
	}
	return e.estimate
}

// estimator guesses the bandwidth and the time to first byte of the next request (src/utils/ewma-bandwidth-estimator.ts).
type estimator struct {
	fast, slow, ttfb ewma
	defaultBps       float64
}

const (
	minSampleWeight  = 0.001 // seconds of loading before the estimate is believed
	minDelayMs       = 50.0  // a sample is never counted shorter, unless it is small
	defaultTTFBMs    = 100.0
	minTTFBMs        = 5.0
	bytesPerMinDelay = 1e5 // bytes per millisecond of least delay: caps a sample at 800 Mbit/s
)

func newEstimator(c HLSConfig, defaultBps float64) estimator {
	return estimator{
		fast:       newEWMA(c.AbrEwmaFast),
		slow:       newEWMA(c.AbrEwmaSlow),
		ttfb:       newEWMA(c.AbrEwmaSlow),
		defaultBps: defaultBps,
	}
}

// sample learns that bytes took duration to load, the wait for the first byte already taken off.
func (e *estimator) sample(duration time.Duration, bytes int64) {
	ms := float64(duration) / float64(time.Millisecond)
	ms = math.Max(ms, math.Min(minDelayMs, float64(bytes)/bytesPerMinDelay))
	if ms <= 0 {
		return // nothing was loaded in no time: hls.js would divide zero by zero
	}
	seconds := ms / 1000
	bps := 8 * float64(bytes) / seconds
	e.fast.sample(seconds, bps)
	e.slow.sample(seconds, bps)
}

// sampleTTFB learns the wait for a first byte. Long waits weigh little: they are more often an accident than the rule.
func (e *estimator) sampleTTFB(wait time.Duration) {
	seconds := wait.Seconds()
	weight := math.Sqrt2 * math.Exp(-seconds*seconds/2)
	e.ttfb.sample(weight, math.Max(seconds*1000, minTTFBMs))
}

func (e *estimator) canEstimate() bool { return e.fast.weight >= minSampleWeight }

// bps is the bandwidth to expect: the more pessimistic of both averages.
func (e *estimator) bps() float64 {
	if !e.canEstimate() {
		return e.defaultBps
	}
	return math.Min(e.fast.get(), e.slow.get())
}

// ttfbSeconds is the wait for a first byte to expect.
func (e *estimator) ttfbSeconds() float64 {
	if e.ttfb.weight >= minSampleWeight {
		return e.ttfb.get() / 1000
	}
	return defaultTTFBMs / 1000
}
