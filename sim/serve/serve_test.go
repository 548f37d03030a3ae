package serve

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"swarmlab/scenarios"
	"swarmlab/sim"
	"swarmlab/sim/hls"
)

// start serves a scenario for a test, and sees to it that nothing of it is left.
func start(t *testing.T, yaml string, o Options) *Server {
	t.Helper()
	s, err := scenarios.Parse("test.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := sim.OpenStream(s)
	if err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	srv, err := Start(s, stream, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
		for range 100 {
			if runtime.NumGoroutine() <= before {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		if n := runtime.NumGoroutine(); n > before {
			t.Errorf("%d goroutines, %d before: some have been left", n, before)
		}
		if err := stream.Close(); err != nil {
			t.Errorf("close the stream: %v", err)
		}
	})
	return srv
}

const loopback = "127.0.0.1:0"

func get(t *testing.T, client *http.Client, url string, header http.Header) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header[k] = v
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, body
}

// TestWhatIsServed goes through every part of a deployment, over plain HTTP and over TLS with the certificate that it made.
func TestWhatIsServed(t *testing.T) {
	srv := start(t, "stream: {segmentDuration: 2s, length: 10s}\np2pml: {core: {highDemandTimeWindow: 7}}\nplayer: {maxBufferLength: 9}",
		Options{Listen: loopback, ListenTLS: loopback, Assets: t.TempDir()})
	trusted := x509.NewCertPool()
	trusted.AddCert(srv.Certificate())
	secureClient := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}}
	plain, ok := srv.URLs()
	secure, ok2 := srv.SecureURLs()
	if !ok || !ok2 {
		t.Fatal("an address is missing")
	}
	for _, way := range []struct {
		name   string
		client *http.Client
		urls   URLs
	}{{"http", http.DefaultClient, plain}, {"https", secureClient, secure}} {
		t.Run(way.name, func(t *testing.T) {
			defer way.client.CloseIdleConnections()
			res, body := get(t, way.client, way.urls.Manifest, nil)
			if res.StatusCode != http.StatusOK || !hls.IsMaster(body) {
				t.Errorf("manifest: %s, %q", res.Status, body)
			}
			if res.Header.Get("Access-Control-Allow-Origin") != "*" {
				t.Error("a page elsewhere may not read the manifest")
			}
			checkSegment(t, srv, way.client, way.urls)
			checkTracker(t, way.client, way.urls.Tracker)

			_, body = get(t, way.client, way.urls.Page, nil)
			if !strings.Contains(string(body), "make assets") {
				t.Errorf("the page without its libraries does not say how to install them:\n%s", body)
			}
			res, body = get(t, way.client, way.urls.Page+"page/config.json", nil)
			var config struct {
				Core struct {
					HighDemandTimeWindow float64
					RTCConfig            struct{ ICEServers []any }
				}
				HLS               struct{ MaxBufferLength float64 }
				Manifest, Tracker string
			}
			if err := json.Unmarshal(body, &config); err != nil || res.StatusCode != http.StatusOK {
				t.Fatalf("config: %s, %v", res.Status, err)
			}
			if config.Core.HighDemandTimeWindow != 7 || config.HLS.MaxBufferLength != 9 || config.Core.RTCConfig.ICEServers == nil ||
				way.urls.Page+config.Manifest != way.urls.Manifest || config.Tracker != "tracker" {
				t.Errorf("the page gets %s", body)
			}
			res, body = get(t, way.client, way.urls.Stats, nil)
			var stats Stats
			if err := json.Unmarshal(body, &stats); err != nil || res.Header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("stats: %v, headers %v", err, res.Header)
			}
			if stats.Origin.SegmentBytes == 0 || stats.Origin.DistinctSegments != 1 || stats.Tracker.Announces == 0 {
				t.Errorf("stats do not show what this test has done:\n%s", body)
			}
		})
	}
}

// checkSegment loads a part of a segment as P2P Media Loader resumes one.
func checkSegment(t *testing.T, srv *Server, client *http.Client, urls URLs) {
	t.Helper()
	info, _ := srv.stream.Segment(0, 0)
	url := urls.Page + "stream/" + info.URI
	res, body := get(t, client, url, http.Header{"Range": {"bytes=1000-"}})
	want, err := srv.stream.Bytes(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusPartialContent || string(body) != string(want[1000:]) {
		t.Errorf("%s from byte 1000: %s, %d bytes", url, res.Status, len(body))
	}
	if exposed := res.Header.Get("Access-Control-Expose-Headers"); !strings.Contains(exposed, "Content-Range") {
		t.Errorf("a page elsewhere sees only the headers %q", exposed)
	}
}

// TestBrowsersAreToldWhetherToKeepSegments: as the scenario says; playlists they may keep anyhow.
func TestBrowsersAreToldWhetherToKeepSegments(t *testing.T) {
	for scenario, want := range map[string][2]string{
		"stream: {length: 10s}":                               {"public, max-age=31536000, immutable", "public, max-age=60"},
		"{stream: {length: 10s}, origin: {cacheable: false}}": {"no-store", "public, max-age=60"},
	} {
		srv := start(t, scenario, Options{Listen: loopback})
		urls, _ := srv.URLs()
		info, _ := srv.stream.Segment(0, 0)
		segment, _ := get(t, http.DefaultClient, urls.Page+"stream/"+info.URI, nil)
		playlist, _ := get(t, http.DefaultClient, urls.Manifest, nil)
		if got := [2]string{segment.Header.Get("Cache-Control"), playlist.Header.Get("Cache-Control")}; got != want {
			t.Errorf("%s: a segment says %q and the playlist %q, want %q", scenario, got[0], got[1], want)
		}
	}
}

// checkTracker announces, from a page elsewhere, and wants an answer.
func checkTracker(t *testing.T, client *http.Client, url string) {
	t.Helper()
	ws, _, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{HTTPClient: client, HTTPHeader: http.Header{"Origin": {"https://elsewhere.example"}}})
	if err != nil {
		t.Fatalf("tracker: %v", err)
	}
	defer ws.CloseNow()
	announce := `{"action":"announce","info_hash":"aaaaaaaaaaaaaaaaaaaa","peer_id":"-PM0203-aaaaaaaaaaaa","numwant":0,"offers":[]}`
	if err := ws.Write(t.Context(), websocket.MessageText, []byte(announce)); err != nil {
		t.Fatal(err)
	}
	if _, answer, err := ws.Read(t.Context()); err != nil || !strings.Contains(string(answer), `"interval":120`) {
		t.Errorf("the tracker says %s, %v", answer, err)
	}
}

// TestTheLibraries are served by the names in the page's import map, as scripts, and nothing beside them is.
func TestTheLibraries(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"hls.js/dist/hls.mjs", "p2p-media-loader-core/dist/p2p-media-loader-core.es.js",
		"p2p-media-loader-hlsjs/dist/p2p-media-loader-hlsjs.es.js", "secret.mjs"} {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("export default 1"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	srv := start(t, "stream: {length: 10s}", Options{Listen: loopback, Assets: folder})
	urls, _ := srv.URLs()
	_, index := get(t, http.DefaultClient, urls.Page, nil)
	imports := 0
	for _, part := range strings.Split(string(index), `"`) {
		if !strings.HasPrefix(part, "./assets/") {
			continue
		}
		imports++
		res, body := get(t, http.DefaultClient, urls.Page+part[2:], nil)
		if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/javascript") || len(body) == 0 {
			t.Errorf("%s: %s, %q", part, res.Status, res.Header.Get("Content-Type"))
		}
	}
	if imports != 3 {
		t.Errorf("the page imports %d libraries; has its form changed?", imports)
	}
	for _, path := range []string{"assets/secret.mjs", "assets/..%2fsecret.mjs", "page/page.go", "page/nothing.js", "nothing"} {
		if res, _ := get(t, http.DefaultClient, urls.Page+path, nil); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s, want 404", path, res.Status)
		}
	}
}

// TestALiveStreamsClockStartsWhenItIsServed: the newest segment is published as time goes by, from then on.
func TestALiveStreamsClockStartsWhenItIsServed(t *testing.T) {
	srv := start(t, "stream: {kind: live, segmentDuration: 1s, window: 4}", Options{Listen: loopback})
	urls, _ := srv.URLs()
	media := urls.Page + "stream/" + srv.stream.MediaPath(0)
	newest := func() string {
		_, body := get(t, http.DefaultClient, media, nil)
		lines := strings.Fields(string(body))
		return lines[len(lines)-1]
	}
	first := newest()
	deadline := time.Now().Add(10 * time.Second)
	for newest() == first {
		if time.Now().After(deadline) {
			t.Fatalf("the newest segment is %s for ten seconds", first)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// TestAddresses: what others can reach is refused unless it is wanted.
func TestAddresses(t *testing.T) {
	for _, tt := range []struct {
		address string
		public  bool
		want    string // part of the error
	}{
		{address: ""},
		{address: "127.0.0.1:8080"},
		{address: "127.8.9.10:0"},
		{address: "[::1]:8080"},
		{address: "localhost:1"},
		{address: ":8080", want: "127.0.0.1:8080"},
		{address: "0.0.0.0:80", want: "others can reach"},
		{address: "[::]:80", want: "others can reach"},
		{address: "192.168.1.2:80", want: "others can reach"},
		{address: "example.org:80", want: "others can reach"},
		{address: ":8080", public: true},
		{address: "192.168.1.2:80", public: true},
		{address: "127.0.0.1", want: "host:port"},
		{address: "127.0.0.1:65536", public: true, want: "65535"},
		{address: "127.0.0.1:http", want: "65535"},
	} {
		err := CheckAddress(tt.address, tt.public)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%q, public %v: %v", tt.address, tt.public, err)
		case tt.want != "" && (!errors.Is(err, ErrAddress) || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%q, public %v: %v, want an error with %q", tt.address, tt.public, err, tt.want)
		}
	}
	s, err := scenarios.Parse("test.yaml", []byte("stream: {length: 10s}"))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := sim.OpenStream(s)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	if _, err := Start(s, stream, Options{Listen: "0.0.0.0:0"}); !errors.Is(err, ErrAddress) {
		t.Errorf("Start listens on every address: %v", err)
	}
	if _, err := Start(s, stream, Options{}); err == nil {
		t.Error("Start serves nowhere without a word")
	}
}

// TestClosingEndsWhatIsUnderWay: a client that is slow, and one that holds a socket to the tracker, keep nobody waiting.
func TestClosingEndsWhatIsUnderWay(t *testing.T) {
	s, err := scenarios.Parse("test.yaml", []byte("stream: {length: 10s}\norigin: {responseDelay: 30s}"))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := sim.OpenStream(s)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	srv, err := Start(s, stream, Options{Listen: loopback})
	if err != nil {
		t.Fatal(err)
	}
	urls, _ := srv.URLs()
	failed := make(chan error, 1)
	go func() {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, urls.Manifest, nil)
		if err == nil {
			var res *http.Response
			if res, err = http.DefaultClient.Do(req); err == nil {
				res.Body.Close()
			}
		}
		failed <- err
	}()
	ws, _, err := websocket.Dial(t.Context(), urls.Tracker, nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _, _ = ws.Read(context.Background()) }() // lets the closing handshake through
	if err := srv.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	select {
	case err := <-failed:
		if err == nil {
			t.Error("an answer that was to take 30 s has come")
		}
	case <-time.After(20 * time.Second):
		t.Error("the request goes on after the server has closed")
	}
}
