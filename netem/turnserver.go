package netem

import (
	"fmt"
	"io"
	"net"

	"github.com/pion/logging"
	"github.com/pion/turn/v4"
)

// RunSTUN runs a STUN server (RFC 8489 binding requests) on a host's UDP port until it is closed.
func RunSTUN(h *Host, port int) (io.Closer, error) {
	return serveTURN(h, port, turn.ServerConfig{Realm: "swarmlab"}, false)
}

// RunTURN runs a TURN server (RFC 8656, relaying over UDP) for one user on a host's UDP port until it is closed. It answers
// STUN too. All it relays goes through the host's link, twice.
func RunTURN(h *Host, port int, realm, user, password string) (io.Closer, error) {
	key := turn.GenerateAuthKey(user, realm, password)
	return serveTURN(h, port, turn.ServerConfig{
		Realm: realm,
		AuthHandler: func(name, _ string, _ net.Addr) ([]byte, bool) {
			return key, name == user
		},
	}, true)
}

func serveTURN(h *Host, port int, cfg turn.ServerConfig, relay bool) (io.Closer, error) {
	conn, err := h.Net().ListenPacket("udp4", fmt.Sprintf("0.0.0.0:%d", port))
	if err != nil {
		return nil, fmt.Errorf("netem: STUN on %s: %w", h.name, err)
	}
	listen := turn.PacketConnConfig{PacketConn: conn}
	if relay {
		listen.RelayAddressGenerator = &turn.RelayAddressGeneratorStatic{
			RelayAddress: h.PublicAddr().AsSlice(), Address: "0.0.0.0", Net: h.Net(),
		}
	}
	server, err := runTURN(cfg, listen)
	if err != nil {
		return nil, fmt.Errorf("netem: STUN on %s: %w", h.name, err)
	}
	return server, nil
}

// ServeSTUN runs a STUN server on a socket of any network, which it closes in the end.
func ServeSTUN(conn net.PacketConn) (io.Closer, error) {
	server, err := runTURN(turn.ServerConfig{Realm: "swarmlab"}, turn.PacketConnConfig{PacketConn: conn})
	if err != nil {
		return nil, fmt.Errorf("STUN on %s: %w", conn.LocalAddr(), err)
	}
	return server, nil
}

func runTURN(cfg turn.ServerConfig, listen turn.PacketConnConfig) (*turn.Server, error) {
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	cfg.LoggerFactory = quiet
	cfg.PacketConnConfigs = []turn.PacketConnConfig{listen}
	server, err := turn.NewServer(cfg)
	if err != nil {
		_ = listen.PacketConn.Close()
		return nil, err
	}
	return server, nil
}
