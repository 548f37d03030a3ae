package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
)

// recording is a video of 30 x 2 s in segments of about 200 kB: three whole messages of 65,535 bytes, and a rest.
const recording = `
name: recording
stream: {segmentDuration: 2s, length: 60s, variants: [{bandwidth: 800000, resolution: 640x360, codecs: "avc1.42c01e,mp4a.40.2"}]}
`

// TestThePagePlays: over plain HTTP and over TLS the picture moves, there is sound, and every byte is what the origin made.
func TestThePagePlays(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	secure, _ := d.SecureURLs()
	for name, address := range map[string]string{"http": d.urls.Page, "https": secure.Page} {
		t.Run(name, func(t *testing.T) {
			here := *d
			here.t = t
			v := here.openAt(address)
			v.until("three seconds of picture and sound", func(s Snapshot, _ []Event) bool {
				p := s.Playback
				return p.CurrentTime > 3 && p.Frames > 10 && p.AudioBytes != nil && *p.AudioBytes > 1000
			})
			v.intact()
			now, events := v.look()
			if now.StartupMs == nil || now.Ratio == nil || *now.Ratio != 0 || now.Bytes.HTTP == 0 || now.Segments.HTTP == 0 || now.Errors > 0 {
				t.Errorf("a viewer alone: %+v", now)
			}
			if n := count(events, "firstPicture", nil); n != 1 {
				t.Errorf("%d first pictures", n)
			}
			if live := now.Playback.Live; live == nil || *live {
				t.Error("the page does not know that this is a recording")
			}
		})
	}
}

// TestThePagesOptions: all of them can be given in the address, in three ways, and reach the libraries.
func TestThePagesOptions(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording+"p2pml: {core: {highDemandTimeWindow: 7, p2pErrorRetries: 5}}\nplayer: {maxBufferLength: 11}\n")
	config := `{"core":{"simultaneousP2PDownloads":9,"mainStream":{"httpErrorRetries":4}},"hls":{"maxMaxBufferLength":13}}`
	v := d.open("start=no", "config="+url.QueryEscape(config), "core.highDemandTimeWindow=3", "core.mainStream.p2pErrorRetries=6",
		"hls.liveSyncDurationCount=2", "swarmId=ours")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	text, err := Evaluate[string](ctx, v.Tab, `JSON.stringify({core: swarmlab.hls.p2pEngine.getConfig().core.mainStream,
		hls: {max: swarmlab.hls.userConfig.maxBufferLength, maxMax: swarmlab.hls.userConfig.maxMaxBufferLength,
		count: swarmlab.hls.userConfig.liveSyncDurationCount}, muted: swarmlab.video.muted, started: swarmlab.snapshot().started})`)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Core struct {
			HighDemandTimeWindow, SimultaneousP2PDownloads, P2PErrorRetries, HTTPErrorRetries float64
			SwarmID                                                                           string
			AnnounceTrackers                                                                  []string
			RTCConfig                                                                         struct{ ICEServers []any }
		}
		HLS     struct{ Max, MaxMax, Count float64 }
		Muted   bool
		Started *float64
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	c := got.Core
	if c.HighDemandTimeWindow != 3 || c.SimultaneousP2PDownloads != 9 || c.P2PErrorRetries != 6 || c.HTTPErrorRetries != 4 ||
		c.SwarmID != "ours" || len(c.AnnounceTrackers) != 1 || c.AnnounceTrackers[0] != d.tracker || len(c.RTCConfig.ICEServers) != 0 ||
		got.HLS.Max != 11 || got.HLS.MaxMax != 13 || got.HLS.Count != 2 || !got.Muted || got.Started != nil {
		t.Errorf("the libraries got %s", text)
	}
	if n := d.Stats().Origin.PlaylistBytes; n != 0 {
		t.Errorf("a page that was told to wait has loaded %d bytes of playlists", n)
	}
}

// TestThePageSaysWhatIsWrong: a mistake in the address is shown, not swallowed.
func TestThePageSaysWhatIsWrong(t *testing.T) {
	needBrowser(t)
	d := deploy(t, recording)
	v := d.open("config=" + url.QueryEscape("{core:4}"))
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	shown, err := Evaluate[string](ctx, v.Tab, `document.getElementById("problem").hidden ? "" : document.getElementById("problem").innerText`)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(shown, "must be JSON") {
		t.Errorf("the page shows %q", shown)
	}
	if now, events := v.look(); now.Errors != 1 || count(events, "error", nil) != 1 {
		t.Errorf("the page notes %d errors", now.Errors)
	}
}

// TestAQuietPage: a page whose browser tells nothing of it plays as any other, and its complaints are still heard.
func TestAQuietPage(t *testing.T) {
	b := needBrowser(t)
	d := deploy(t, recording)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	p, err := b.Open(ctx, d.urls.Page+"?start=no")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var told atomic.Int64
	if err := chromedp.Listen(p.ctx, func(ev any) {
		if strings.HasPrefix(fmt.Sprintf("%T", ev), "*network.") {
			told.Add(1)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := p.Run(ctx, `fetch("/").then((r) => r.text())`); err != nil {
		t.Fatal(err)
	}
	if told.Load() == 0 {
		t.Fatal("nothing is told of an ordinary page, so nothing can be seen here")
	}
	if err := p.Quiet(ctx); err != nil {
		t.Fatal(err)
	}
	told.Store(0)
	if err := p.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(ctx, func(s Snapshot, _ []Event) bool { return s.Playback.CurrentTime > 1 }); err != nil {
		t.Fatal(err)
	}
	if n := told.Load(); n != 0 {
		t.Errorf("the browser told of %d requests", n)
	}
	if err := p.Run(ctx, `console.error("here I am")`); err != nil {
		t.Fatal(err)
	}
	if err := poll(ctx, func() (bool, error) { return len(p.Console()) > 0, nil }); err != nil {
		t.Errorf("nobody heard what the page said: %v", err)
	}
}
