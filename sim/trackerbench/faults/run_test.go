package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"swarmlab/results"
	"swarmlab/sim/webtorrent"
)

// ours is the embedded tracker on a port, which can be restarted there.
type ours struct {
	t       *testing.T
	config  webtorrent.TrackerConfig
	handler *webtorrent.Handler
	server  *http.Server
	address string
}

func serve(t *testing.T, config webtorrent.TrackerConfig) *ours {
	t.Helper()
	o := &ours{t: t, config: config, address: "127.0.0.1:0"}
	if err := o.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.stop)
	return o
}

func (o *ours) start() error {
	tracker, err := webtorrent.NewTracker(o.config, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.address)
	if err != nil {
		return err
	}
	o.address = listener.Addr().String()
	o.handler = webtorrent.NewHandler(tracker, webtorrent.HandlerConfig{EventLoop: true})
	o.server = &http.Server{Handler: o.handler}
	go func() { _ = o.server.Serve(listener) }()
	return nil
}

func (o *ours) stop() {
	_ = o.server.Close()
	_ = o.handler.Close()
}

func (o *ours) target() Target {
	return Target{URL: "ws://" + o.address + "/", Restart: func(context.Context) error { o.stop(); return o.start() }}
}

func show(t *testing.T, r *results.TrackerFaults) {
	t.Helper()
	for _, c := range r.Cases {
		t.Logf("%-15s alive %-5v %v %q %s; control lost %d of %d, closed %d, p99 %.1f ms, recovery %.0f ms",
			c.Name, c.Alive, c.Reactions, c.Said, c.Note, c.Control.Lost(), c.Control.Expected, c.Control.Closed, c.Control.OfferMs.P99, c.RecoveryMs)
	}
}

// The embedded tracker lives through everything, says what is wrong, and nobody else notices.
func TestTheEmbeddedTrackerSurvives(t *testing.T) {
	o := serve(t, webtorrent.TrackerConfig{})
	attempts := 24
	if testing.Short() {
		attempts = 8
	}
	r, err := Run(t.Context(), o.target(), Options{Seed: 1, Attempts: attempts, SlowBytes: 12_000_000, Watch: 300 * time.Millisecond}, nil)
	if err != nil {
		t.Fatal(err)
	}
	show(t, r)
	var tried []string
	for _, c := range r.Cases {
		tried = append(tried, c.Name)
		if !c.Survived() || c.Attempts == 0 || c.Control.Expected == 0 {
			t.Errorf("%s: alive %v, %d attempts, the control group lost %d of %d offers and %d connections",
				c.Name, c.Alive, c.Attempts, c.Control.Lost(), c.Control.Expected, c.Control.Closed)
		}
		for reaction := range c.Reactions {
			if allowed := sound[c.Name]; !slices.Contains(allowed, reaction) {
				t.Errorf("%s: reaction %q, want only %v", c.Name, reaction, allowed)
			}
		}
	}
	if !slices.Equal(tried, Names()) {
		t.Errorf("tried %v, want %v", tried, Names())
	}
}

// sound is how the embedded tracker may react.
var sound = map[string][]string{
	"half-open": {"waits"}, "reset": {"reset"}, "slow-reader": {closes}, "storm": {accepts}, "fragments": {accepts},
	"oversize": {closes, accepts, "waits"}, "bad-frames": {closes}, "bad-utf8": {saysError},
	"bad-json": {saysError, accepts, silent, closes}, "bad-types": {saysError, accepts, silent},
	"bad-lengths": {saysError, accepts, silent}, "bad-events": {saysError, accepts},
	"forged-answers": {"delivered"}, "duplicate-ids": {"moves"}, restart: {"restarted"},
}

// The same seed sends the same bytes, another seed others.
func TestASeedMakesTheSameFaults(t *testing.T) {
	said := func(seed uint64) string {
		var heard []string
		var mu sync.Mutex
		ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answering(w, r, func(text string) bool {
				mu.Lock()
				defer mu.Unlock()
				heard = append(heard, text)
				return true
			})
		}))
		defer ts.Close()
		a := newAttack(&run{options: Options{Seed: seed, Attempts: 20}, dial: dialer(Target{URL: "ws" + strings.TrimPrefix(ts.URL, "http")})}, 3)
		for _, f := range messageFaults {
			f.run(t.Context(), a)
		}
		slices.Sort(heard)
		return strings.Join(heard, "\n")
	}
	one := said(1)
	if one != said(1) {
		t.Error("the same seed sends something else")
	}
	if one == said(2) {
		t.Error("another seed sends the same")
	}
}

// answering is a tracker that takes everything for an announce or a scrape, until the function says no: then it hangs up.
func answering(w http.ResponseWriter, r *http.Request, each func(text string) bool) {
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer ws.CloseNow()
	ws.SetReadLimit(4 << 20)
	for {
		_, text, err := ws.Read(context.Background())
		if err != nil || !each(string(text)) {
			return
		}
		answer := `{"action":"announce","interval":120,"complete":0,"incomplete":2}`
		if strings.Contains(string(text), `"scrape"`) {
			answer = `{"action":"scrape","files":{}}`
		}
		if ws.Write(context.Background(), websocket.MessageText, []byte(answer)) != nil {
			return
		}
	}
}

// A tracker that keeps every third offer to itself loses what the control group misses, and one that a fault ends is dead.
func TestWhatATrackerDoesWrongShows(t *testing.T) {
	o := serve(t, webtorrent.TrackerConfig{MaxOffers: 2}) // of three
	r, err := Run(t.Context(), o.target(), Options{Cases: []string{"bad-events"}, Attempts: 5, Watch: 300 * time.Millisecond}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := r.Calm; c.Expected == 0 || c.Lost()*3 != c.Expected {
		t.Errorf("%d of %d offers are lost, want a third", c.Lost(), c.Expected)
	}
	if c := r.Cases[0]; c.Survived() || !c.Alive {
		t.Errorf("%+v is called well", c)
	}

	fragile := serve(t, webtorrent.TrackerConfig{})
	watch := make(chan struct{})
	go func() { // it dies of the first message that it cannot read
		defer close(watch)
		for fragile.handler.Counters().Errors == 0 {
			if t.Context().Err() != nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
		fragile.stop()
	}()
	target := fragile.target()
	target.Restart = nil
	r, err = Run(t.Context(), target, Options{Cases: []string{"bad-json", "bad-types"}, Attempts: 20, Watch: 300 * time.Millisecond}, nil)
	if err != nil {
		t.Fatal(err)
	}
	<-watch
	if len(r.Cases) != 1 || r.Cases[0].Alive || r.Cases[0].Survived() || r.Cases[0].Control.Closed == 0 || r.Stopped == "" {
		show(t, r)
		t.Errorf("stopped: %q; want one case, of which it died", r.Stopped)
	}
}

// A tracker that dies and can be restarted is restarted, and what it died of stays on record.
func TestADeadTrackerIsRestarted(t *testing.T) {
	o := serve(t, webtorrent.TrackerConfig{})
	died := make(chan struct{})
	go func() {
		defer close(died)
		for o.handler.Counters().Errors == 0 && t.Context().Err() == nil {
			time.Sleep(time.Millisecond)
		}
		o.stop()
	}()
	target := o.target()
	target.Restart = func(context.Context) error { <-died; return o.start() }
	r, err := Run(t.Context(), target, Options{Cases: []string{"bad-events", "forged-answers"}, Attempts: 12, Watch: 300 * time.Millisecond}, nil)
	<-died
	if err != nil || len(r.Cases) != 2 {
		t.Fatalf("%v, %+v", err, r)
	}
	dead, after := r.Cases[0], r.Cases[1]
	if dead.Alive || !dead.Restarted || dead.RecoveryMs == 0 || !after.Survived() {
		show(t, r)
		t.Error("want it dead, restarted, and well afterwards")
	}
}

func TestWhatCannotBeTriedIsRefused(t *testing.T) {
	o := serve(t, webtorrent.TrackerConfig{})
	noRestart := Target{URL: o.target().URL}
	for name, try := range map[string]func() error{
		"unknown case": func() error {
			_, err := Run(t.Context(), noRestart, Options{Cases: []string{"flood"}}, nil)
			return err
		},
		"no restart": func() error {
			_, err := Run(t.Context(), noRestart, Options{Cases: []string{restart}}, nil)
			return err
		},
		"attempts":     func() error { _, err := Run(t.Context(), noRestart, Options{Attempts: 1 << 20}, nil); return err },
		"nobody there": func() error { _, err := Run(t.Context(), Target{URL: "ws://127.0.0.1:9"}, Options{}, nil); return err },
	} {
		if try() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A run that is interrupted ends soon, keeps what it has and leaves nothing behind.
func TestInterrupted(t *testing.T) {
	o := serve(t, webtorrent.TrackerConfig{})
	if _, err := Run(t.Context(), o.target(), Options{Cases: []string{"fragments"}, Attempts: 2, Watch: time.Millisecond}, nil); err != nil {
		t.Fatal(err) // the tracker's own goroutines are there from now on
	}
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := Run(ctx, o.target(), Options{Attempts: 5, Watch: 200 * time.Millisecond}, func(p Progress) {
		if p.Done == 2 {
			cancel()
		}
	})
	if err == nil || r == nil || len(r.Cases) < 2 || len(r.Cases) > 3 {
		t.Errorf("%v, %+v", err, r)
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// What spoil makes is JSON of another shape, most of the time.
func TestSpoiledMessagesDiffer(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	different := 0
	for range 500 {
		o := good(rng)
		bad := encode(spoil(o, rng))
		if !json.Valid(bad) {
			t.Fatalf("%s", bad)
		}
		if string(bad) != string(encode(o)) {
			different++
		}
	}
	if different < 450 {
		t.Error(fmt.Sprint("only ", different, " of 500 differ"))
	}
}
