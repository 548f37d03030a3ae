//go:build !linux

package webtorrent

import (
	"errors"
	"net/http"
	"time"
)

// poller needs epoll: elsewhere every connection has its goroutines.
type poller struct{}

func newPoller(*Handler) (*poller, error) { return nil, errors.ErrUnsupported }

func (*poller) stop() {}

func (*poller) accept(http.ResponseWriter, *http.Request, *polled) error {
	return errors.ErrUnsupported
}

type polled struct{ id ConnID }

func newPolled(*poller, ConnID) *polled { return nil }

func (*polled) enqueue(time.Duration, []byte) {}

func (*polled) goAway() {}

func (*polled) kick() {}
