package browser

import (
	"testing"
	"time"
)

// waitFor waits for something outside of a page to come true.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waiting for this: %s", what)
		}
	}
}
