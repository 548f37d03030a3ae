package slowlink

import (
	"testing"
	"time"
)

// What holds for whatever shares a link, whoever sends: it gets something, and no more than the link carries; loss costs goodput.
func TestVirtual(t *testing.T) {
	const window = 5 * time.Second
	for _, media := range [][]Medium{{DataChannel}, {Stream}, {DataChannel, Stream}} {
		var before float64
		for _, loss := range []float64{0, 0.05} {
			trial := Trial{Link: SlowLink.WithLoss(loss), Seed: 1, Window: window}
			r, err := Virtual(t.Context(), media, trial)
			if err != nil {
				t.Fatal(media, err)
			}
			if len(r.Flows) != len(media) {
				t.Fatalf("%v: %d flows measured", media, len(r.Flows))
			}
			for _, f := range r.Flows {
				if f.Goodput <= 0 || f.SilenceMs <= 0 {
					t.Errorf("%v, loss %v: %+v", media, loss, f)
				}
			}
			if got := r.Total(); got > 5 || float64(r.WireBytes) < got*1e6/8*window.Seconds() {
				t.Errorf("%v, loss %v: goodput %v Mbit/s, %d bytes on a link of 5 Mbit/s", media, loss, got, r.WireBytes)
			}
			if (r.LossDrops > 0) != (loss > 0) {
				t.Errorf("%v: %d packets lost with a loss of %v", media, r.LossDrops, loss)
			}
			if loss > 0 && r.Total() >= before {
				t.Errorf("%v: %v Mbit/s with loss, %v without", media, r.Total(), before)
			}
			before = r.Total()
		}
	}
}

func TestPlainVNet(t *testing.T) {
	r, err := PlainVNet(t.Context(), Trial{Link: SlowLink, Seed: 1, Window: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Total(); got <= 0 || got > 5 {
		t.Errorf("goodput is %v Mbit/s on a link of 5", got)
	}
}
