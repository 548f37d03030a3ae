package slowlink

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v3/vnet"

	"swarmlab/sim/virtualtime"
)

// PlainVNet measures Pion over pion/vnet alone, in virtual time, with vnet's own filters as near to the link as they go. How far
// that is:
//
//   - A TokenBucketFilter refills at most once in 100 ms, and only when a packet comes. So the bucket must hold 100 ms of the
//     rate, which then leave at once; and what is queued behind an empty bucket waits for the next packet that comes, however
//     long that is. Its queue counts payload without headers.
//   - A LossFilter knows whole percents only. A chunk filter of the router's, vnet's hook for such things, does it here; it stands
//     before the queue, not behind it.
//   - Filters shape towards a host. Each host has one here, so that both directions are shaped.
func PlainVNet(ctx context.Context, t Trial) (r Run, err error) {
	err = virtualtime.Run(ctx, virtualtime.Options{Limit: time.Hour}, func(ctx context.Context) (err error) {
		v, err := newPlainNet(t.Link, t.Seed)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, v.close()) }()
		f := &flow{name: string(DataChannel)}
		defer func() { err = errors.Join(err, f.close()) }()
		left, err := newPionOver(v.hosts[0], t.Tune)
		if err != nil {
			return err
		}
		f.left = left
		right, err := newPionOver(v.hosts[1], t.Tune)
		if err != nil {
			return err
		}
		f.right = right
		if err := connect(ctx, left, right, unchanged, unchanged); err != nil {
			return err
		}
		r, err = measure(ctx, []*flow{f}, t)
		return err
	})
	return r, err
}

// plainNet is a router with two shaped hosts.
type plainNet struct {
	router  *vnet.Router
	hosts   []*vnet.Net
	closers []func() error
}

func newPlainNet(l Link, seed uint64) (*plainNet, error) {
	router, err := vnet.NewRouter(&vnet.RouterConfig{
		CIDR:          "198.18.0.0/24",
		LoggerFactory: &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled},
	})
	if err != nil {
		return nil, err
	}
	v := &plainNet{router: router}
	for _, ip := range []string{"198.18.0.2", "198.18.0.3"} {
		if err := v.addHost(l, ip); err != nil {
			return nil, errors.Join(err, v.close())
		}
	}
	chance := rand.New(rand.NewPCG(seed, 0))
	router.AddChunkFilter(func(vnet.Chunk) bool { return chance.Float64() >= l.Loss }) // called by the router's one goroutine
	if err := router.Start(); err != nil {
		return nil, errors.Join(err, v.close())
	}
	v.closers = append([]func() error{router.Stop}, v.closers...)
	return v, nil
}

func (v *plainNet) addHost(l Link, ip string) error {
	host, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{ip}})
	if err != nil {
		return err
	}
	distance, err := vnet.NewDelayFilter(host, l.Delay)
	if err != nil {
		return err
	}
	v.closers = append(v.closers, distance.Close)
	const refill = 100 * time.Millisecond // vnet's, and not to be changed
	queue, err := vnet.NewTokenBucketFilter(distance,
		vnet.TBFRate(int(l.Rate)),
		vnet.TBFMaxBurst(int(l.Rate.Bytes(refill))), // bytes, whatever its name in vnet suggests
		vnet.TBFQueueSizeInBytes(int(l.Rate.Bytes(l.Queue))))
	if err != nil {
		return err
	}
	v.closers = append([]func() error{queue.Close}, v.closers...) // before what it hands its packets to
	v.hosts = append(v.hosts, host)
	return v.router.AddNet(queue)
}

func (v *plainNet) close() error {
	var errs []error
	for _, f := range v.closers {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}
