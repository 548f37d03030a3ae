package slowlink

import (
	"context"
	"errors"
	"fmt"
	"time"

	"swarmlab/netem"
	"swarmlab/sim/virtualtime"
)

// Medium is what carries a flow in virtual time.
type Medium string

// Media in virtual time.
const (
	DataChannel Medium = "data channel" // Pion
	Stream      Medium = "stream"       // netem's, QUIC
)

// Virtual measures flows of the given media that send at the same time over one emulated link, in virtual time, as a run's packet
// tier has them.
func Virtual(ctx context.Context, media []Medium, t Trial) (r Run, err error) {
	err = virtualtime.Run(ctx, virtualtime.Options{Limit: time.Hour}, func(ctx context.Context) (err error) {
		e, err := t.Link.emulate(t.Seed, netem.DefaultGrid)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, e.network.Close()) }()
		var flows []*flow
		defer func() {
			for _, f := range flows {
				err = errors.Join(err, f.close())
			}
		}()
		for i, m := range media {
			f := &flow{name: string(m)}
			flows = append(flows, f)
			switch m {
			case Stream:
				err = f.overStream(ctx, e, 80+i)
			case DataChannel:
				err = f.overPion(ctx, e, t.Tune)
			default:
				err = fmt.Errorf("no such medium: %q", m)
			}
			if err != nil {
				return err
			}
		}
		r, err = measure(ctx, flows, t)
		r.saw(e)
		return err
	})
	return r, err
}

func (f *flow) overPion(ctx context.Context, e *emulated, tune Tuning) (err error) {
	left, err := newPionOver(e.left.Net(), tune)
	if err != nil {
		return err
	}
	f.left = left
	right, err := newPionOver(e.right.Net(), tune)
	if err != nil {
		return err
	}
	f.right = right
	return connect(ctx, left, right, unchanged, unchanged)
}

func (f *flow) overStream(ctx context.Context, e *emulated, port int) error {
	left, right, err := newStreamEnds(ctx, e, port)
	if err != nil {
		return err
	}
	f.left, f.right = left, right
	return nil
}
