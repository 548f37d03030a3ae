package packet

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestTurnsAreJavaScriptTasks: turns run one at a time in the order they came, microtasks before the next turn, timers by due
// time and then by age, and nothing runs after the end.
func TestTurnsAreJavaScriptTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTurns(time.Now())
		var log []string
		say := func(what string) func() {
			return func() { log = append(log, fmt.Sprintf("%v %s", tn.now(), what)) }
		}
		tn.post(func() {
			say("first")()
			tn.deferred = append(tn.deferred, func() {
				say("micro")()
				tn.deferred = append(tn.deferred, say("micro of micro"))
			})
			tn.after(2*time.Second, say("two seconds"))
			tn.after(time.Second, say("one second"))
			tn.after(time.Second, say("one second, younger"))
			stopped := tn.after(time.Second, say("never"))
			if !stopped.Stop() || stopped.Stop() {
				t.Error("a timer can be stopped once")
			}
			tn.after(-time.Second, say("at once"))
			tn.after(3*time.Second, func() {
				say("end")()
				tn.stop()
				tn.deferred = append(tn.deferred, say("last micro"))
			})
			tn.after(3*time.Second, say("after the end"))
		})
		tn.post(say("second"))
		go func() {
			time.Sleep(1500 * time.Millisecond)
			tn.post(say("from outside"))
			time.Sleep(10 * time.Second)
			if tn.post(say("too late")) {
				t.Error("a turn was taken after the end")
			}
		}()
		tn.run()
		want := []string{"0s first", "0s micro", "0s micro of micro", "0s second", "0s at once", "1s one second",
			"1s one second, younger", "1.5s from outside", "2s two seconds", "3s end", "3s last micro"}
		if got := strings.Join(log, "\n"); got != strings.Join(want, "\n") {
			t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
		}
	})
}

// TestTheOutboxCountsAsABrowserDoes: bufferedAmount by whole messages, low told once when it falls to the threshold.
func TestTheOutboxCountsAsABrowserDoes(t *testing.T) {
	const chunk = 65535
	var low int
	o := newOutbox(func() { low++ }, nil)
	steps := []struct {
		what     string
		do       func()
		buffered int
		low      int
	}{
		{"nothing at first", func() {}, 0, 0},
		{"a chunk is handed over", func() { o.push(make([]byte, chunk)) }, chunk, 0},
		{"the writer takes it", func() { o.next() }, chunk, 0},
		{"a second one waits behind it", func() { o.push(make([]byte, chunk)) }, 2 * chunk, 0},
		{"the first is with the stack, the second is being written", func() { o.next() }, 2 * chunk, 0},
		{"the second's write returned: the first has left", func() { o.push([]byte{1}); o.next() }, chunk + 1, 1},
		{"the small one has left, the next chunk is being written", func() { o.push(make([]byte, chunk)); o.next() }, chunk + 1, 2},
		{"nothing follows the chunk: the writer ends", func() { o.next() }, chunk, 2},
		{"a small one comes", func() { o.push([]byte{1, 2}) }, chunk + 2, 2},
		{"a new writer writes it, behind the chunk", func() { o.next() }, chunk + 2, 2},
		{"the chunk has left", func() { o.next() }, 2, 3},
	}
	for _, s := range steps {
		s.do()
		if got := o.buffered(); got != s.buffered || low != s.low {
			t.Errorf("%s: %d buffered and low told %d times, want %d and %d", s.what, got, low, s.buffered, s.low)
		}
	}
	o.close()
	if m, ok := o.next(); ok {
		t.Errorf("a closed outbox gave %d bytes", len(m))
	}
	o.push([]byte{1})
	if o.queued != 0 {
		t.Error("a closed outbox took a message")
	}
}
