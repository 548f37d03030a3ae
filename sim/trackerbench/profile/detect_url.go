package profile

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"

	"github.com/coder/websocket"
)

// largestReply is far above any answer to our questions.
const largestReply = 1 << 20

// DetectURL dials a tracker with client, which decides where it may lead, and detects its profile.
func DetectURL(ctx context.Context, url string, client *http.Client, rng *rand.Rand) (Detection, error) {
	dialling, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	socket, _, err := websocket.Dial(dialling, url, &websocket.DialOptions{HTTPClient: client, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return Detection{}, fmt.Errorf("connect to the tracker: %w", err)
	}
	defer socket.CloseNow()
	socket.SetReadLimit(largestReply)
	d, err := Detect(ctx, socketConn{socket}, rng)
	if err != nil {
		return Detection{}, fmt.Errorf("detect the tracker at %s: %w", url, err)
	}
	_ = socket.Close(websocket.StatusNormalClosure, "") // all that mattered has been said
	return d, nil
}

type socketConn struct{ *websocket.Conn }

func (c socketConn) Send(ctx context.Context, text []byte) error {
	return c.Write(ctx, websocket.MessageText, text)
}

func (c socketConn) Receive(ctx context.Context) ([]byte, error) {
	_, text, err := c.Read(ctx)
	return text, err
}
