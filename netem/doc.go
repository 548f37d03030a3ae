// Package netem answers one question: what does the network between viewers do to their packets?
//
// It emulates hosts that each own one access link (rate, delay, jitter, loss and a finite queue, both ways), optionally a
// NAT, and a place on a world map. Everything a host does shares that one link: Pion's datagrams (through [Host.Net], a
// transport.Net) and byte streams for HTTP and WebSocket (through [Host.DialContext] and [Host.Listen], carried by QUIC).
// That contention is the point: a viewer's uploads to other viewers compete with its own playlist requests.
//
// # Model
//
//		socket -> NAT (out) -> up queue -> serialise at Up -> loss, jitter, delay -> core delay -> down queue ->
//		   serialise at Down -> loss, jitter, delay -> NAT (in) -> socket
//
//	  - A queue is first in, first out, and drops at its tail; an idle link takes any packet. Every packet costs its
//	    payload plus 28 bytes (IPv4 and UDP headers).
//	  - A queue's departures are computed when a packet enters it, so a packet costs two scheduled events in all, and a
//	    link's throughput is exact whatever the time grid is.
//	  - [Config].Grid rounds the instant a packet reaches a reader up to a multiple of itself: the knob that trades timing
//	    for speed. Inside the links time stays exact; the rounding happens once per packet, at the very end.
//	  - NATs are those of pion/transport's vnet: every translation and every refusal is vnet's verdict (see nat.go and
//	    natbox.go for how, and for the flow table that spares a running flow a trip through vnet for every packet).
//	  - Streams model what HTTP/3 does: one QUIC connection per pair of host and remote address, one QUIC stream per
//	    net.Conn, with real congestion control (quic-go's NewReno with pacing).
//
// # Time
//
// The package runs unmodified in a testing/synctest bubble and in real time. One goroutine per network moves all packets;
// everything that waits, waits on channels and timers. [Network.Close] ends every goroutine the package started.
//
// # Limits
//
// IPv4 only; no ICMP, no fragmentation (a datagram is one packet of any size), one NAT per host (no two viewers behind one
// router, no hairpinning), no cross traffic but what hosts send, no radio model: a link's rate is constant. Transport of
// streams is QUIC where most trackers and many origins would be TCP: a stream opens in one round trip instead of two
// or three, and one lost packet delays only its own stream.
package netem
