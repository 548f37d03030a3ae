package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// ErrNoBrowser says that there is no Chromium on this machine.
var ErrNoBrowser = errors.New("no Chromium: install it with sim/browser/install.sh --browser, or name one in SWARMLAB_CHROMIUM")

// Find is the path of this machine's Chromium: the one that was named in SWARMLAB_CHROMIUM, or one of those preferred, or any.
func Find(preferred ...string) (string, error) {
	if named := os.Getenv("SWARMLAB_CHROMIUM"); named != "" {
		return named, nil
	}
	for _, name := range append(preferred, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable") {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNoBrowser
}

// Options are how to launch. The zero value takes the machine's Chromium.
type Options struct {
	Executable string
	// TrustAny takes certificates that nobody signed, as serve's.
	TrustAny bool
}

// Browser is a running Chromium without a window, with a profile of its own.
type Browser struct {
	ctx     context.Context // chromedp's, of the browser
	end     context.CancelFunc
	profile string
	process *exec.Cmd
}

// flags are Chromium's. What stands here makes pages behave on a machine without a screen as they do on one with a person before it,
// and keeps the browser from talking to anybody but us.
var flags = []chromedp.ExecAllocatorOption{
	chromedp.Flag("headless", "new"),
	chromedp.Flag("no-sandbox", true), // containers forbid what the sandbox needs; only our own page is ever loaded
	chromedp.Flag("disable-gpu", true),
	chromedp.Flag("disable-dev-shm-usage", true), // containers have 64 MB of it
	chromedp.Flag("mute-audio", true),
	chromedp.Flag("hide-scrollbars", true), // in pictures of the page
	chromedp.Flag("autoplay-policy", "no-user-gesture-required"),

	// Nothing of its own on the network, nothing asked.
	chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
	chromedp.Flag("disable-background-networking", true),
	chromedp.Flag("disable-component-update", true),
	chromedp.Flag("disable-sync", true),
	chromedp.Flag("disable-default-apps", true),
	chromedp.Flag("disable-extensions", true),
	chromedp.Flag("disable-breakpad", true),
	chromedp.Flag("metrics-recording-only", true),
	chromedp.Flag("password-store", "basic"),
	chromedp.Flag("disable-quic", true),

	// Every page is in the background here. A background page's timers would fire once a second or, later, once a minute.
	chromedp.Flag("disable-background-timer-throttling", true),
	chromedp.Flag("disable-renderer-backgrounding", true),
	chromedp.Flag("disable-backgrounding-occluded-windows", true),

	// WebRTC between processes of one machine: candidates with real addresses, not mDNS names that nobody here would resolve,
	// and loopback ones too, which may be the only ones.
	chromedp.Flag("disable-features", "WebRtcHideLocalIpsWithMdns,Translate,OptimizationHints,MediaRouter,CalculateNativeWinOcclusion"),
	chromedp.Flag("allow-loopback-in-peer-connection", true),
	chromedp.Flag("force-webrtc-ip-handling-policy", "default"),
	chromedp.Flag("use-fake-ui-for-media-stream", true),
	chromedp.Flag("use-fake-device-for-media-stream", true),
}

// closing is how long Chromium has to end by itself.
const closing = 5 * time.Second

// Launch starts Chromium. It ends with ctx, or by Close.
func Launch(ctx context.Context, o Options) (_ *Browser, err error) {
	if o.Executable == "" {
		if o.Executable, err = Find(); err != nil {
			return nil, err
		}
	}
	b := &Browser{}
	if b.profile, err = os.MkdirTemp("", "swarmlab-chromium-"); err != nil {
		return nil, fmt.Errorf("make a profile: %w", err)
	}
	options := append([]chromedp.ExecAllocatorOption{
		chromedp.ExecPath(o.Executable),
		chromedp.UserDataDir(b.profile),
		chromedp.Env("TMPDIR=" + b.profile), // what it leaves there when it is killed goes with the profile
		chromedp.Flag("ignore-certificate-errors", o.TrustAny),
		// Chromium is a family of processes; in a group of their own they can be ended together, and a signal of the terminal reaches
		// them only through us.
		chromedp.ModifyCmdFunc(func(cmd *exec.Cmd) {
			ownGroup(cmd)
			b.process = cmd
		}),
	}, flags...)
	ctx, cancel := context.WithCancel(ctx)
	allocator, endAllocator := chromedp.NewExecAllocator(ctx, options...)
	var endBrowser context.CancelFunc
	b.ctx, endBrowser = chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	b.end = func() { endBrowser(); endAllocator(); cancel() }
	if err := chromedp.Do(b.ctx); err != nil {
		// chromedp's own functions would wait for ever for a process that has never been.
		b.end = cancel
		return nil, errors.Join(fmt.Errorf("start %s: %w", o.Executable, err), b.destroy())
	}
	return b, nil
}

// Version is Chromium's name and version.
func (b *Browser) Version() (string, error) {
	v, err := chromedp.CallBrowser(b.ctx, cdpbrowser.GetVersion, cdp.Empty{})
	return v.Product, err
}

// Close ends Chromium, in order if it goes, and removes its profile. No process of it is left.
func (b *Browser) Close() error {
	ctx, cancel := context.WithTimeout(b.ctx, closing)
	defer cancel()
	_ = chromedp.Cancel(ctx) // whether or not it went in order, the next line ends it
	return b.destroy()
}

func (b *Browser) destroy() error {
	var err error
	if b.process != nil && b.process.Process != nil {
		err = endGroup(b.process.Process.Pid)
	}
	b.end() // waits for the process, if there was one
	return errors.Join(err, os.RemoveAll(b.profile))
}
