package browser

import (
	"context"
	"errors"
	"fmt"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Tab is an empty page in a browser context of its own, hence in a process of its own, that may use WebRTC as if its person had
// allowed the microphone. Its methods may be called from one goroutine at a time.
type Tab struct {
	ctx context.Context
	end context.CancelFunc
}

// OpenTab opens an empty page.
func (b *Browser) OpenTab() (_ *Tab, err error) {
	t := &Tab{}
	t.ctx, t.end = chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open a page: %w", err), t.Close())
		}
	}()
	if err := chromedp.Do(t.ctx); err != nil { // with its own context: its life is the page's
		return nil, err
	}
	if err := permit(t.ctx); err != nil {
		return nil, fmt.Errorf("grant the microphone: %w", err)
	}
	return t, nil
}

// permit gives a page's browser context the microphone (a fake one): without it, WebRTC binds no socket to a particular address, uses
// only the default route's, and what goes to loopback comes from another address than the candidate says.
func permit(ctx context.Context) error {
	_, err := chromedp.CallBrowser(ctx, cdpbrowser.SetPermission, cdpbrowser.SetPermissionParams{
		Permission:       &cdpbrowser.PermissionDescriptor{Name: "microphone"},
		Setting:          cdpbrowser.PermissionSettingGranted,
		BrowserContextID: chromedp.FromContext(ctx).BrowserContextID,
	})
	return err
}

// within is the page's context, ended by ctx too.
func (t *Tab) within(ctx context.Context) (context.Context, context.CancelFunc) {
	both, cancel := context.WithCancelCause(t.ctx)
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	return both, func() { stop(); cancel(nil) }
}

// Navigate goes to an address and waits until it has loaded.
func (t *Tab) Navigate(ctx context.Context, address string) error {
	both, cancel := t.within(ctx)
	defer cancel()
	return chromedp.Do(both, chromedp.Navigate(address))
}

// Evaluate is the value of a JavaScript expression in a page. Of a promise it is what the promise comes to.
func Evaluate[T any](ctx context.Context, t *Tab, expression string) (T, error) {
	both, cancel := t.within(ctx)
	defer cancel()
	return chromedp.Run(both, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Run runs JavaScript in the page and forgets its value.
func (t *Tab) Run(ctx context.Context, script string) error {
	_, err := Evaluate[chromedp.Void](ctx, t, script)
	return err
}

// Quiet has the browser tell nothing of the page from now on but what it says to its console. Until then each request and each message
// is told to the driver and kept for it, which takes a tenth of what a page that comes takes. There is no navigating afterwards.
func (t *Tab) Quiet(ctx context.Context) error {
	both, cancel := t.within(ctx)
	defer cancel()
	for _, domain := range []cdp.Command[cdp.Empty, cdp.Empty]{network.Disable, css.Disable, dom.Disable, page.Disable, inspector.Disable} {
		if _, err := chromedp.Call(both, domain, cdp.Empty{}); err != nil {
			return fmt.Errorf("%s: %w", domain.Method, err)
		}
	}
	return nil
}

// Close leaves: the page is gone as when its tab is closed.
func (t *Tab) Close() error {
	ctx, cancel := context.WithTimeout(t.ctx, closing)
	defer cancel()
	err := chromedp.Cancel(ctx)
	t.end()
	if errors.Is(err, context.Canceled) {
		return nil // the browser went before
	}
	return err
}
