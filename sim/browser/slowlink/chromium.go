package slowlink

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"swarmlab/sim/browser"
)

//go:embed page.js
var pageScript string

// Chromium is a running browser without a window, and the web server its pages come from.
type Chromium struct {
	browser *browser.Browser
	server  *http.Server
	address string
	Version string
}

// Launch starts Chromium. Its process ends with Close, or with this one.
func Launch(ctx context.Context) (_ *Chromium, err error) {
	c := &Chromium{}
	if c.browser, err = browser.Launch(ctx, browser.Options{}); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	if err := c.serve(); err != nil {
		return nil, err
	}
	c.Version, err = c.browser.Version()
	return c, err
}

// serve puts an empty page on a loopback port: what a page may do depends on where it comes from.
func (c *Chromium) serve() error {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	c.address = "http://" + listener.Addr().String() + "/"
	c.server = &http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<!doctype html><title>slowlink</title>") // a browser that hangs up gets no page
		}),
	}
	go func() { _ = c.server.Serve(listener) }() // ends with Close
	return nil
}

// Close ends Chromium and everything of it.
func (c *Chromium) Close() error {
	var ofServer error
	if c.server != nil {
		ofServer = c.server.Close()
	}
	return errors.Join(c.browser.Close(), ofServer)
}

// chromiumEnd is an end in a page of its own.
type chromiumEnd struct{ tab *browser.Tab }

func (c *Chromium) newEnd(ctx context.Context) (_ *chromiumEnd, err error) {
	tab, err := c.browser.OpenTab()
	if err != nil {
		return nil, err
	}
	e := &chromiumEnd{tab}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open a page: %w", err), e.Close())
		}
	}()
	if err := tab.Navigate(ctx, c.address); err != nil {
		return nil, err
	}
	return e, tab.Run(ctx, pageScript)
}

// ask calls a function of the page.
func ask[T any](ctx context.Context, e *chromiumEnd, function string, args ...string) (T, error) {
	var quoted []string
	for _, a := range args {
		b, err := json.Marshal(a)
		if err != nil {
			return *new(T), err
		}
		quoted = append(quoted, string(b))
	}
	answer, err := browser.Evaluate[T](ctx, e.tab, fmt.Sprintf("slowlink.%s(%s)", function, strings.Join(quoted, ", ")))
	if err != nil {
		return answer, fmt.Errorf("a Chromium end: %s: %w", function, err)
	}
	return answer, nil
}

func (e *chromiumEnd) Offer(ctx context.Context) (string, error) {
	return ask[string](ctx, e, "offer")
}

func (e *chromiumEnd) Answer(ctx context.Context, offer string) (string, error) {
	return ask[string](ctx, e, "answer", offer)
}

func (e *chromiumEnd) Accept(ctx context.Context, answer string) error {
	_, err := ask[bool](ctx, e, "accept", answer)
	return err
}

func (e *chromiumEnd) Opened(ctx context.Context) error {
	_, err := ask[bool](ctx, e, "opened")
	return err
}

func (e *chromiumEnd) Send(ctx context.Context) (time.Time, error) {
	ms, err := ask[float64](ctx, e, "send")
	return pageTime(ms), err
}

func (e *chromiumEnd) Arrivals(ctx context.Context) ([]Arrival, error) {
	got, err := ask[struct {
		Arrivals [][2]float64 `json:"arrivals"`
		Wrong    string       `json:"wrong"`
	}](ctx, e, "received")
	if err == nil && got.Wrong != "" {
		err = errors.New("a Chromium end: " + got.Wrong)
	}
	var all []Arrival
	for _, a := range got.Arrivals {
		all = append(all, Arrival{At: pageTime(a[0]), Bytes: int(a[1])})
	}
	return all, err
}

// pageTime reads a page's clock, which is this machine's.
func pageTime(ms float64) time.Time { return time.UnixMicro(int64(ms * 1000)) }

func (e *chromiumEnd) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, _ = ask[bool](ctx, e, "close") // the page goes, whether or not it says so
	return e.tab.Close()
}
