package netem

import (
	"encoding/json"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

func TestParseRate(t *testing.T) {
	for text, want := range map[string]Rate{
		"20Mbit/s": 20 * Mbit, "800kbit/s": 800 * Kbit, "1Gbit/s": Gbit, "1.5 Mbit/s": 1500 * Kbit, "5Mbps": 5 * Mbit,
		"750 kbps": 750 * Kbit, "64000bit/s": 64 * Kbit, "10mbit": 10 * Mbit, "unlimited": 0, " 2 Gbps ": 2 * Gbit, "9600bps": 9600,
	} {
		got, err := ParseRate(text)
		if err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
		if back, err := ParseRate(got.String()); err != nil || back != got {
			t.Errorf("%q prints as %q, which reads as %v, %v", text, got, back, err)
		}
	}
	for _, text := range []string{"", "20", "fast", "-5Mbit/s", "20MB/s", "20Mb/s", "Mbit/s", "1e300Gbit/s", "NaNMbit/s", "infbps", "5 Mbit/h", "0bit/s", "0.0Gbit/s", "0.0001kbit/s"} {
		if got, err := ParseRate(text); err == nil {
			t.Errorf("%q is %v; want an error", text, got)
		}
	}
}

func TestRateArithmetic(t *testing.T) {
	if got := (8 * Mbit).Transmit(1000); got != time.Millisecond {
		t.Errorf("1000 bytes at 8 Mbit/s take %v", got)
	}
	if got := Rate(0).Transmit(1 << 40); got != 0 {
		t.Errorf("an unlimited link takes %v", got)
	}
	if got := Rate(1).Transmit(math.MaxInt64); got != math.MaxInt64 {
		t.Errorf("saturates at %v", got)
	}
	near(t, "2 GB at 1 Gbit/s (s)", Gbit.Transmit(2e9).Seconds(), 16, 1e-6)
	if got := (8 * Mbit).Bytes(250 * time.Millisecond); got != 250_000 {
		t.Errorf("250 ms at 8 Mbit/s are %d bytes", got)
	}
}

func TestParseQueue(t *testing.T) {
	for text, want := range map[string]Queue{
		"250ms": QueueTime(250 * time.Millisecond), "1.5s": QueueTime(1500 * time.Millisecond), "64KiB": QueueBytes(64 << 10),
		"1MB": QueueBytes(1e6), "1500B": QueueBytes(1500), "0.5MiB": QueueBytes(512 << 10), "": {}, "default": {},
	} {
		got, err := ParseQueue(text)
		if err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
		if back, err := ParseQueue(got.String()); err != nil || back != got {
			t.Errorf("%q prints as %q, which reads as %v, %v", text, got, back, err)
		}
	}
	for _, text := range []string{"250", "0ms", "-1s", "0B", "-5KiB", "long", "NaNB", "1e300GiB"} {
		if got, err := ParseQueue(text); err == nil {
			t.Errorf("%q is %v; want an error", text, got)
		}
	}
}

// A link is written as people write it, in YAML and in JSON, and reads back the same.
func TestLinkText(t *testing.T) {
	want := Link{
		Down: 20 * Mbit, Up: 800 * Kbit, Delay: 15 * time.Millisecond, Jitter: 2500 * time.Microsecond, Loss: 0.001,
		QueueDown: QueueTime(100 * time.Millisecond), QueueUp: QueueBytes(64 << 10),
	}
	const text = "down: 20Mbit/s\nup: 800kbit/s\ndelay: 15ms\njitter: 2.5ms\nloss: 0.001\nqueueDown: 100ms\nqueueUp: 64KiB\n"
	var got Link
	if err := yaml.UnmarshalWithOptions([]byte(text), &got, yaml.Strict()); err != nil || got != want {
		t.Errorf("YAML reads as %+v, %v", got, err)
	}
	if b, err := yaml.Marshal(want); err != nil || string(b) != text {
		t.Errorf("YAML writes %q, %v", b, err)
	}
	const object = `{"down":"20Mbit/s","up":"800kbit/s","delay":"15ms","jitter":"2.5ms","loss":0.001,"queueDown":"100ms","queueUp":"64KiB"}`
	got = Link{}
	if err := json.Unmarshal([]byte(object), &got); err != nil || got != want {
		t.Errorf("JSON reads as %+v, %v", got, err)
	}
	if b, err := json.Marshal(want); err != nil || string(b) != object {
		t.Errorf("JSON writes %s, %v", b, err)
	}
	if b, err := json.Marshal(Link{}); err != nil || string(b) != "{}" {
		t.Errorf("the zero link in JSON is %s, %v", b, err)
	}
}

func TestLinkValidate(t *testing.T) {
	for _, tt := range []struct {
		link Link
		says string
	}{
		{Link{}, ""},
		{Link{Down: 20 * Mbit, Up: Mbit, Loss: 1, QueueUp: QueueTime(time.Second)}, ""},
		{Link{Down: 20}, "down"},
		{Link{Up: -1}, "up"},
		{Link{Delay: -1}, "delay"},
		{Link{Jitter: time.Minute}, "jitter"},
		{Link{Loss: 1.5}, "loss"},
		{Link{Loss: math.NaN()}, "loss"},
		{Link{QueueDown: Queue{Time: 1, Bytes: 1}}, "queueDown"},
		{Link{QueueUp: Queue{Bytes: -1}}, "queueUp"},
	} {
		err := tt.link.Validate()
		if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%+v: %v; want a word about %q", tt.link, err, tt.says)
		}
	}
}

func TestLinkPresets(t *testing.T) {
	names := LinkPresetNames()
	for _, want := range []string{
		"fiber", "cable", "cable-aqm", "dsl", "adsl", "lte", "lte-congested", "5g", "3g", "starlink", "geo", "office", "campus-wifi",
		"wpt-cable", "wpt-lte", "lighthouse-slow4g", "devtools-fast4g", "origin", "tracker", "unlimited",
	} {
		if !slices.Contains(names, want) {
			t.Errorf("there is no %q", want)
		}
	}
	for _, name := range names {
		l, ok := LinkPreset(name)
		if !ok {
			t.Errorf("%s is listed but not there", name)
		}
		if err := l.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if LinkPresetSource(name) == "" {
			t.Errorf("%s has no source", name)
		}
		if l.Jitter > 3*l.Delay/2 { // a delay is never negative: beyond, the clipping would shift its mean
			t.Errorf("%s: the jitter %v exceeds the delay %v", name, l.Jitter, l.Delay)
		}
	}
	if _, ok := LinkPreset("dial-up"); ok {
		t.Error("there is a dial-up")
	}
	cable, _ := LinkPreset("cable")
	if want := (Link{200 * Mbit, 15 * Mbit, 10 * time.Millisecond, 4 * time.Millisecond, 0.0005, QueueTime(100 * time.Millisecond), QueueTime(250 * time.Millisecond)}); cable != want {
		t.Errorf("cable is %+v", cable)
	}
}

func TestRegistryRefusesDuplicates(t *testing.T) {
	r := newRegistry[int]("thing")
	r.register("a", 1)
	for _, name := range []string{"a", ""} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q was registered", name)
				}
			}()
			r.register(name, 2)
		}()
	}
}

func TestNATNames(t *testing.T) {
	want := []string{"none", "full-cone", "restricted", "port-restricted", "symmetric", "blocked"}
	if got := NATNames(); !slices.Equal(got, want) {
		t.Errorf("the NATs are %v", got)
	}
	if !NAT("").Valid() || !NAT("symmetric").Valid() || NAT("carrier").Valid() {
		t.Error("Valid is wrong")
	}
}

func TestRegions(t *testing.T) {
	r := DefaultRegions()
	if err := r.Validate(); err != nil {
		t.Error(err)
	}
	for i := range r.RTT {
		for j := range r.RTT {
			if r.RTT[i][j] != r.RTT[j][i] {
				t.Errorf("%s-%s is %v one way round, %v the other", r.Names[i], r.Names[j], r.RTT[i][j], r.RTT[j][i])
			}
		}
	}
	for _, bad := range []Regions{
		{Names: []string{"a"}},
		{Names: []string{"a", "a"}, RTT: [][]time.Duration{{0, 0}, {0, 0}}},
		{Names: []string{"a", "b"}, RTT: [][]time.Duration{{0, 0}, {0}}},
		{Names: []string{"a"}, RTT: [][]time.Duration{{-1}}},
	} {
		if bad.Validate() == nil {
			t.Errorf("%+v is valid", bad)
		}
	}
}

func TestBadConfigs(t *testing.T) {
	for _, cfg := range []Config{
		{Grid: -1}, {Grid: time.Hour}, {CoreScale: -1}, {CoreScale: math.NaN()}, {StreamIdle: 1}, {Regions: Regions{Names: []string{"a"}}},
	} {
		if n, err := New(cfg); err == nil {
			_ = n.Close()
			t.Errorf("%+v is accepted", cfg)
		}
	}
	bubble(t, Config{}, func(t *testing.T, n *Network) {
		host(t, n, "taken", Link{})
		for _, cfg := range []HostConfig{
			{},
			{Name: "Taken"},
			{Name: "a", NAT: "carrier"},
			{Name: "a", Region: "mars"},
			{Name: "a", Link: Link{Loss: 2}},
			{Name: "a", Addr: netip.MustParseAddr("198.18.0.1")},
			{Name: "a", Addr: netip.MustParseAddr("::1")},
			{Name: "a", Addr: netip.MustParseAddr("127.0.0.1")},
		} {
			if _, err := n.AddHost(cfg); err == nil {
				t.Errorf("%+v is accepted", cfg)
			}
		}
		h := addHost(t, n, HostConfig{Name: "b", Addr: netip.MustParseAddr("203.0.113.7")})
		if h.Addr() != h.PublicAddr() || h.Addr().String() != "203.0.113.7" {
			t.Errorf("addresses %v, %v", h.Addr(), h.PublicAddr())
		}
	})
}
