// Package page is the page on which a real browser watches: hls.js with P2P Media Loader, and what they do, live.
//
// The page is embedded; the two libraries are not. They are files of npm packages, installed by the script beside this package
// (make assets), and found in its node_modules folder.
package page

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed *.html *.js *.css
var files embed.FS

// DefaultAssets is where make assets puts the libraries, seen from the source folder.
const DefaultAssets = "sim/browser/node_modules"

// assets are the only files of the npm packages that are served, by the names that the page's import map has for them.
var assets = map[string]string{
	"hls.mjs":                    "hls.js/dist/hls.mjs",
	"p2p-media-loader-core.mjs":  "p2p-media-loader-core/dist/p2p-media-loader-core.es.js",
	"p2p-media-loader-hlsjs.mjs": "p2p-media-loader-hlsjs/dist/p2p-media-loader-hlsjs.es.js",
}

// Missing reports, as an error, which library is not in the folder.
func Missing(folder string) error {
	for _, served := range slices.Sorted(maps.Keys(assets)) {
		name := assets[served]
		if _, err := os.Stat(filepath.Join(folder, filepath.FromSlash(name))); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%s is not in %s: install it with make assets", path.Dir(path.Dir(name)), folder)
			}
			return err
		}
	}
	return nil
}

// Config is what the page plays unless its address says otherwise.
type Config struct {
	Scenario string `json:"scenario"`
	Manifest string `json:"manifest"` // relative to the page
	Tracker  string `json:"tracker"`  // likewise; the scheme becomes ws or wss
	Core     any    `json:"core"`     // P2P Media Loader's core options
	HLS      any    `json:"hls"`      // hls.js's options
}

// Handler serves the page at /, its parts under /page/ and the libraries under /assets/. The folder is looked at anew for every
// request, so that libraries installed meanwhile are there when the page is loaded again.
func Handler(config Config, folder string) (http.Handler, error) {
	body, err := json.Marshal(config)
	if err != nil {
		return nil, fmt.Errorf("the page's options: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		if Missing(folder) != nil {
			serve(w, r, "missing.html")
			return
		}
		serve(w, r, "index.html")
	})
	mux.HandleFunc("GET /page/config.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(body)
	})
	mux.HandleFunc("GET /page/{name}", func(w http.ResponseWriter, r *http.Request) { serve(w, r, r.PathValue("name")) })
	mux.HandleFunc("GET /assets/{name}", func(w http.ResponseWriter, r *http.Request) {
		name, ok := assets[r.PathValue("name")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", scriptType)
		http.ServeFile(w, r, filepath.Join(folder, filepath.FromSlash(name)))
	})
	return mux, nil
}

// scriptType is said in so many words: what the machine's table of types makes of .mjs varies, and browsers run no module
// of another type.
const scriptType = "text/javascript; charset=utf-8"

func serve(w http.ResponseWriter, r *http.Request, name string) {
	if strings.HasSuffix(name, ".js") {
		w.Header().Set("Content-Type", scriptType)
	}
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, files, name)
}
