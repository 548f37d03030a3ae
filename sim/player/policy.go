package player

import "time"

// retryPolicy is hls.js's RetryConfig; delays double (src/config.ts: the default backoff is exponential).
type retryPolicy struct {
	max      int
	delay    time.Duration
	maxDelay time.Duration
}

// wait is the pause before retry number n, counted from 0.
func (r retryPolicy) wait(n int) time.Duration {
	d := r.delay
	for ; n > 0 && d < r.maxDelay; n-- {
		d *= 2
	}
	return min(d, r.maxDelay)
}

// loadPolicy is hls.js's LoadPolicy for one kind of request.
type loadPolicy struct {
	firstByte time.Duration // 0: no limit of its own
	whole     time.Duration
	onTimeout retryPolicy
	onError   retryPolicy
}

func (l loadPolicy) retry(timeout bool) retryPolicy {
	if timeout {
		return l.onTimeout
	}
	return l.onError
}

// The defaults of src/config.ts.
var (
	manifestPolicy = loadPolicy{
		whole:     20 * time.Second,
		onTimeout: retryPolicy{max: 2},
		onError:   retryPolicy{max: 1, delay: time.Second, maxDelay: 8 * time.Second},
	}
	playlistPolicy = loadPolicy{
		firstByte: 10 * time.Second,
		whole:     20 * time.Second,
		onTimeout: retryPolicy{max: 2},
		onError:   retryPolicy{max: 2, delay: time.Second, maxDelay: 8 * time.Second},
	}
	fragmentPolicy = loadPolicy{
		firstByte: 10 * time.Second,
		whole:     120 * time.Second,
		onTimeout: retryPolicy{max: 4},
		onError:   retryPolicy{max: 6, delay: time.Second, maxDelay: 8 * time.Second},
	}
)

// retriable tells whether hls.js repeats a request that ended so (src/utils/error-helper.ts, shouldRetry): timeouts always, and
// answers of a server unless they say 4xx. Status 0, no answer at all, is not repeated: a browser cannot tell it from a
// CORS refusal.
func (f failure) retriable() bool {
	return f.timeout || (f.status != 0 && (f.status < 400 || f.status > 499))
}
