package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"swarmlab/sim/trackerbench/process"
)

// embeddedTracker is our own tracker in a process of its own: only then its processor time can be told from the load's.
type embeddedTracker struct {
	url, emulate string
	cmd          *exec.Cmd
	stdin        io.Closer
	ended        *sync.WaitGroup // its output has been read
}

// startEmbedded runs this program again, as a tracker that ends when we do, however that is. listen is an address of loopback.
func startEmbedded(ctx context.Context, listen, emulate string) (*embeddedTracker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{"serve", "--tracker-only", "--listen", listen, "--json", "--until-eof"}
	if emulate != "" {
		args = append(args, "--set", "tracker.emulate="+emulate)
	}
	t := &embeddedTracker{emulate: emulate, cmd: exec.Command(self, args...)}
	t.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a signal of the terminal is for us; the child ends with its input
	var said strings.Builder
	t.cmd.Stderr = &said
	in, err1 := t.cmd.StdinPipe()
	out, err2 := t.cmd.StdoutPipe()
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	if err := t.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the embedded tracker: %w", err)
	}
	t.stdin = in
	urls := make(chan string, 1)
	t.ended = &sync.WaitGroup{}
	t.ended.Go(func() {
		var u trackerURLs
		lines := bufio.NewReader(out)
		if line, err := lines.ReadBytes('\n'); err == nil {
			_ = json.Unmarshal(line, &u) // then there is none
		}
		urls <- u.Tracker
		_, _ = io.Copy(io.Discard, lines)
	})
	const patience = 20 * time.Second
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case t.url = <-urls:
	case <-timeout.C:
	case <-ctx.Done():
	}
	if t.url == "" {
		t.stop()
		return nil, errors.Join(ctx.Err(), fmt.Errorf("the embedded tracker has not started: %s", strings.TrimSpace(said.String())))
	}
	return t, nil
}

func (t *embeddedTracker) pid() int { return t.cmd.Process.Pid }

// restart kills it and starts another one at the same address.
func (t *embeddedTracker) restart(ctx context.Context) (*process.Process, error) {
	_ = t.cmd.Process.Kill() // it may be dead
	t.stop()
	u, err := url.Parse(t.url)
	if err != nil {
		return nil, err
	}
	again, err := startEmbedded(ctx, u.Host, t.emulate)
	if err != nil {
		return nil, err
	}
	t.cmd, t.stdin = again.cmd, again.stdin
	t.ended = again.ended
	return process.Open(t.pid())
}

// stop ends it in order, or after some seconds anyhow.
func (t *embeddedTracker) stop() {
	_ = t.stdin.Close() // that is what tells it
	const patience = 10 * time.Second
	kill := time.AfterFunc(patience, func() { _ = t.cmd.Process.Kill() })
	defer kill.Stop()
	t.ended.Wait()
	_ = t.cmd.Wait() // how it ended is of no interest any more
}
