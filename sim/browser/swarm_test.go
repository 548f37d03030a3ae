package browser

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim"
)

// npmTracker is bittorrent-tracker, from npm, on a port of its own.
type npmTracker struct {
	url       string
	announces atomic.Int64
}

func startNPMTracker(t *testing.T) *npmTracker {
	t.Helper()
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(assets, "bittorrent-tracker"))
	}
	if err != nil {
		if os.Getenv(require) != "" {
			t.Fatalf("%s is set, and bittorrent-tracker cannot be started: %v", require, err)
		}
		t.Skipf("bittorrent-tracker cannot be started (make interop installs it): %v", err)
	}
	cmd := exec.Command(node, filepath.Join("testdata", "tracker.mjs"))
	cmd.Stderr = os.Stderr
	stdin, err1 := cmd.StdinPipe() // closing it ends the tracker; so does our own end
	stdout, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	read := make(chan struct{})
	t.Cleanup(func() {
		_ = stdin.Close()
		<-read
		_ = cmd.Wait()
	})
	if !lines.Scan() {
		close(read)
		t.Fatalf("bittorrent-tracker has not started: %v", lines.Err())
	}
	port, err := strconv.Atoi(lines.Text())
	tracker := &npmTracker{url: fmt.Sprintf("ws://127.0.0.1:%d", port)}
	go func() {
		defer close(read)
		for lines.Scan() {
			tracker.announces.Add(1)
		}
		_, _ = io.Copy(io.Discard, stdout)
	}()
	if err != nil {
		t.Fatalf("bittorrent-tracker says %q; want its port", lines.Text())
	}
	return tracker
}

// party is virtual viewers on the real network, with the result that they bring home.
type party struct {
	leave context.CancelFunc
	done  chan struct{}
	*results.Result
	err error
}

// virtual lets virtual viewers join, as swarmlab join does. They watch until they are told to leave.
func (d *deployment) virtual(yaml string) *party {
	d.t.Helper()
	s, err := scenarios.Parse("virtual.yaml", []byte(yaml))
	if err != nil {
		d.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &party{leave: cancel, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.Result, p.err = sim.Join(ctx, s, sim.Deployment{
			ManifestURL: d.urls.Manifest, Trackers: []string{d.tracker}, Reach: sim.Reach{Loopback: true},
		}, sim.Options{})
	}()
	d.t.Cleanup(func() { cancel(); <-p.done })
	return p
}

// home is the result, after they were told to leave.
func (p *party) home(t *testing.T) *results.Result {
	t.Helper()
	p.leave()
	<-p.done
	if p.Result == nil || p.err != nil && !errors.Is(p.err, context.Canceled) {
		t.Fatalf("the virtual viewers: %v", p.err)
	}
	for _, c := range p.Invariants {
		if !c.OK {
			t.Errorf("the virtual viewers' figures cannot be true: %s: %s", c.Name, c.Detail)
		}
	}
	return p.Result
}

// kinds are the streams of the swarm tests, with settings under which viewers share early.
var kinds = []struct{ name, stream, core string }{
	{
		name:   "vod",
		stream: `{segmentDuration: 2s, length: 3m, variants: [{bandwidth: 800000, resolution: 640x360, codecs: "avc1.42c01e,mp4a.40.2"}]}`,
		core:   `{highDemandTimeWindow: 4}`,
	},
	{
		name:   "live",
		stream: `{kind: live, segmentDuration: 1s, window: 12, variants: [{bandwidth: 800000, resolution: 640x360, codecs: "avc1.42c01e,mp4a.40.2"}]}`,
		core:   `{highDemandTimeWindow: 2, simultaneousP2PDownloads: 5}`,
	},
}

// TestPagesAndVirtualViewersInOneSwarm: a virtual viewer, then a real page, then one more virtual viewer. The page offers to the
// first and answers the second; all three share, and every byte is what the origin made.
func TestPagesAndVirtualViewersInOneSwarm(t *testing.T) {
	needBrowser(t)
	for _, kind := range kinds {
		for _, tracker := range []string{"embedded", "bittorrent-tracker"} {
			t.Run(kind.name+" "+tracker, func(t *testing.T) {
				d := deploy(t, "stream: "+kind.stream+"\np2pml: {core: "+kind.core+"}\n")
				announced := func() int64 { return d.Stats().Tracker.Announces }
				if tracker == "bittorrent-tracker" {
					npm := startNPMTracker(t)
					d.tracker = npm.url
					announced = npm.announces.Load
				}
				share(t, d, kind.core, kind.name == "live", announced)
			})
		}
	}
}

// share lets the three share. Of a video each has something that each other needs. Of a live stream whoever is nearest to the edge loads
// from the origin for all others; so that this is not left to chance, each stays two seconds behind the one that came before it, and
// the page gets from the first and gives to the last.
func share(t *testing.T, d *deployment, core string, live bool, announced func() int64) {
	t.Helper()
	peers, segments := 2, 4
	behind := func(seconds int) (scenario, query string) { return "", "" }
	if live {
		peers, segments = 1, 1
		behind = func(seconds int) (scenario, query string) {
			return fmt.Sprintf("player: {liveSyncDuration: %d}\n", seconds), fmt.Sprintf("hls.liveSyncDuration=%d", seconds)
		}
	}
	one := func(seed, seconds int) string {
		player, _ := behind(seconds)
		return fmt.Sprintf("peers: {count: 1}\nrun: {duration: 5m, seed: %d}\np2pml: {core: %s}\n%s", seed, core, player)
	}
	_, ofPage := behind(8)
	first := d.virtual(one(1, 6))
	waitFor(t, "the first virtual viewer's announce", func() bool { return announced() >= 1 })
	v := d.open(ofPage)
	v.until("the page's offer to be taken", func(s Snapshot, _ []Event) bool { return connectedAs(s, "offerer") == 1 })
	second := d.virtual(one(2, 10))
	v.until("an answer to the second viewer's offer", func(s Snapshot, _ []Event) bool { return connectedAs(s, "answerer") == 1 })
	v.until("segments from others and to others", func(s Snapshot, events []Event) bool {
		return peersIn(events, "onChunkDownloaded") >= peers && peersIn(events, "onChunkUploaded") >= peers &&
			s.Segments.P2P >= segments && s.Playback.CurrentTime > 3 && s.Playback.Frames > 10
	})
	v.intact()
	r1, r2 := first.home(t), second.home(t)
	v.until("the goodbyes", func(s Snapshot, _ []Event) bool { return len(s.Peers) == 0 })
	now, events := v.look()
	if r1.Summary.P2PBytes+r2.Summary.P2PBytes == 0 || r1.Summary.UploadedBytes+r2.Summary.UploadedBytes == 0 {
		t.Error("the virtual viewers have not both given and got")
	}
	for i, r := range []*results.Result{r1, r2} {
		s := r.Summary
		idle := !live && (s.P2PBytes == 0 || s.UploadedBytes == 0)
		if s.CorruptSegments != 0 || s.FullyDelivered != 1 || s.NeverStarted != 0 || idle {
			t.Errorf("virtual viewer %d: %d corrupt segments, %d intact viewers, %d bytes from others, %d to others",
				i+1, s.CorruptSegments, s.FullyDelivered, s.P2PBytes, s.UploadedBytes)
		}
		t.Logf("virtual viewer %d: %d bytes from others, %d to others, ratio %.2f", i+1, s.P2PBytes, s.UploadedBytes, s.P2PRatio)
	}
	// Three tell of the same bytes: what somebody received, somebody uploaded. What was under way when a viewer left is uploaded only: at
	// most a segment each way on each of three connections.
	uploaded := now.Bytes.Uploaded + r1.Summary.UploadedBytes + r2.Summary.UploadedBytes
	received := now.Bytes.P2P + r1.Summary.P2PChunkBytes + r2.Summary.P2PChunkBytes
	if segment := int64(len(d.bytes(0, 1))); received > uploaded || received < uploaded-6*segment {
		t.Errorf("%d bytes were received from others, and %d uploaded", received, uploaded)
	}
	if n := count(events, "onSegmentError", func(e Event) bool { return strings.HasPrefix(e.Type, "peer-") && e.Type != "peer-closed" }); n > 0 {
		t.Errorf("the page complains %d times of what virtual viewers sent", n)
	}
	t.Logf("the page: %+v, %+v, stalls %d", now.Bytes, now.Segments, now.Stalls)
}

// peersIn counts the peers that events of a kind name.
func peersIn(events []Event, kind string) int {
	seen := make(map[string]bool)
	for _, e := range events {
		if e.Kind == kind && e.Peer != "" {
			seen[e.Peer] = true
		}
	}
	return len(seen)
}
