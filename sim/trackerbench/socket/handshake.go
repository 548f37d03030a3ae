package socket

import (
	"bufio"
	"bytes"
	"crypto/sha1" //nolint:gosec // RFC 6455 says so
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

const (
	mostHandshake = 8 << 10 // bytes of the response's head
	acceptGUID    = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
)

var headEnd = []byte("\r\n\r\n")

// handshakeKey need not be a secret, only another one for each connection.
func handshakeKey(slot int, generation uint32) string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:], uint64(slot))
	binary.BigEndian.PutUint32(raw[8:], generation)
	copy(raw[12:], "load")
	return base64.StdEncoding.EncodeToString(raw[:])
}

func (t target) request(key string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Origin: http://%s\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n", t.path, t.host, t.host, key)
}

// checkHandshake looks at the response to a request with this key. size is all of its head; 0 if it is not there yet.
func checkHandshake(b []byte, key string) (size int, err error) {
	end := bytes.Index(b, headEnd)
	switch {
	case end < 0 && len(b) > mostHandshake:
		return 0, errors.New("handshake: the response has no end")
	case end < 0:
		return 0, nil
	}
	size = end + len(headEnd)
	r, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(b[:size])), nil)
	if err != nil {
		return 0, errors.New("handshake: the response is not HTTP")
	}
	defer r.Body.Close()
	switch {
	case r.StatusCode != http.StatusSwitchingProtocols:
		return 0, fmt.Errorf("handshake: status %d", r.StatusCode)
	case !strings.EqualFold(r.Header.Get("Upgrade"), "websocket"), !strings.Contains(strings.ToLower(r.Header.Get("Connection")), "upgrade"):
		return 0, errors.New("handshake: the response does not upgrade")
	case r.Header.Get("Sec-WebSocket-Accept") != acceptOf(key):
		return 0, errors.New("handshake: wrong Sec-WebSocket-Accept")
	case r.Header.Get("Sec-WebSocket-Extensions") != "":
		return 0, errors.New("handshake: the tracker wants an extension that was not offered")
	}
	return size, nil
}

func acceptOf(key string) string {
	sum := sha1.Sum([]byte(key + acceptGUID)) //nolint:gosec // RFC 6455 says so
	return base64.StdEncoding.EncodeToString(sum[:])
}
