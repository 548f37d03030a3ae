package slowlink

import (
	"context"
	"errors"
	"fmt"
)

// Kind is whose SCTP an end has.
type Kind string

// Kinds of ends.
const (
	DcSCTP Kind = "Chromium"
	Pion   Kind = "Pion"
)

// Pair is who sends to whom.
type Pair struct{ From, To Kind }

func (p Pair) String() string { return fmt.Sprintf("%s → %s", p.From, p.To) }

// RealTime measures pairs that send at the same time through one relay.
func RealTime(ctx context.Context, browser *Chromium, pairs []Pair, t Trial) (_ Run, err error) {
	relay, err := NewRelay(t.Link, t.Seed)
	if err != nil {
		return Run{}, err
	}
	defer func() { err = errors.Join(err, relay.Close()) }() // after the ends: they take leave through it
	var flows []*flow
	defer func() {
		for _, f := range flows {
			err = errors.Join(err, f.close())
		}
	}()
	for _, p := range pairs {
		f := &flow{name: p.String()}
		flows = append(flows, f)
		if err := f.throughRelay(ctx, relay, browser, p, t.Tune); err != nil {
			return Run{}, fmt.Errorf("%v: %w", p, err)
		}
	}
	r, err := measure(ctx, flows, t)
	r.Load = machineLoad()
	r.saw(relay.link)
	if err != nil {
		return r, err
	}
	return r, throughTheLink(flows)
}

// throughRelay connects a pair's two ends.
func (f *flow) throughRelay(ctx context.Context, relay *Relay, browser *Chromium, p Pair, tune Tuning) error {
	left, err := newEnd(ctx, browser, p.From, tune)
	if err != nil {
		return err
	}
	f.left = left
	right, err := newEnd(ctx, browser, p.To, tune)
	if err != nil {
		return err
	}
	f.right = right
	if f.path, err = relay.Open(); err != nil {
		return err
	}
	return connect(ctx, left, right, f.path.FromLeft, f.path.FromRight)
}

func newEnd(ctx context.Context, browser *Chromium, k Kind, tune Tuning) (peer, error) {
	if k == DcSCTP {
		return browser.newEnd(ctx)
	}
	return newPionHere(tune)
}

// throughTheLink checks that what was received came out of the relay: no way leads around it.
func throughTheLink(flows []*flow) error {
	for _, f := range flows {
		var payload int64
		for _, a := range f.arrivals {
			payload += int64(a.Bytes)
		}
		if out := f.path.Right.Out(); out < payload {
			return fmt.Errorf("%s: %d bytes were received, but only %d came out of the relay", f.name, payload, out)
		}
		if back := f.path.Left.Out(); back == 0 {
			return fmt.Errorf("%s: nothing came back through the relay, so acknowledgements found another way", f.name)
		}
	}
	return nil
}
