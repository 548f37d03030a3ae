package virtualtime

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestAnHourPassesAtOnce(t *testing.T) {
	wall := time.Now()
	var virtual time.Duration
	err := Run(context.Background(), Options{}, func(context.Context) error {
		start := time.Now()
		time.Sleep(time.Hour)
		virtual = time.Since(start)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if virtual != time.Hour {
		t.Errorf("an hour's sleep took %v of virtual time", virtual)
	}
	if d := time.Since(wall); d > 30*time.Minute {
		t.Errorf("an hour's sleep took %v of wall time", d)
	}
}

func TestWhatEndsBadlyIsAnErrorThatNamesIt(t *testing.T) {
	boom := errors.New("boom")
	for name, c := range map[string]struct {
		f    func(context.Context) error
		is   error
		text string
	}{
		"an error is passed on": {func(context.Context) error { return boom }, boom, "boom"},
		"a panic becomes one, with its stack": {
			func(context.Context) error { panic("the roof") }, nil, "virtualtime_test.go"},
		"a goroutine left behind is named": {
			func(context.Context) error { go waitForEver(); time.Sleep(time.Second); return nil },
			ErrLeftBehind, "waitForEver"},
		"a run that waits for ever is found out": {
			func(context.Context) error { waitForEver(); return nil }, ErrLeftBehind, "waitForEver"},
		"a run that overstays is told to end": {
			func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) }, ErrLimit, "limit"},
		"the error of the run survives a goroutine left behind": {
			func(context.Context) error { go waitForEver(); time.Sleep(time.Second); return boom }, boom, "waitForEver"},
	} {
		t.Run(name, func(t *testing.T) {
			err := Run(context.Background(), Options{Limit: time.Hour}, c.f)
			if err == nil || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v, want it to say %q", err, c.text)
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("got %v, want %v", err, c.is)
			}
		})
	}
}

func waitForEver() { <-make(chan int) }

func TestAClockThatStandsStillIsReported(t *testing.T) {
	release := make(chan struct{}) // made outside: waiting for it is not durable, so virtual time cannot move
	defer close(release)
	err := Run(context.Background(), Options{StuckAfter: time.Second}, func(context.Context) error {
		<-release
		return nil
	})
	if !errors.Is(err, ErrStuck) || !strings.Contains(err.Error(), "TestAClockThatStandsStillIsReported") {
		t.Errorf("got %v, want ErrStuck with the waiting function's name", err)
	}
}

func TestTheOuterContextEndsTheRunInVirtualTime(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err := Run(ctx, Options{}, func(inner context.Context) error {
		time.Sleep(time.Minute)
		cancel()
		start := time.Now()
		<-inner.Done()
		if d := time.Since(start); d > 2*heartbeat {
			t.Errorf("the run heard of it %v later", d)
		}
		return inner.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestProgressIsReportedFromOutside(t *testing.T) {
	var reports []time.Duration
	release := make(chan struct{})
	err := Run(context.Background(), Options{Progress: func(v time.Duration) {
		if reports = append(reports, v); len(reports) == 3 {
			close(release)
		}
	}}, func(context.Context) error {
		time.Sleep(10 * time.Second)
		<-release // not durable: the clock rests at 10 s while the watch looks three times
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range reports {
		if v < 9*time.Second || v > 11*time.Second {
			t.Errorf("progress says %v while the clock rests at 10 s", v)
		}
	}
}
