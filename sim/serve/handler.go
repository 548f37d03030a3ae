package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"swarmlab/sim/browser/page"
)

// Where things are.
const (
	streamPath  = "/stream"
	trackerPath = "/tracker"
	statsPath   = "/stats"
)

func (s *Server) handler(assets string) (http.Handler, error) {
	config, err := s.pageConfig()
	if err != nil {
		return nil, err
	}
	if assets == "" {
		assets = page.DefaultAssets
	}
	viewing, err := page.Handler(config, assets)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle(streamPath+"/", http.StripPrefix(streamPath, s.origin))
	mux.Handle(trackerPath, s.tracker)
	mux.HandleFunc("GET "+statsPath, s.serveStats)
	mux.Handle("/", viewing)
	return mux, nil
}

// pageConfig is what the scenario's viewers are set to, as the page takes it.
func (s *Server) pageConfig() (page.Config, error) {
	core := make(map[string]any)
	text, err := json.Marshal(s.scenario.P2PML.Core)
	if err == nil {
		err = json.Unmarshal(text, &core)
	}
	if err != nil {
		return page.Config{}, fmt.Errorf("serve: P2P Media Loader's options: %w", err)
	}
	// The library's own default asks public STUN servers on the Internet, for nothing: here everybody is on the same network.
	core["rtcConfig"] = map[string]any{"iceServers": []any{}}
	if urls := s.scenario.Tracker.URLs; len(urls) > 0 {
		core["announceTrackers"] = urls
	}
	return page.Config{
		Scenario: s.scenario.Name,
		Manifest: strings.TrimPrefix(streamPath, "/") + "/" + s.stream.MasterPath(),
		Tracker:  strings.TrimPrefix(trackerPath, "/"),
		Core:     core,
		HLS:      s.scenario.Player,
	}, nil
}

func (s *Server) serveStats(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("Access-Control-Allow-Origin", "*")
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(s.Stats()) // a client that has gone needs no answer
}
