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
	"os"
	"os/exec"
	"strings"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

//go:embed page.js
var pageScript string

// Chromium is a running browser without a window, and the web server its pages come from.
type Chromium struct {
	ctx     context.Context
	end     context.CancelFunc
	profile string
	server  *http.Server
	address string
	Version string
}

// ErrNoChromium says that there is no browser to measure.
var ErrNoChromium = errors.New("no Chromium on this machine: install it, or name one in SWARMLAB_CHROMIUM")

var chromiumFlags = []chromedp.ExecAllocatorOption{
	chromedp.Flag("headless", "new"),
	chromedp.Flag("no-sandbox", true),
	chromedp.Flag("disable-gpu", true),
	chromedp.Flag("disable-dev-shm-usage", true),
	chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
	chromedp.Flag("disable-background-networking", true),
	chromedp.Flag("disable-component-update", true),
	chromedp.Flag("disable-sync", true),
	chromedp.Flag("disable-extensions", true),
	chromedp.Flag("disable-breakpad", true),
	// Each page is in the background here, and a background page's timers are slowed down.
	chromedp.Flag("disable-background-timer-throttling", true),
	chromedp.Flag("disable-renderer-backgrounding", true),
	chromedp.Flag("disable-backgrounding-occluded-windows", true),
	// Candidates with real addresses, loopback included.
	chromedp.Flag("disable-features", "WebRtcHideLocalIpsWithMdns"),
	chromedp.Flag("allow-loopback-in-peer-connection", true),
	chromedp.Flag("force-webrtc-ip-handling-policy", "default"),
}

// Launch starts Chromium. Its process ends with Close, or with this one.
func Launch(ctx context.Context) (_ *Chromium, err error) {
	executable := os.Getenv("SWARMLAB_CHROMIUM")
	if executable == "" {
		if executable, err = exec.LookPath("chromium"); err != nil {
			return nil, ErrNoChromium
		}
	}
	c := &Chromium{end: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("launch %s: %w", executable, err), c.Close())
		}
	}()
	if c.profile, err = os.MkdirTemp("", "slowlink-chromium-"); err != nil {
		return nil, err
	}
	if err := c.serve(); err != nil {
		return nil, err
	}
	allocator, endAllocator := chromedp.NewExecAllocator(ctx,
		append([]chromedp.ExecAllocatorOption{chromedp.ExecPath(executable), chromedp.UserDataDir(c.profile)}, chromiumFlags...)...)
	browser, endBrowser := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	c.ctx, c.end = browser, func() { endBrowser(); endAllocator() }
	if err := chromedp.Do(c.ctx); err != nil {
		return nil, err
	}
	version, err := chromedp.CallBrowser(c.ctx, cdpbrowser.GetVersion, cdp.Empty{})
	if err != nil {
		return nil, err
	}
	c.Version = version.Product
	return c, nil
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
	if c.ctx != nil {
		ctx, cancel := context.WithTimeout(c.ctx, 5*time.Second)
		defer cancel()
		_ = chromedp.Cancel(ctx) // in order if it goes; the next line ends it anyway
	}
	c.end()
	var errs []error
	if c.server != nil {
		errs = append(errs, c.server.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(c.profile))...)
}

// chromiumEnd is an end in a page of its own, in a browser context (hence a process) of its own.
type chromiumEnd struct {
	ctx context.Context
	end context.CancelFunc
}

func (c *Chromium) newEnd(ctx context.Context) (_ *chromiumEnd, err error) {
	e := &chromiumEnd{}
	e.ctx, e.end = chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext())
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open a page: %w", err), e.Close())
		}
	}()
	if err := chromedp.Do(e.ctx); err != nil { // with the page's own context: its life is the page's
		return nil, err
	}
	if err := permit(e.ctx); err != nil {
		return nil, err
	}
	both, cancel := e.within(ctx)
	defer cancel()
	if err := chromedp.Do(both, chromedp.Navigate(c.address), chromedp.Evaluate[chromedp.Void](pageScript)); err != nil {
		return nil, err
	}
	return e, nil
}

// permit grants a page the microphone, which it never uses: without it WebRTC binds no socket to a particular address, and what
// goes to loopback then comes from another address than the candidate says.
func permit(ctx context.Context) error {
	_, err := chromedp.CallBrowser(ctx, cdpbrowser.SetPermission, cdpbrowser.SetPermissionParams{
		Permission:       &cdpbrowser.PermissionDescriptor{Name: "microphone"},
		Setting:          cdpbrowser.PermissionSettingGranted,
		BrowserContextID: chromedp.FromContext(ctx).BrowserContextID,
	})
	return err
}

// within is the page's context, ended by ctx too.
func (e *chromiumEnd) within(ctx context.Context) (context.Context, context.CancelFunc) {
	both, cancel := context.WithCancelCause(e.ctx)
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	return both, func() { stop(); cancel(nil) }
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
	both, cancel := e.within(ctx)
	defer cancel()
	call := fmt.Sprintf("slowlink.%s(%s)", function, strings.Join(quoted, ", "))
	answer, err := chromedp.Run(both, chromedp.Evaluate[T](call, chromedp.EvalAwaitPromise))
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
	ctx, cancel := context.WithTimeout(e.ctx, 5*time.Second)
	defer cancel()
	_, _ = ask[bool](ctx, e, "close") // the page goes, whether or not it says so
	err := chromedp.Cancel(ctx)
	e.end()
	if errors.Is(err, context.Canceled) {
		return nil // the browser went before
	}
	return err
}
