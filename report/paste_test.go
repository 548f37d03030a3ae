package report

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"swarmlab/results"
)

func option(object, name, value, unit, before string) results.ConfigOption {
	return results.ConfigOption{Object: object, Name: name, Value: json.RawMessage(value), Unit: unit, Before: before}
}

// configurations are what can be pasted, from nothing to everything, with text that tries to break out of its comment or its quotes.
var configurations = map[string]results.Configuration{
	"nothing": {Why: []string{"No setting is better than the defaults."}},
	"one": {
		Options: []results.ConfigOption{option("core", "highDemandTimeWindow", "7.5", "s of media", "15")},
		Why:     []string{"live, 100 viewers: P2P ratio +6.1 points (95 % interval +5.0 to +7.2) over the defaults, packet tier, 8 seeds."},
	},
	"all": {
		Options: []results.ConfigOption{
			option("core", "simultaneousP2PDownloads", "5", "downloads", "3"),
			option("core", "swarmId", `"a\"b\u2028*/ // </script>"`, "", ""),
			option("core.mainStream", "highDemandTimeWindow", "4", "s of media", "15"),
			option("core.secondaryStream", "isP2PDisabled", "true", "", "false"),
			option("player", "liveSyncDurationCount", "7", "segments", ""),
		},
		Why: []string{"a\nb\u2028process.exit(1)\r; */ " + strings.Repeat("long ", 40)},
	},
}

func TestPastedGoldens(t *testing.T) {
	for _, name := range []string{"nothing", "one", "all"} {
		c := configurations[name]
		asJSON, err := PasteJSON(c)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "paste-"+name+".txt", []byte(PasteHLS(c)+"\n----\n"+PasteShaka(c)+"\n----\n"+asJSON))
	}
}

// TestPastedJavaScriptRuns gives what is pasted to Node, with modules in the libraries' place that note what they are given: the
// program is one that runs, and the engines get what the JSON says.
func TestPastedJavaScriptRuns(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no Node on this machine")
	}
	dir := t.TempDir()
	files := map[string]string{
		"hls.js/index.mjs":                 `export default class Hls {}`,
		"p2p-media-loader-hlsjs/index.mjs": `export class HlsJsP2PEngine { static injectMixin() { return class { constructor(c) { console.log(JSON.stringify(c)); } } } }`,
		"shaka-player/index.mjs":           `export default { Player: class {} };`,
		"p2p-media-loader-shaka/index.mjs": `export class ShakaP2PEngine { static registerPlugins(s) { if (!s.Player) throw 1; } constructor(c) { console.log(JSON.stringify(c)); } bindShakaPlayer(p) { if (!p) throw 2; } }`,
	}
	for path, text := range files {
		at := filepath.Join(dir, "node_modules", path)
		keep(t, at, []byte(text))
		keep(t, filepath.Join(filepath.Dir(at), "package.json"), []byte(`{"type": "module", "exports": "./index.mjs"}`))
	}
	for name, c := range configurations {
		asJSON, err := PasteJSON(c)
		if err != nil {
			t.Fatal(err)
		}
		var want map[string]any
		if err := json.Unmarshal([]byte(asJSON), &want); err != nil {
			t.Fatal(err)
		}
		for engine, source := range map[string]string{"hlsjs": PasteHLS(c), "shaka": PasteShaka(c)} {
			path := filepath.Join(dir, name+"-"+engine+".mjs")
			keep(t, path, []byte(source))
			if out, err := exec.Command(node, "--check", path).CombinedOutput(); err != nil { // our own program
				t.Errorf("%s for %s: %v\n%s\n%s", name, engine, err, out, source)
				continue
			}
			out, err := exec.Command(node, path).Output() // our own program
			if err != nil {
				t.Errorf("%s for %s: %v\n%s", name, engine, err, source)
				continue
			}
			var got, expected any = nil, want
			if engine == "shaka" {
				expected = want["p2p"]
			}
			if err := json.Unmarshal(out, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(expected, got); diff != "" {
				t.Errorf("%s for %s (-want +got):\n%s", name, engine, diff)
			}
		}
	}
}

// TestPastedNamesAreTheLibrarys holds the JavaScript against the installed engine, where it is installed (make assets).
func TestPastedNamesAreTheLibrarys(t *testing.T) {
	types, err := os.ReadFile("../sim/browser/node_modules/p2p-media-loader-hlsjs/lib/engine.d.ts")
	if err != nil {
		t.Skip("the library is not installed; make assets does it")
	}
	for _, want := range []string{"class HlsJsP2PEngine", "static injectMixin(hls: typeof Hls)", "p2p?:", "core?: Partial<CoreConfig>"} {
		if !strings.Contains(string(types), want) {
			t.Errorf("the engine has no %q", want)
		}
	}
}
