package profile_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"swarmlab/sim/trackerbench/profile"
	"swarmlab/sim/webtorrent"
)

// The embedded tracker, on a real socket, is recognised by its behaviour alone.
func TestDetectsTheEmbeddedTracker(t *testing.T) {
	tracker, err := webtorrent.NewTracker(webtorrent.TrackerConfig{Interval: 77 * time.Second}, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	handler := webtorrent.NewHandler(tracker, webtorrent.HandlerConfig{})
	server := httptest.NewServer(handler)
	defer server.Close()
	defer handler.Close()
	d, err := profile.DetectURL(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http"), server.Client(), rand.New(rand.NewPCG(3, 4)))
	if err != nil {
		t.Fatal(err)
	}
	if d.Profile.Name != profile.Swarmlab || d.Interval != 77*time.Second || d.Evidence == "" {
		t.Errorf("%s, interval %v: %s", d.Profile.Name, d.Interval, d.Evidence)
	}
	if c := handler.Counters(); c.Peers != 0 || c.Swarms != 0 {
		t.Errorf("the questions left %d peers in %d swarms behind", c.Peers, c.Swarms)
	}
}

// fake answers what is sent to it: each message gets the next list of replies. An empty list is silence.
type fake struct {
	t       *testing.T
	answers [][]string
	sent    []string
	inbox   []string
	ended   bool // the connection ends where there is nothing to say
}

func (f *fake) Send(_ context.Context, text []byte) error {
	f.sent = append(f.sent, string(text))
	if len(f.answers) == 0 {
		return errors.New("closed")
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		f.t.Fatal(err)
	}
	own, other := "", ""
	switch hash := m["info_hash"].(type) {
	case string:
		own = hash
	case []any:
		own, other = hash[0].(string), hash[1].(string)
	}
	for _, a := range f.answers[0] {
		f.inbox = append(f.inbox, strings.NewReplacer("OWN", own, "OTHER", other).Replace(a))
	}
	f.answers = f.answers[1:]
	return nil
}

func (f *fake) Receive(ctx context.Context) ([]byte, error) {
	if len(f.inbox) == 0 {
		if f.ended {
			return nil, errors.New("closed")
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	text := f.inbox[0]
	f.inbox = f.inbox[1:]
	return []byte(text), nil
}

const (
	response = `{"complete":0,"incomplete":1,"action":"announce","interval":120,"info_hash":"OWN"}`
	zeros    = `{"complete":0,"incomplete":0,"downloaded":0}`
	one      = `{"complete":0,"incomplete":1,"downloaded":0}`
)

func TestDetect(t *testing.T) {
	own := []string{`{"action":"scrape","files":{"OWN":` + one + `}}`}
	both := []string{`{"action":"scrape","files":{"OWN":` + one + `,"OTHER":` + zeros + `}}`}
	empty := `{"action":"scrape","files":{"OWN":` + zeros + `}}`
	for _, c := range []struct {
		name    string
		answers [][]string
		want    string
	}{
		{"aquatic_ws leaves out what nobody is in", [][]string{{response}, own}, profile.AquaticWS},
		{"wt-tracker says nothing to a stop", [][]string{{response}, both, {}, {empty}}, profile.WTTracker},
		{"another one that answers a stop", [][]string{{response}, both, {response}, {empty}, {`{"failure reason":"what?"}`}}, profile.Generic},
		{"our own words", [][]string{{response}, both, {response}, {empty}, {`{"failure reason":"unknown event","action":"announce"}`}}, profile.Swarmlab},
		{"one that closes at an unknown event", [][]string{{response}, both, {response}, {empty}}, profile.Generic},
		{"one that cannot scrape", [][]string{{response}, {}}, profile.Generic},
		{"one that forgets us at once", [][]string{{response}, {`{"action":"scrape","files":{}}`}}, profile.Generic},
		{"one that refuses an announce", [][]string{{`{"failure reason":"not allowed"}`}}, profile.Generic},
		{"one that talks no JSON later on", [][]string{{response}, {"hello"}}, profile.Generic},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{t: t, answers: c.answers}
				d, err := profile.Detect(t.Context(), f, rand.New(rand.NewPCG(1, 2)))
				if err != nil || d.Profile.Name != c.want || d.Evidence == "" {
					t.Errorf("%s (%s), %v; want %s", d.Profile.Name, d.Evidence, err, c.want)
				}
			})
		})
	}
}

func TestDetectSaysThatNobodyAnswers(t *testing.T) {
	for name, f := range map[string]*fake{
		"silence":          {t: t, answers: [][]string{{}}},
		"a closed door":    {t: t},
		"an end":           {t: t, answers: [][]string{{}}, ended: true},
		"another protocol": {t: t, answers: [][]string{{"SSH-2.0"}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, err := profile.Detect(t.Context(), f, rand.New(rand.NewPCG(1, 2)))
				if err == nil || !strings.Contains(err.Error(), "first announce") {
					t.Error(err)
				}
			})
		})
	}
}

// What is asked of aquatic_ws, the strictest reader, is well formed: known events, 20 plain characters, whole numbers.
func TestDetectAsksHarmlessly(t *testing.T) {
	f := &fake{t: t, ended: true, answers: [][]string{{response}, {`{"action":"scrape","files":{"OWN":` + one + `,"OTHER":` + zeros + `}}`}, {}, {`{"files":{}}`}}}
	if _, err := profile.Detect(t.Context(), f, rand.New(rand.NewPCG(1, 2))); err != nil {
		t.Fatal(err)
	}
	if len(f.sent) != 4 {
		t.Fatalf("%q", f.sent)
	}
	for _, text := range f.sent {
		var m struct {
			Action, Event string
			PeerID        string `json:"peer_id"`
			InfoHash      any    `json:"info_hash"`
			Offers        []any
		}
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			t.Fatal(err)
		}
		switch m.Action {
		case "announce":
			if hash, ok := m.InfoHash.(string); !ok || len(hash) != 20 || len(m.PeerID) != 20 || m.Event != "started" && m.Event != "stopped" || len(m.Offers) > 0 {
				t.Error(text)
			}
		case "scrape":
		default:
			t.Error(text)
		}
	}
}

// What the real trackers answered to a scrape of two swarms, one of them empty, and to a stop, leads to their names.
func TestDetectsTheRecordedTrackers(t *testing.T) {
	scrapes := map[string]string{}
	file, err := os.Open("../../webtorrent/testdata/tracker_traces.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c struct{ Tracker, Scenario, Dir, Raw string }
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if c.Dir == "in" && c.Scenario == "basic" && strings.Contains(c.Raw, `"files"`) && strings.Contains(c.Raw, "IH02") {
			const tail = "é\\u0000ÿ\\u0007abcdefghijkl" // of both hashes, as it is on the wire
			scrapes[c.Tracker] = strings.NewReplacer("IH01"+tail, "OWN", "IH02"+tail, "OTHER").Replace(c.Raw)
		}
	}
	for name, scrape := range scrapes {
		if !strings.Contains(scrape, "OWN") || !strings.Contains(scrape, "OTHER") {
			t.Fatalf("%s: %s", name, scrape)
		}
		f := &fake{t: t, answers: [][]string{{response}, {scrape}, {}, {`{"action":"scrape","files":{"OWN":` + zeros + `}}`}}, ended: true}
		d, err := profile.Detect(t.Context(), f, rand.New(rand.NewPCG(1, 2)))
		if err != nil || d.Profile.Name != name {
			t.Errorf("%s is taken for %s: %s (%v)", name, d.Profile.Name, d.Evidence, err)
		}
	}
	if len(scrapes) != 2 {
		t.Errorf("%d trackers recorded", len(scrapes))
	}
}
