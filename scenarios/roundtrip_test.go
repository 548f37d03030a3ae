package scenarios

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"swarmlab/netem"
)

// fuller gives every field of a scenario a random valid value, or none; what then does not go together, Resolve refuses.
type fuller struct{ rng *rand.Rand }

func (u fuller) fill(v reflect.Value, density float64) {
	for _, f := range fieldsOf(v.Type()) {
		if fv := v.FieldByIndex(f.index); u.rng.Float64() < density || isGroup(fv.Type()) {
			u.field(fv, f, density)
		}
	}
}

func (u fuller) field(v reflect.Value, f field, density float64) {
	switch {
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		u.field(v.Elem(), f, density)
	case v.Type() == linkType && u.rng.IntN(2) == 0:
		v.FieldByName("Preset").SetString(pick(u.rng, netem.LinkPresetNames()))
	case isGroup(v.Type()):
		u.fill(v, density)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1+u.rng.IntN(3), 3))
		for i := range v.Len() {
			u.field(v.Index(i), f, density)
		}
	case v.Type() == queueType:
		v.Set(reflect.ValueOf(pick(u.rng, []netem.Queue{{}, netem.QueueBytes(1 + u.rng.Int64N(1e9)), netem.QueueTime(time.Duration(1 + u.rng.Int64N(1e12)))})))
	case v.Kind() == reflect.String:
		v.SetString(u.word(f))
	case v.Kind() == reflect.Bool:
		v.SetBool(u.rng.IntN(2) == 0)
	default:
		u.number(v, f)
	}
}

// words that YAML is known to trip over.
var words = []string{"x", "true", "No", "~", "null", "012", "1e5", "0x1f", "12:30", "a: b", "# c", "- d", "'", `"`, `\`, "é ü 😀", " lead", "trail ", "a\nb", "\t", "\u0001", "\u2028", "{", "&a", "*b", "!c", "%", "@", "`", "<<", "...", "---", "=", ".inf", "1_000", "?", "a,b", "[", strings.Repeat("long ", 50)}

func (u fuller) word(f field) string {
	switch {
	case f.choices != nil:
		return pick(u.rng, f.choices)
	case f.name == "thresholds":
		return "p95(httpLatencyMs) < 800"
	case f.name == "urls":
		return "wss://tracker.example.org/announce?a=b#c"
	case f.name == "resolution":
		return "640x360"
	case f.pattern != nil:
		return pick(u.rng, []string{"true", "null", "12", "1e5", "a-b.c_d", "0", "yes", "0x1f", "012"}) + fmt.Sprint(u.rng.IntN(3))
	}
	return pick(u.rng, words)
}

func (u fuller) number(v reflect.Value, f field) {
	low, high := bound(f.min, v.Type(), -1e9), bound(f.max, v.Type(), 1e9)
	x := low + (min(high, 1e15)-low)*pick(u.rng, []float64{0, 1e-9, 1e-3, u.rng.Float64(), 1})
	switch v.Kind() {
	case reflect.Float64:
		v.SetFloat(x)
	case reflect.Uint64:
		v.SetUint(uint64(x) + 1)
	default:
		v.SetInt(int64(x))
	}
}

func pick[T any](rng *rand.Rand, all []T) T { return all[rng.IntN(len(all))] }

// valid makes a random scenario that resolves.
func valid(rng *rand.Rand) *Scenario {
	for {
		s := new(Scenario)
		fuller{rng}.fill(reflect.ValueOf(s).Elem(), rng.Float64()*rng.Float64())
		if rng.IntN(3) > 0 { // what seldom goes together by chance
			s.Peers.Arrival, s.Peers.Session = Arrival{}, Session{}
		}
		if rng.IntN(10) == 0 {
			s.Peers.Count, s.Peers.Arrival = 0, Arrival{Kind: Trace, Times: []Duration{0, Duration(rng.Int64N(1e9)), 5e8}}
		}
		if rng.IntN(3) > 0 {
			s.Stream.From = ""
		}
		for i := range s.Peers.Groups {
			s.Peers.Groups[i].Name = fmt.Sprintf("g%d", i)
			s.Peers.Groups[i].Share = 1 / float64(len(s.Peers.Groups))
		}
		for i := range s.Stream.Variants {
			s.Stream.Variants[i].Name = ""
			orElse(&s.Stream.Variants[i].Bandwidth, 800_000)
		}
		if s.Resolve() == nil {
			return s
		}
	}
}

func TestAResolvedScenarioReadsBackTheSame(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	touched := map[string]bool{}
	for range 1500 {
		s := valid(rng)
		if s.Stream.From != "" {
			s.Stream.From = absolute("", s.Stream.From)
		}
		note(reflect.ValueOf(s).Elem(), "", touched)
		text := s.YAML()
		back, err := Parse("other/place.yaml", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if !s.Equal(back) {
			t.Fatalf("%s\n%s", cmp.Diff(clone(s), clone(back), cmp.AllowUnexported(Scenario{}, source{})), text)
		}
		fromJSON(t, s)
		again := clone(back)
		if err := again.Resolve(); err != nil || !again.Equal(back) {
			t.Fatalf("resolving again changes it: %v", err)
		}
	}
	everyField(func(path string, _ field) {
		if !touched[path] {
			t.Errorf("%s was never set: the property says nothing about it", path)
		}
	})
}

// note marks the fields that have a value.
func note(v reflect.Value, path string, touched map[string]bool) {
	for _, f := range fieldsOf(v.Type()) {
		fv, at := v.FieldByIndex(f.index), join(path, f.name)
		if fv.IsZero() {
			continue
		}
		touched[at] = true
		if fv.Kind() == reflect.Slice && isGroup(fv.Type().Elem()) {
			for i := range fv.Len() {
				note(fv.Index(i), at+"[]", touched)
			}
		} else if isGroup(fv.Type()) {
			note(fv, at, touched)
		}
	}
}

func fromJSON(t *testing.T, s *Scenario) {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back Scenario
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if !s.Equal(&back) {
		t.Fatalf("%s\n%s", cmp.Diff(clone(s), clone(&back), cmp.AllowUnexported(Scenario{}, source{})), text)
	}
}

func TestTheZeroValueRuns(t *testing.T) {
	var s Scenario
	if err := s.Resolve(); err != nil {
		t.Fatal(err)
	}
	if s.Name != "scenario" || s.Peers.Count != 10 || s.Stream.Kind != VOD || s.Run.Duration.Std() != 150*time.Second {
		t.Errorf("%s", s.YAML())
	}
	if got := len(Audience(&s, 1)); got != 10 {
		t.Errorf("%d viewers", got)
	}
	empty, err := Parse("scenario.yaml", nil)
	if err != nil || !empty.Equal(&s) {
		t.Errorf("an empty file is another scenario than the zero value: %v", err)
	}
}

func TestResolveRefusesWhatCodeGotWrong(t *testing.T) {
	s := &Scenario{Peers: Peers{Count: -1}}
	err := s.Resolve()
	if err == nil || err.Error() != "peers.count: must be between 1 and 1000000 peers, got -1" {
		t.Errorf("got %v", err)
	}
	if s.Peers.Count != -1 || s.Name != "" {
		t.Error("a refused Resolve changed the scenario")
	}
}

// The example that users are shown first must be read as it stands.
func TestTheWellKnownExample(t *testing.T) {
	s := parse(t, `
name: evening-match
run: {duration: 5m, seed: 1}
stream:
  kind: live                     # live | vod
  segmentDuration: 2s
  window: 8                      # live: segments in the playlist
  length: 10m                    # vod
  # from: match/master.m3u8      # or somebody's own HLS folder, with its real sizes
  variants: [{bandwidth: 800000, resolution: 640x360, codecs: "avc1.42c01e,mp4a.40.2"}]
peers:
  count: 200
  arrival: {kind: poisson, over: 30s}          # together | stagger | ramp | poisson | flash | trace
  session: {kind: lognormal, median: 4m, sigma: 1}
  leave: {clean: 0.7}                          # the others just vanish
  groups:
    - {name: home, share: 0.6, link: cable, nat: port-restricted, region: eu}
    - {name: mobile, share: 0.4, link: lte, nat: symmetric, upload: false}
p2pml: {core: {highDemandTimeWindow: 12, simultaneousP2PDownloads: 4}}   # the library's own names and units
tracker: {interval: 30s, maxOffers: 10, selection: uniform}              # or urls: [ws://...]
origin: {link: origin, responseDelay: 40ms, errorRate: 0}
ice: {stun: true, turn: false}
thresholds: ["p2pRatio > 0.6", "stallRatio < 0.01", "p95(httpLatencyMs{group:home}) < 800"]
`)
	if s.Stream.Length != 0 || s.Stream.Window != 8 || *s.P2PML.Core.Main().HighDemandTimeWindow != 12 || *s.P2PML.Core.HTTPErrorRetries != 3 {
		t.Errorf("%s", s.YAML())
	}
	if main, secondary := s.P2PML.Core.Main(), s.P2PML.Core.Secondary(); *main.SimultaneousP2PDownloads != 4 || *secondary.SimultaneousP2PDownloads != 4 {
		t.Error("options of the core hold for both kinds of stream")
	}
}

func TestDurationsReadAndWriteAsGoDoes(t *testing.T) {
	for text, want := range map[string]string{"90s": "1m30s", "300s": "5m", "3600s": "1h", "1h30m": "1h30m0s", "0": "0s", "1500us": "1.5ms", "-60m": "-1h"} {
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || d.String() != want {
			t.Errorf("%s is written %s, %v; want %s", text, d, err, want)
		}
		var back Duration
		if err := back.UnmarshalText([]byte(d.String())); err != nil || back != d {
			t.Errorf("%s reads back as %v", d, back)
		}
	}
}
