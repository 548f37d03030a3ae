package load

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

func mustDefault(t testing.TB, l Load) Load {
	t.Helper()
	l, err := l.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// events is a whole plan, as it is taken by somebody who asks every d.
func events(t testing.TB, l Load, d time.Duration) []Event {
	t.Helper()
	p := l.NewPlan()
	var all []Event
	for now := time.Duration(0); ; now += d {
		for {
			e, ok := p.Due(now)
			if !ok {
				break
			}
			if e.At > now {
				t.Fatalf("%+v is handed out at %v", e, now)
			}
			all = append(all, e)
		}
		if _, ok := p.Peek(); !ok {
			return all
		}
	}
}

func TestPlan(t *testing.T) {
	base := Load{Seed: 3, Peers: 200, Rate: 400, Window: 10 * time.Second, Swarms: Swarms{Count: 4}}
	for name, change := range map[string]func(*Load){
		"constant": func(*Load) {},
		"poisson":  func(l *Load) { l.Arrival, l.Timers = ArrivePoisson, TimersPoisson },
		"flash":    func(l *Load) { l.Arrival = ArriveFlash },
		"storm":    func(l *Load) { l.Arrival = ArriveStorm },
		"several":  func(l *Load) { l.SwarmsPerSocket = 3 },
		"leaving":  func(l *Load) { l.LeaveRate, l.LeaveClean, l.LeaveSilent = 20, 0.5, 0.2 },
		"scrapes":  func(l *Load) { l.ScrapeRate = 30 },
	} {
		t.Run(name, func(t *testing.T) {
			l := base
			change(&l)
			l = mustDefault(t, l)
			all := events(t, l, time.Millisecond)
			if !slices.Equal(all, events(t, l, time.Hour)) {
				t.Error("the plan depends on when it is asked")
			}
			other := l
			other.Seed++
			if slices.Equal(all, events(t, other, time.Hour)) {
				t.Error("another seed makes the same plan")
			}
			checkPlan(t, l, all)
		})
	}
}

// checkPlan holds what is so of every plan.
func checkPlan(t *testing.T, l Load, all []Event) {
	t.Helper()
	counts := map[Kind]float64{}
	joined := map[int32]bool{}
	var last time.Duration
	goodbyes := map[Goodbye]int{}
	for _, e := range all {
		if e.At < last || e.At >= l.WindowStart()+l.Window {
			t.Fatalf("%+v comes after %v; the window ends at %v", e, last, l.WindowStart()+l.Window)
		}
		last = e.At
		switch e.Kind {
		case Join:
			if joined[e.Place] {
				t.Fatalf("%+v joins where somebody is", e)
			}
			joined[e.Place] = true
		case Leave:
			delete(joined, e.Place)
			goodbyes[e.Goodbye]++
			fallthrough
		case Announce, Scrape, Return:
			if e.Kind != Leave && !joined[e.Place] {
				t.Fatalf("%+v of a place where nobody is", e)
			}
		default: // the cut is of all
		}
		if e.At >= l.WindowStart() || e.Kind == Join {
			counts[e.Kind]++
		}
	}
	near := func(k Kind, want float64) {
		t.Helper()
		if spread := 5 * math.Sqrt(want); math.Abs(counts[k]-want) > spread {
			t.Errorf("%v events of kind %d, want %g +- %g", counts[k], k, want, spread)
		}
	}
	near(Leave, l.LeaveRate*10)
	near(Scrape, l.ScrapeRate*10)
	near(Join, 200+l.LeaveRate*(10+l.Settle.Seconds()))
	if l.Arrival == ArriveFlash { // the first announces come an interval after the arrival
		near(Announce, l.Rate*10-200*1.25)
	} else {
		near(Announce, l.Rate*10)
	}
	if l.Arrival == ArriveStorm && (counts[Cut] != 1 || counts[Return] != 200) {
		t.Errorf("%v cuts, %v returned of 200", counts[Cut], counts[Return])
	}
	if l.LeaveRate > 0 && (goodbyes[Clean] == 0 || goodbyes[Silent] == 0 || goodbyes[Closes] == 0) {
		t.Errorf("goodbyes: %v", goodbyes)
	}
}

func TestAPlanKeepsNoList(t *testing.T) {
	l := mustDefault(t, Load{Peers: 10, Rate: 1000, Window: 10 * time.Second, Swarms: Swarms{Count: 1}})
	p := l.NewPlan()
	n := 0
	for {
		if _, ok := p.Due(math.MaxInt64); !ok {
			break
		}
		if n++; p.calendar.Len() > 2*l.Peers {
			t.Fatalf("%d events are kept for %d viewers", p.calendar.Len(), l.Peers)
		}
	}
	if n < 9000 {
		t.Fatalf("only %d events", n)
	}
}

func TestSwarms(t *testing.T) {
	for spec, sizes := range map[string][]int{
		"one":        {100},
		"4":          {25, 25, 25, 25},
		"3":          {33, 34, 33},
		"zipf:4":     {48, 24, 16, 12},
		"zipf:3:2":   {73, 19, 8},
		"zipf:200:0": nil,
	} {
		s, err := ParseSwarms(spec)
		if err != nil {
			t.Error(err)
			continue
		}
		got := s.Sizes(100, 0)
		sum := 0
		for _, n := range got {
			sum += n
		}
		if sum != 100 || sizes != nil && !slices.Equal(got, sizes) {
			t.Errorf("%s: %v, sum %d; want %v", spec, got, sum, sizes)
		}
		if again, err := ParseSwarms(s.String()); err != nil || again != s {
			t.Errorf("%s is written %s and read as %+v", spec, s, again)
		}
	}
	for _, spec := range []string{"", "0", "-1", "zipf", "zipf:", "zipf:0", "zipf:5:x", "zipf:5:-1", "zipf:5:NaN", "4:1", "1e9", "two"} {
		if s, err := ParseSwarms(spec); err == nil {
			t.Errorf("%q is read as %+v", spec, s)
		}
	}
}

func TestNobodyIsTwiceInASwarm(t *testing.T) {
	l := mustDefault(t, Load{Peers: 50, SwarmsPerSocket: 4, Swarms: Swarms{Count: 9, Exponent: 1.5}})
	p := l.NewPlan()
	got := make([]int, l.Swarms.Count)
	for place := range l.Peers {
		seen := map[int]bool{}
		for m := range l.SwarmsPerSocket {
			swarm := p.SwarmOf(int32(place), uint8(m))
			if seen[swarm] {
				t.Fatalf("place %d is in swarm %d twice", place, swarm)
			}
			seen[swarm] = true
			got[swarm]++
		}
	}
	if want := l.Swarms.Sizes(200, 50); !slices.Equal(got, want) {
		t.Errorf("swarms have %v members, want %v", got, want)
	}
}

func TestBadLoads(t *testing.T) {
	for want, l := range map[string]Load{
		"peers is -1; it must be 1 to":        {Peers: -1},
		"rate (announces a second) is NaN":    {Rate: math.NaN()},
		"less than a millisecond":             {Peers: 1, Rate: 5000, Swarms: Swarms{Count: 1}},
		"30 swarms per socket, but there are": {SwarmsPerSocket: 30},
		"arrival is sideways; it must be":     {Arrival: "sideways"},
		"timers are \"x\"":                    {Timers: "x"},
		"offers an announce is 101":           {Offers: 101},
		"window (seconds) is 7200":            {Window: 2 * time.Hour},
		"silent leaves (share)":               {LeaveClean: 0.7, LeaveSilent: 0.4},
	} {
		if _, err := l.WithDefaults(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
	l := mustDefault(t, Load{Peers: 600, Interval: 2 * time.Minute})
	if l.Rate != 5 {
		t.Errorf("600 viewers that announce every two minutes are %g a second, want 5", l.Rate)
	}
}

func TestDescriptions(t *testing.T) {
	d := NewDescriptions(1)
	sizes := map[int]bool{}
	for s := Stamp(123456789); s < 123456789+variants; s++ {
		for _, b := range [][]byte{d.AppendOffer(nil, s), d.AppendAnswer(nil, s)} {
			var text string
			if err := json.Unmarshal([]byte(`"`+string(b)+`"`), &text); err != nil {
				t.Fatal(err)
			}
			if got, ok := StampOf(b); !ok || got != s {
				t.Fatalf("stamp %d came back as %d, %v", s, got, ok)
			}
			for _, line := range []string{"v=0\r\n", "\r\na=ice-ufrag:", "\r\na=fingerprint:sha-256 ", "\r\na=sctp-port:5000\r\n", "\r\na=candidate:"} {
				if !strings.Contains(text, line) {
					t.Fatalf("no %q in %q", line, text)
				}
			}
			if len(text) < 500 || len(text) > 1500 {
				t.Errorf("a description of %d bytes; browsers' have 500 to 1500", len(text))
			}
			sizes[len(text)] = true
		}
	}
	if len(sizes) < 6 {
		t.Errorf("only %d different sizes", len(sizes))
	}
	if offer, answer := d.MeanBytes(); offer < answer || answer < 500 {
		t.Errorf("mean sizes %g and %g", offer, answer)
	}
	for _, b := range []string{"", "v=0", beforeStamp, beforeStamp + "12345678901234567x"} {
		if _, ok := StampOf([]byte(b)); ok {
			t.Errorf("%q has a stamp", b)
		}
	}
}

// Everything is due at ticks, and nobody's timer runs slower or faster for it: an interval that is no multiple of one stays what it is on
// average, and no event is moved by a tick or more.
func TestTicks(t *testing.T) {
	l := mustDefault(t, Load{Seed: 5, Peers: 3, Interval: 3300 * time.Microsecond, Window: 5 * time.Second, Swarms: Swarms{Count: 1}})
	first, last, count := map[int32]time.Duration{}, map[int32]time.Duration{}, map[int32]int{}
	for _, e := range events(t, l, time.Millisecond) {
		if e.At%Tick != 0 {
			t.Fatalf("%+v is not due at a tick", e)
		}
		if e.Kind != Announce {
			continue
		}
		if _, ok := first[e.Place]; !ok {
			first[e.Place] = e.At
		}
		last[e.Place] = e.At
		count[e.Place]++
	}
	if len(count) != l.Peers {
		t.Errorf("%d viewers of %d announce", len(count), l.Peers)
	}
	for place, n := range count {
		want := time.Duration(n-1) * l.Interval
		if got := last[place] - first[place]; n < 1000 || (got-want).Abs() >= Tick {
			t.Errorf("place %d: %d announces within %v, and %d intervals are %v", place, n, got, n-1, want)
		}
	}
	for at, want := range map[time.Duration]time.Duration{0: 0, 1: Tick, Tick: Tick, Tick + 1: 2 * Tick} {
		if got := AtTick(at, Tick); got != want {
			t.Errorf("%v is due at %v, want %v", at, got, want)
		}
	}
}
