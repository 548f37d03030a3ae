//go:build !linux

package socket

func newPlain(cfg Config, t target, events Events) (Network, error) {
	return newGoroutines(cfg, t, events), nil
}
