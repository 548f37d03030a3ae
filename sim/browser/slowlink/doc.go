// Package slowlink answers: do Chromium's SCTP (dcSCTP), Pion's, and the emulated network's streams get the same out of a slow link?
//
// One sender pushes messages of the library's size through one ordered, reliable data channel, paced by bufferedAmount as P2P
// Media Loader paces, over a link of 5 Mbit/s with a short queue and random loss; the receiver counts what arrives. What differs
// between the rows is who sends, who receives, and what is in between:
//
//   - Chromium and Pion in real time, over real sockets, through a [Relay] that hands every datagram to package netem: the shaper
//     between two browsers is the very one that swarms are simulated with;
//   - Pion over netem in virtual time, as a run's packet tier has it;
//   - Pion over plain pion/vnet with vnet's own filters, in virtual time;
//   - netem's streams (QUIC), which carry a run's HTTP, in virtual time;
//   - two flows at once, of one kind or of two.
//
// It is run by make slowlink and takes minutes. The README has the figures.
//
// # Limits
//
// The link is symmetric and its loss independent per packet. A real Linux TCP flow is missing: the relay carries datagrams, and
// TCP would need a tunnel device, and so a privileged machine. In real time a busy machine delays packets: each run notes by how
// much ([Run.LateMs]).
package slowlink
