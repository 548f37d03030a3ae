package oracle

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/webtorrent"
)

// act does one thing that the core wants done, or passes on what it tells.
func (c *Core) act(k kind, r *reader) {
	switch k {
	case outSetTimer:
		c.setTimer(r.u32(), time.Duration(r.f64())*time.Millisecond)
	case outClearTimer:
		c.clearTimer(r.u32())
	case outFetch:
		id, url, header := r.u32(), r.str(), r.str()
		if c.gone {
			return // a pass was due when the page closed
		}
		c.fetches[id] = c.env.Fetch(p2pml.FetchRequest{URL: url, Range: parseRange(header)}, &fetch{c, id})
	case outCancelFetch:
		id := r.u32()
		if f := c.fetches[id]; f != nil {
			delete(c.fetches, id)
			f.Cancel()
		}
	case outStartTracker:
		c.startTracker(r)
	case outDestroyTracker:
		if t := c.clients[r.u32()]; t != nil {
			t.Destroy()
		}
	case outSendCommand, outSendData, outClose:
		c.actOnConn(k, r)
	case outLoaded:
		id, number, bps := r.u32(), r.u32(), r.f64()
		c.deliver(id, func(h p2pml.LoadHandler) {
			h.SegmentLoaded(p2pml.Loaded{Data: c.complete[number], BandwidthBps: bps})
		})
	case outFailed:
		id, err := r.u32(), p2pml.ErrFailed
		if r.str() == "aborted" {
			err = p2pml.ErrAborted
		}
		c.deliver(id, func(h p2pml.LoadHandler) { h.SegmentFailed(err) })
	case outFault:
		c.process.faults = append(c.process.faults, r.str())
	default:
		c.report(k, r)
	}
}

func (c *Core) setTimer(id uint32, d time.Duration) {
	if d == 0 {
		c.due = append(c.due, id)
	}
	if c.gone {
		return
	}
	c.timers[id] = c.env.After(d, func() {
		delete(c.timers, id)
		c.due = slices.DeleteFunc(c.due, func(o uint32) bool { return o == id })
		if !c.gone {
			c.tell(inTimer).u32(id)
		}
	})
}

func (c *Core) clearTimer(id uint32) {
	if t := c.timers[id]; t != nil {
		delete(c.timers, id)
		c.due = slices.DeleteFunc(c.due, func(o uint32) bool { return o == id })
		t.Stop()
	}
}

func (c *Core) actOnConn(k kind, r *reader) {
	id := r.u32()
	p := c.conns[id]
	var m webtorrent.Message
	switch k {
	case outSendCommand:
		m = webtorrent.Text(r.bytes())
	case outSendData:
		m = c.complete[r.u32()].Slice(int(r.u32()), int(r.u32()))
	}
	switch {
	case p == nil:
	case k == outClose:
		delete(c.conns, id)
		p.Close()
	default:
		p.Send(m)
	}
}

// deliver calls the player back, once, and never from inside its own call.
func (c *Core) deliver(load uint32, f func(p2pml.LoadHandler)) {
	h := c.loads[load]
	delete(c.loads, load)
	if h == nil || c.gone {
		return
	}
	c.env.Defer(func() {
		if !c.gone {
			f(h)
		}
	})
}

// parseRange reads the library's Range header: bytes=5-9 or bytes=5-.
func parseRange(header string) *p2pml.ByteRange {
	spec, ok := strings.CutPrefix(header, "bytes=")
	if !ok {
		return nil
	}
	from, to, _ := strings.Cut(spec, "-")
	r := &p2pml.ByteRange{End: -1}
	r.Start, _ = strconv.ParseInt(from, 10, 64)
	if to != "" {
		r.End, _ = strconv.ParseInt(to, 10, 64)
	}
	return r
}

func (p *Process) answer(v float64) { p.send((&fields{}).f64(v).b) }

func (p *Process) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
}
