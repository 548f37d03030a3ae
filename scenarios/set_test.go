package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func load(t *testing.T, name string) *Scenario {
	t.Helper()
	s, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSet(t *testing.T) {
	for _, tt := range []struct {
		it, path, value string
		got             func(s *Scenario) any
		want            any
	}{
		{"sets a number", "peers.count", "500", func(s *Scenario) any { return s.Peers.Count }, 500},
		{"sets a duration", "run.duration", "10m", func(s *Scenario) any { return s.Run.Duration.Std() }, 10 * time.Minute},
		{"sets a library option", "p2pml.core.highDemandTimeWindow", "12", func(s *Scenario) any { return *s.P2PML.Core.HighDemandTimeWindow }, 12.0},
		{"sets an option of one stream kind", "p2pml.core.mainStream.simultaneousP2PDownloads", "7", func(s *Scenario) any { return *s.P2PML.Core.Main().SimultaneousP2PDownloads }, 7},
		{"sets an option that is absent by default", "player.maxBufferLength", "20", func(s *Scenario) any { return *s.Player.MaxBufferLength }, 20.0},
		{"sets false", "ice.stun", "false", func(s *Scenario) any { return *s.ICE.STUN }, false},
		{"sets a link to a preset", "peers.groups[0].link", "lte", func(s *Scenario) any { return s.Peers.Groups[0].Link.Preset }, "lte"},
		{"sets a link to an object", "origin.link", "{down: 50Mbit/s, up: 10Mbit/s}", func(s *Scenario) any { return s.Origin.Link.Up.String() }, "10Mbit/s"},
		{"changes one value of a preset link", "peers.groups[0].link.up", "2Mbit/s", func(s *Scenario) any {
			l, _ := s.Peers.Groups[0].Link.Resolve()
			return l.Up.String() + " of " + l.Down.String()
		}, "2Mbit/s of 200Mbit/s"},
		{"changes one value of a link left to its default", "origin.link.up", "100Mbit/s", func(s *Scenario) any {
			l, _ := s.Origin.Link.Resolve()
			return l.Up.String() + " of " + l.Down.String()
		}, "100Mbit/s of 1Gbit/s"},
		{"sets a whole object", "peers.arrival", "{kind: stagger, gap: 500ms}", func(s *Scenario) any { return s.Peers.Arrival.last(3) }, time.Second},
		{"sets a whole list", "thresholds", `["p2pRatio > 0.6", "stallRatio < 0.01"]`, func(s *Scenario) any { return s.Thresholds[1] }, "stallRatio < 0.01"},
		{"sets a list's element", "stream.variants[0].bandwidth", "8e5", func(s *Scenario) any { return s.Stream.Variants[0].Bandwidth }, int64(800_000)},
		{"adds to a list", "stream.variants[1]", "{bandwidth: 2000000}", func(s *Scenario) any { return len(s.Stream.Variants) }, 2},
		{"adds to a list by a field", "thresholds[0]", "p2pRatio > 0.5", func(s *Scenario) any { return s.Thresholds[0] }, "p2pRatio > 0.5"},
		{"takes text as it stands", "description", "a: b, [c", func(s *Scenario) any { return s.Description }, "a: b, [c"},
		{"takes text that looks like a number", "name", "2026", func(s *Scenario) any { return s.Name }, "2026"},
		{"takes quoted text without its quotes", "description", `"two words"`, func(s *Scenario) any { return s.Description }, "two words"},
		{"takes a value away with null", "name", "null", func(s *Scenario) any { return s.Name }, "vod"},
		{"lets defaults follow", "stream.length", "10m", func(s *Scenario) any { return s.Run.Duration.Std() }, 10*time.Minute + 50*time.Second},
		{"turns a VOD into a live stream", "stream.kind", "live", func(s *Scenario) any { return s.Stream.Window }, 6},
	} {
		t.Run(tt.it, func(t *testing.T) {
			s := load(t, "vod")
			if err := s.Set(tt.path, tt.value); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, tt.got(s)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSetRefuses(t *testing.T) {
	for _, tt := range []struct{ it, path, value, want string }{
		{"an unknown field", "peers.cuont", "5", `--set peers.cuont=5: peers.cuont: there is no field "cuont" in peers (did you mean "count"?)`},
		{"an unknown field at the top", "per", "5", `--set per=5: per: there is no field "per" in a scenario (one of name, description, run, stream, peers, p2pml, player, tracker, origin, ice, network or thresholds)`},
		{"a library option at the wrong place", "p2pml.highDemandTimeWindow", "5", `--set p2pml.highDemandTimeWindow=5: p2pml.highDemandTimeWindow: there is no field "highDemandTimeWindow" in p2pml (did you mean p2pml.core.highDemandTimeWindow?)`},
		{"a wrong type", "peers.count", "many", `--set peers.count=many: peers.count: must be a whole number, got the text "many"`},
		{"an impossible value", "peers.count", "0", `--set peers.count=0: peers.count: must be between 1 and 1000000 peers, got 0`},
		{"a queue of nothing", "origin.link.queueUp", "0", `--set origin.link.queueUp=0: origin.link.queueUp: must be a queue in time or bytes, such as 100ms or 64KiB, got "0" (a packet needs 1500B)`},
		{"a rate of nothing", "origin.link.up", "0", `--set origin.link.up=0: origin.link.up: must be a rate such as 20Mbit/s or 800kbit/s, got "0" (nothing would get through; for no limit write unlimited)`},
		{"a rate of nothing, with its unit", "origin.link.up", "0 Mbit/s", `--set origin.link.up=0 Mbit/s: origin.link.up: must be a rate such as 20Mbit/s or 800kbit/s, got "0 Mbit/s" (nothing would get through; for no limit write unlimited)`},
		{"a zero where nothing else was written", "tracker.interval", "0", `--set tracker.interval=0: tracker.interval: must be between 1s and 1h, got 0s`},
		{"a zero that is all of an object", "peers.session.mean", "0", `--set peers.session.mean=0: peers.session.mean: must be between 1s and 24h, got 0s`},
		{"an unknown key in an object", "peers.arrival", "{kind: ramp, ovr: 3s}", `--set peers.arrival={kind: ramp, ovr: 3s}: peers.arrival.ovr: unknown key (did you mean "over"?)`},
		{"an index too high", "peers.groups[3].share", "1", `--set peers.groups[3].share=1: peers.groups[3].share: peers.groups has 1 elements, and no [3] (the first is peers.groups[0], peers.groups[1] adds one)`},
		{"an index that is none", "peers.groups[x]", "1", `--set peers.groups[x]=1: peers.groups[x]: peers.groups has 1 elements, and no [x] (the first is peers.groups[0], peers.groups[1] adds one)`},
		{"an index into no list", "peers[0]", "1", `--set peers[0]=1: peers[0]: peers is no list`},
		{"a field of a word", "peers.count.x", "1", `--set peers.count.x=1: peers.count.x: peers.count has no fields`},
		{"no path", "", "1", `--set =1: there is no field "" in a scenario (one of name, description, run, stream, peers, p2pml, player, tracker, origin, ice, network or thresholds)`},
		{"broken YAML", "peers.arrival", "{kind: ramp", `--set peers.arrival={kind: ramp: peers.arrival: is not YAML: could not find flow mapping end token '}'`},
		{"what does not go with the file", "run.duration", "10s", `--set run.duration=10s: run.duration: must be longer than the arrivals take: the last of 100 viewers may come at 20s, the run ends at 10s`},
		{"what makes the file's own value wrong", "peers.arrival.kind", "together", `preset vod:17:31 with --set peers.arrival.kind=together: peers.arrival.over: has no effect with kind together; it is for ramp, poisson or flash (leave it out, or set all of peers.arrival at once)`},
		{"a folder that is not there", "stream", "{from: no/such.m3u8}", `--set stream={from: no/such.m3u8}: stream.from: there is no file `},
	} {
		t.Run(tt.it, func(t *testing.T) {
			s := load(t, "vod")
			before := clone(s)
			err := s.Set(tt.path, tt.value)
			if !errors.Is(err, ErrInvalid) {
				t.Fatalf("want an ErrInvalid, got %v", err)
			}
			if !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got  %s\nwant %s", err, tt.want)
			}
			var e *Error
			if !errors.As(err, &e) || !strings.HasPrefix(e.Flag(), "--set "+tt.path) {
				t.Errorf("the error does not name the flag: %v", err)
			}
			if !s.Equal(before) {
				t.Error("a refused Set changed the scenario")
			}
			if err := s.Set("run.seed", "2"); err != nil {
				t.Errorf("a refused Set left something behind: %v", err)
			}
		})
	}
}

func TestSetAllChecksTheOutcomeOnly(t *testing.T) {
	s := load(t, "flash-crowd")
	if err := s.Set("peers.groups[0].share", "0.5"); err == nil {
		t.Fatal("shares that do not sum to 1 were taken")
	}
	if err := s.SetAll([]string{"peers.groups[0].share=0.5", "peers.groups[1].share=0.4"}); err != nil {
		t.Fatal(err)
	}
	if got := s.Peers.Groups[0].Share; got != 0.5 {
		t.Errorf("share is %v", got)
	}
	err := s.SetAll([]string{"peers.count=5", "run.sed=3", "nonsense"})
	if err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("an assignment without = gave %v", err)
	}
	err = s.SetAll([]string{"peers.count=x", "run.sed=3"})
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("want both mistakes, got %v", err)
	}
}

func TestSetKeepsWhatCodeChanged(t *testing.T) {
	s := load(t, "vod")
	s.Peers.Count = 7 // not by Set
	if err := s.Set("run.seed", "5"); err != nil {
		t.Fatal(err)
	}
	if s.Peers.Count != 7 || s.Run.Seed != 5 {
		t.Errorf("count %d, seed %d", s.Peers.Count, s.Run.Seed)
	}
}

func TestSetOnAScenarioMadeInCode(t *testing.T) {
	s := new(Scenario)
	if err := s.SetAll([]string{"peers.groups[0].nat=symmetric", "stream.variants[0].bandwidth=1000000", "stream.length=1m"}); err != nil {
		t.Fatal(err)
	}
	if s.Peers.Groups[0].NAT != "symmetric" || s.Peers.Groups[0].Share != 1 || s.Stream.Variants[0].Bandwidth != 1_000_000 || s.Run.Duration.Std() != 90*time.Second {
		t.Errorf("got %s", s.YAML())
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	s := load(t, write("my match.yaml", "peers: {count: 3}"))
	if s.Name != "my-match" || s.Peers.Count != 3 {
		t.Errorf("got %s with %d", s.Name, s.Peers.Count)
	}
	write("master.m3u8", "#EXTM3U\n")
	s = load(t, write("folder.yaml", "stream: {kind: live, from: master.m3u8}"))
	if want := filepath.Join(dir, "master.m3u8"); s.StreamPath() != want {
		t.Errorf("the stream is at %s, want %s: paths are relative to the scenario's file", s.StreamPath(), want)
	}
	for _, tt := range []struct{ name, want string }{
		{"vdo", `there is no preset and no file named "vdo" (did you mean "vod"?)`},
		{"live-low", `there is no preset and no file named "live-low" (did you mean "live-low-latency"?)`},
		{"zzz", `there is no preset and no file named "zzz" (presets are abr, `},
		{"no/such.yaml", `no/such.yaml: there is no such file`},
		{dir, dir + `: is a folder; want a YAML file or a preset's name`},
		{write("gone.yaml", "stream: {from: gone.m3u8}"), filepath.Join(dir, "gone.yaml") + `:1:16: stream.from: there is no file "`},
		{write("big.yaml", strings.Repeat("# x\n", maxBytes/4+1)), filepath.Join(dir, "big.yaml") + `: is 1048580 bytes long; a scenario has at most 1048576`},
	} {
		_, err := Load(tt.name)
		if !errors.Is(err, ErrInvalid) || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("Load(%s):\ngot  %v\nwant %s", tt.name, err, tt.want)
		}
	}
}
