// Package socket answers: how does one process hold tens of thousands of WebSocket connections to one tracker, and spend its time on
// the tracker's messages and not on itself?
//
// A [Network] is driven by one goroutine, which calls Wait and is told in it what happened: no locks, and the time of an event is when
// its bytes were read. On Linux plain connections are sockets in one epoll set with one shared read buffer: an idle connection
// takes some 150 bytes. TLS, and other systems, go through the standard library with two goroutines a connection, which is ten times
// as heavy in memory and about twice in processor time.
//
// Frames are written with a mask of zero: a client must mask (RFC 6455), but the key is its own choice, and with zero nothing has to
// be rewritten. Compression and subprotocols are not offered.
//
// # Limits
//
// Addresses are resolved once. What a tracker can make us hold is bounded: a message by MostMessage, what waits to be sent by
// Config.QueueBytes for a connection and mostQueued for all.
package socket
