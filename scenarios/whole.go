package scenarios

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
)

// shareTolerance forgives thirds written as 0.333.
const shareTolerance = 0.002

// whole checks what no field can be checked for by itself.
func (c *checker) whole(s *Scenario) {
	c.stream(&s.Stream)
	c.arrival(s)
	c.session(&s.Peers.Session)
	c.groups(s.Peers.Groups)
	c.link(s.Origin.Link, "origin.link")
	c.tracker(&s.Tracker)
	c.player(s)
	c.thresholds(s)
}

// unless reports a mistake that follows from several fields, but not if one of them is wrong by itself already: one slip
// of the pen should give one error.
func (c *checker) unless(good bool, path, hint, problem string, others ...string) {
	if good {
		return
	}
	for _, p := range append(others, path) {
		if c.failed(p) {
			return
		}
	}
	c.fail(path, hint, "%s", problem)
}

// failedItself tells whether the field as such was reported, not one of those in it.
func (c *checker) failedItself(path string) bool {
	return slices.ContainsFunc(c.errs, func(e *Error) bool { return e.field == path })
}

// failed tells whether the field or anything in it was reported.
func (c *checker) failed(path string) bool {
	for _, e := range c.errs {
		if e.field == path || strings.HasPrefix(e.field, path+".") || strings.HasPrefix(e.field, path+"[") {
			return true
		}
	}
	return false
}

func (c *checker) stream(s *Stream) {
	live := s.Kind == Live
	if s.From != "" {
		for _, f := range []struct {
			name string
			set  bool
		}{{"segmentDuration", s.SegmentDuration != 0}, {"length", s.Length != 0}, {"variants", len(s.Variants) > 0}, {"phase", s.Phase != 0}} {
			c.unless(!f.set, "stream."+f.name, "leave out this or stream.from", "cannot be given with stream.from, whose playlists say it")
		}
		return
	}
	c.unless(live || s.Length >= s.SegmentDuration, "stream.length", "",
		fmt.Sprintf("must be at least one segment of %s, got %s", s.SegmentDuration, s.Length), "stream.segmentDuration", "stream.kind")
	c.unless(s.Phase == 0 || s.Phase < s.SegmentDuration, "stream.phase", "",
		fmt.Sprintf("must be shorter than a segment of %s, got %s", s.SegmentDuration, s.Phase), "stream.segmentDuration")
	c.unless(!c.src.wrote("stream.variants") || len(c.src.written.Stream.Variants) > 0, "stream.variants", "leave it out for the default", "must not be empty")
	seen := map[string]int{}
	for i, v := range s.Variants {
		at := fmt.Sprintf("stream.variants[%d]", i)
		c.unless(v.Bandwidth != 0, at+".bandwidth", "such as bandwidth: 800000", "is missing: every variant needs its bit/s")
		// A viewer identifies a rendition by its properties and a server by its name, so both must tell variants apart.
		if first, dup := seen[v.Name]; dup {
			c.unless(false, at+".name", "", fmt.Sprintf("is the name of variant %d already: %s", first, quote(v.Name)))
		}
		seen[v.Name] = i
	}
}

// arrivalFields tells which fields each kind of arrival uses.
var arrivalFields = map[string]string{
	Together: "at jitter", Stagger: "at gap jitter", Ramp: "at over jitter",
	Poisson: "at over", Flash: "at over before", Trace: "at times jitter",
}

func (c *checker) arrival(s *Scenario) {
	const path = "peers.arrival"
	a := &s.Peers.Arrival
	c.unused(path, a.Kind, arrivalFields, []given{
		{"over", a.Over != 0}, {"gap", a.Gap != 0}, {"jitter", a.Jitter != 0}, {"before", a.Before != nil}, {"times", len(a.Times) > 0},
	})
	if a.Kind == Trace {
		c.unless(len(a.Times) > 0, path+".times", "such as times: [0s, 1.5s, 4s]", "is missing: a trace needs the viewers' times", path+".kind")
		c.unless(len(a.Times) == 0 || s.Peers.Count <= len(a.Times), "peers.count", "leave it out to take them all",
			fmt.Sprintf("is %d, but the trace has %d times", s.Peers.Count, len(a.Times)), path+".times")
	}
	last := a.last(s.Peers.Count)
	c.unless(last < s.Run.Duration.Std(), "run.duration", "", fmt.Sprintf(
		"must be longer than the arrivals take: the last of %d viewers may come at %s, the run ends at %s", s.Peers.Count, Duration(last), s.Run.Duration),
		path, "peers.count")
}

var sessionFields = map[string]string{Whole: "", Exponential: "mean", LogNormal: "median sigma"}

func (c *checker) session(s *Session) {
	c.unused("peers.session", s.Kind, sessionFields, []given{
		{"mean", s.Mean != 0}, {"median", s.Median != 0}, {"sigma", s.Sigma != 0},
	})
}

type given struct {
	name string
	set  bool
}

// unused reports fields that the kind makes no use of: they would be a wish without effect.
func (c *checker) unused(path, kind string, uses map[string]string, fields []given) {
	used := strings.Fields(uses[kind])
	for _, f := range fields {
		if !f.set || slices.Contains(used, f.name) {
			continue
		}
		var kinds []string
		for _, k := range choicesOf(path + ".kind") {
			if slices.Contains(strings.Fields(uses[k]), f.name) {
				kinds = append(kinds, k)
			}
		}
		c.unless(false, path+"."+f.name, "leave it out, or set all of "+path+" at once",
			fmt.Sprintf("has no effect with kind %s; it is for %s", kind, list(kinds)), path+".kind")
	}
}

func (c *checker) groups(groups []Group) {
	const path = "peers.groups"
	c.unless(!c.src.wrote(path) || len(c.src.written.Peers.Groups) > 0, path, "leave it out for the default", "must not be empty")
	sum, whole := 0.0, !c.failedItself(path)
	seen := map[string]int{}
	for i, g := range groups {
		at := fmt.Sprintf("%s[%d]", path, i)
		sum += g.Share
		c.unless(g.Share != 0, at+".share", "", "is missing: give every group a share, or none for equal shares")
		whole = whole && !c.failedItself(at) && !c.failed(at+".share") // the sum of the others says nothing
		if first, dup := seen[g.Name]; dup {
			c.unless(false, at+".name", "", fmt.Sprintf("is the name of group %d already: %s", first, quote(g.Name)))
		}
		seen[g.Name] = i
		c.link(g.Link, at+".link")
	}
	if whole && math.Abs(sum-1) > shareTolerance {
		c.fail(path, "", "shares must sum to 1, but they sum to %.4g", sum)
	}
}

// link checks that an explicit link is whole, and leaves the last word to the network's own check.
func (c *checker) link(l Link, path string) {
	if l.Preset == "" {
		c.unless(l.Down != nil, path+".down", "such as down: 20Mbit/s, or preset: cable to start from", "is missing: an explicit link needs its rates")
		c.unless(l.Up != nil, path+".up", "such as up: 5Mbit/s, or preset: cable to start from", "is missing: an explicit link needs its rates")
	}
	if c.failed(path) {
		return
	}
	if _, err := l.Resolve(); err != nil {
		c.fail(path, "", "%s", oneLine(err.Error()))
	}
}

func (c *checker) tracker(t *Tracker) {
	for i, raw := range t.URLs {
		u, err := url.Parse(raw)
		ok := err == nil && (u.Scheme == "ws" || u.Scheme == "wss") && u.Host != ""
		c.unless(ok, fmt.Sprintf("tracker.urls[%d]", i), "", "must be a ws:// or wss:// address, got "+quote(raw))
	}
}

// player checks hls.js's own rule: it refuses a configuration that counts in seconds and in segments.
func (c *checker) player(s *Scenario) {
	p := &s.Player
	c.unless(p.LiveSyncDuration == nil || p.LiveSyncDurationCount == nil, "player.liveSyncDuration", "keep one of the two",
		"cannot be given with player.liveSyncDurationCount")
	c.unless(p.StartPosition == nil || s.Stream.Kind == VOD, "player.startPosition", "", "is for stream.kind vod; live viewers start near the edge", "stream.kind")
	c.unless(p.StartPosition == nil || s.Stream.Length == 0 || *p.StartPosition < s.Stream.Length.Std().Seconds(),
		"player.startPosition", "", "must lie before the end of the video at "+s.Stream.Length.String(), "stream.length")
}

func (c *checker) thresholds(s *Scenario) {
	var groups []string
	for _, g := range s.Peers.Groups {
		groups = append(groups, g.Name)
	}
	for i, text := range s.Thresholds {
		path := fmt.Sprintf("thresholds[%d]", i)
		t, err := ParseThreshold(text)
		if err != nil {
			c.fail(path, "such as p2pRatio > 0.6 or p95(httpLatencyMs{group:home}) < 800", "%v", err)
			continue
		}
		for _, l := range t.Selector {
			if l.Key == "group" && !slices.Contains(groups, l.Value) {
				c.unless(false, path, didYouMean(l.Value, groups), "there is no group "+quote(l.Value), "peers.groups")
			}
		}
	}
}

// choicesOf lists what an enumerated field can be.
func choicesOf(path string) (choices []string) {
	everyField(func(p string, f field) {
		if p == path {
			choices = f.choices
		}
	})
	return choices
}
