package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Page is one real viewer: a page in a browser context of its own, which shares neither cache nor storage nor connections with
// others. Its methods may be called from one goroutine at a time.
type Page struct {
	*Tab
	next    int // number of the first event not fetched yet
	events  []Event
	console *console
}

// ErrEventsLost says that a page made more events than it keeps before they were fetched.
var ErrEventsLost = errors.New("the page has forgotten events that were not fetched in time")

// Open opens an address of the viewing page and waits until its code has run.
func (b *Browser) Open(ctx context.Context, address string) (_ *Page, err error) {
	tab, err := b.OpenTab()
	if err != nil {
		return nil, err
	}
	p := &Page{Tab: tab, console: listen(tab.ctx)}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open %s: %w", address, err), p.Close())
		}
	}()
	if err := p.Navigate(ctx, address); err != nil {
		return nil, err
	}
	ready := func() (bool, error) { return Evaluate[bool](ctx, p.Tab, `window.swarmlab?.ready === true`) }
	if err := poll(ctx, ready); err != nil {
		return nil, fmt.Errorf("the page's code did not run: %w; its console: %q", err, p.Console())
	}
	return p, nil
}

// Start lets a page begin that was opened with ?start=no.
func (p *Page) Start(ctx context.Context) error { return p.Run(ctx, `swarmlab.start()`) }

// Rehearsal is what a page plays before it is asked to start: another stream in a swarm of its own, for so many seconds, and up to
// thirty more until it has shown a picture and met somebody.
type Rehearsal struct {
	Manifest string  `json:"manifest"`
	Tracker  string  `json:"tracker"`
	Seconds  float64 `json:"seconds"`
}

// Rehearsed is what came of it.
type Rehearsed struct {
	PeersSeen int      `json:"peersSeen"`
	Segments  Segments `json:"segments"`
	Picture   bool     `json:"picture"` // one was shown
}

// Rehearse plays and forgets a stream: afterwards the libraries are compiled and the browser has decoded and connected once, as in a
// browser that is in use. Nothing of it is in the page's notes.
func (p *Page) Rehearse(ctx context.Context, r Rehearsal) (Rehearsed, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return Rehearsed{}, fmt.Errorf("rehearse: %w", err)
	}
	return Evaluate[Rehearsed](ctx, p.Tab, `swarmlab.rehearse(`+string(text)+`)`)
}

// Snapshot is the viewer's state now.
func (p *Page) Snapshot(ctx context.Context) (Snapshot, error) {
	return Evaluate[Snapshot](ctx, p.Tab, `swarmlab.snapshot()`)
}

// Events are all events so far, oldest first. The slice grows; what is in it never changes.
func (p *Page) Events(ctx context.Context) ([]Event, error) {
	answer, err := Evaluate[struct {
		Events     []Event
		Next, Lost int
	}](ctx, p.Tab, fmt.Sprintf(`swarmlab.since(%d)`, p.next))
	if err != nil {
		return p.events, err
	}
	p.events = append(p.events, answer.Events...)
	p.next = answer.Next
	if answer.Lost > 0 {
		return p.events, fmt.Errorf("%w: %d of them", ErrEventsLost, answer.Lost)
	}
	return p.events, nil
}

// Wait asks twice a second until done says so, or ctx ends.
func (p *Page) Wait(ctx context.Context, done func(Snapshot, []Event) bool) error {
	return poll(ctx, func() (bool, error) {
		s, err := p.Snapshot(ctx)
		if err != nil {
			return false, err
		}
		events, err := p.Events(ctx)
		return err == nil && done(s, events), err
	})
}

const pollEvery = 200 * time.Millisecond

func poll(ctx context.Context, done func() (bool, error)) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// Console is what the page, or the browser about the page, has complained of: errors, exceptions and warnings.
func (p *Page) Console() []string { return p.console.all() }

// Close leaves: the page is gone as when its tab is closed.
func (p *Page) Close() error {
	err := p.Tab.Close()
	p.console.wait()
	return err
}

// Picture is a screenshot of the whole page, as PNG.
func (p *Page) Picture(ctx context.Context, width int, dark bool) ([]byte, error) {
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	both, cancel := p.within(ctx)
	defer cancel()
	if err := chromedp.Do(both, chromedp.EmulateViewport(int64(width), 800)); err != nil {
		return nil, err
	}
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}
	if _, err := chromedp.Call(both, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		return nil, err
	}
	return chromedp.Run(both, chromedp.FullScreenshot(100))
}

// console collects complaints. Its goroutine ends with the page.
type console struct {
	mu    sync.Mutex
	lines []string
	done  chan struct{}
}

func listen(ctx context.Context) *console {
	c := &console{done: make(chan struct{})}
	messages := chromedp.Console(ctx)
	go c.collect(messages)
	return c
}

func (c *console) collect(messages iter.Seq2[chromedp.ConsoleMessage, error]) {
	defer close(c.done)
	for m, err := range messages {
		if err != nil {
			return // the page has gone
		}
		switch {
		case m.IsException(), m.Type == "error", m.Type == "warning", m.Type == "assert":
			c.mu.Lock()
			c.lines = append(c.lines, m.String()+" "+m.URL)
			c.mu.Unlock()
		}
	}
}

func (c *console) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.lines...)
}

func (c *console) wait() { <-c.done }
