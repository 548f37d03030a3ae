package packet

import (
	"bytes"
	"runtime/pprof"
	"testing"
	"testing/synctest"

	"swarmlab/netem"
)

// TestAConnectionKeepsNoMedia: of the SRTP sessions that Pion starts nothing is left once the channel is open, and the channel works.
func TestAConnectionKeepsNoMedia(t *testing.T) {
	for _, media := range []string{"pion/srtp", "MediaProcessor"} {
		var running, connected []byte
		inBenchBubble(1, netem.NATNone, func(bench *benchNet) {
			l, r := bench.connect(bench.viewer("left"), bench.viewer("right"))
			l.wait()
			r.wait()
			synctest.Wait() // for goroutines on their way out
			running, connected = goroutines(), []byte("yes")
		})
		if !bytes.Equal(connected, []byte("yes")) {
			t.Fatal("no connection")
		}
		if bytes.Contains(running, []byte(media)) {
			t.Errorf("an open connection has goroutines of %s; does endMedia know this version of Pion?", media)
		}
		if !bytes.Contains(running, []byte("pion/sctp")) {
			t.Error("an open connection has no goroutine of SCTP, so this test looks in the wrong place")
		}
	}
}

func goroutines() []byte {
	var b bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&b, 1) // a buffer takes anything
	return b.Bytes()
}
