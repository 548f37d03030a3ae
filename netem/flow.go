package netem

import "time"

// A trip through vnet costs a packet some 14 us where the rest of the way costs 1 (BenchmarkDatagram): two routers, each with
// a goroutine to wake and a packet to format for a log line nobody reads. So a NAT's verdict is remembered per flow, the way
// routers offload established flows to hardware, and asked for again after NATTrust: ten seconds, so that not even the
// keep-alives of an idle connection (Pion's every two seconds) go there each time.
//
// Nothing about an established mapping can change in between but its age: vnet refreshes a mapping on what goes out, so it may
// believe in a silence up to NATTrust longer than the true one, and an end of a mapping is seen up to NATTrust late. vnet's
// mappings live NATTrust longer to make up for the first. So a mapping ends after natMappingLife of silence at the earliest,
// and natMappingLife + 2 NATTrust at the latest: real ones differ by minutes. Refusals are never remembered.
//
// Packets of a flow stay in order: while any of them is inside vnet, all go there.

// flowKey is (the near port, the far endpoint, direction): for packets out, the local port and the destination; for
// packets in, the mapped port and the source.
type flowKey struct {
	far     endpoint
	near    uint16
	inbound bool
}

// flow is what is known about one flow through a NAT.
type flow struct {
	translated endpoint // out: the mapped source; in: the local destination
	trusted    int64    // until when
	entered    uint64   // packets sent into vnet
	left       uint64   // the number of the last of them that came out
}

// flowTable is a NAT's memory. Guarded by the network's mu.
type flowTable struct {
	trust   int64
	flows   map[flowKey]*flow
	sweepAt int
}

const flowSweepMin = 512

func newFlowTable(trust time.Duration) flowTable {
	return flowTable{trust: int64(trust), flows: make(map[flowKey]*flow), sweepAt: flowSweepMin}
}

func keyOf(p *packet) flowKey {
	if p.inbound {
		return flowKey{far: p.src, near: p.dst.port(), inbound: true}
	}
	return flowKey{far: p.dst, near: p.src.port()}
}

// verdict answers from memory. If it cannot, the packet is marked as the next one of its flow to go through vnet.
func (t *flowTable) verdict(p *packet, now int64) (endpoint, bool) {
	key := keyOf(p)
	f := t.flows[key]
	if f == nil {
		t.sweep(now)
		f = new(flow)
		t.flows[key] = f
	}
	if f.entered == f.left && now < f.trusted {
		return f.translated, true
	}
	f.entered++
	p.flow, p.number = f, f.entered
	return 0, false
}

// learn notes what vnet did with a packet.
func (t *flowTable) learn(p *packet, translated endpoint, now int64) {
	f := p.flow
	f.translated, f.left = translated, p.number
	f.trusted = now + max(0, t.trust)
	p.flow = nil
}

// sweep forgets flows that are no longer trusted, when there are many.
func (t *flowTable) sweep(now int64) {
	if len(t.flows) < t.sweepAt {
		return
	}
	for key, f := range t.flows {
		if f.trusted < now {
			delete(t.flows, key) // a packet inside vnet keeps its own pointer
		}
	}
	t.sweepAt = max(flowSweepMin, 2*len(t.flows))
}
