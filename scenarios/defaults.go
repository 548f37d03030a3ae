package scenarios

import (
	"encoding"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	"swarmlab/sim/trackerbench/profile"
)

// runMargin is what a VOD run lasts beyond the last viewer's video: time to start, and to stall a little.
const runMargin = 30 * time.Second

// applyDefaults fills in everything that was left open. It changes nothing in a scenario that it has filled already.
func applyDefaults(s *Scenario) {
	fillTags(reflect.ValueOf(s).Elem())
	if s.Name == "" {
		s.Name = nameOf(s.src)
	}
	streamDefaults(&s.Stream)
	arrivalDefaults(&s.Peers)
	sessionDefaults(&s.Peers.Session)
	groupDefaults(&s.Peers)
	trackerDefaults(&s.Tracker)
	if s.Run.Duration == 0 {
		s.Run.Duration = defaultDuration(s)
	}
}

// fillTags puts the tags' defaults into the fields without a value. Lists are left alone, except for what is in them.
func fillTags(v reflect.Value) {
	for _, f := range fieldsOf(v.Type()) {
		fv := v.FieldByIndex(f.index)
		switch {
		case !f.fill:
		case f.def != "" && fv.IsZero():
			setText(fv, f.def)
		case fv.Kind() == reflect.Struct && fv.Type() != linkType && isGroup(fv.Type()):
			fillTags(fv)
		case fv.Kind() == reflect.Slice && isGroup(fv.Type().Elem()):
			for i := range fv.Len() {
				fillTags(fv.Index(i))
			}
		}
	}
}

// setText puts a tag's value into a field. Tags are checked by a test, so mistakes need no report.
func setText(v reflect.Value, text string) {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch {
	case v.Type() == linkType:
		v.FieldByName("Preset").SetString(text)
	case isText(v.Type()):
		_ = v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Bool:
		v.SetBool(text == "true")
	case v.Kind() == reflect.Float64:
		x, _ := strconv.ParseFloat(text, 64)
		v.SetFloat(x)
	case v.Kind() == reflect.Uint64:
		x, _ := strconv.ParseUint(text, 10, 64)
		v.SetUint(x)
	default:
		x, _ := strconv.ParseInt(text, 10, 64)
		v.SetInt(x)
	}
}

// nameOf names a scenario after its file.
func nameOf(src *source) string {
	name := strings.TrimSuffix(filepath.Base(src.file), filepath.Ext(src.file))
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			return r
		}
		return '-'
	}, strings.TrimPrefix(name, presetPrefix))
	clean = strings.TrimLeft(clean, "-._")
	if clean == "" {
		return "scenario"
	}
	return clean[:min(len(clean), 64)]
}

func streamDefaults(s *Stream) {
	// The number that does not apply is dropped rather than refused, so that one flag turns a live scenario into a VOD
	// one and back; the resolved scenario shows only what counts.
	if s.Kind == Live {
		s.Length = 0
		orElse(&s.Window, 6) // Apple HLS Authoring Specification 8.11: at least six segments
	} else {
		s.Window, s.Phase = 0, 0
	}
	if s.From != "" {
		return // the folder's playlists say the rest
	}
	orElse(&s.SegmentDuration, Duration(6*time.Second)) // Apple HLS Authoring Specification 7.5
	if s.Kind == VOD {
		orElse(&s.Length, Duration(2*time.Minute))
	}
	if len(s.Variants) == 0 {
		s.Variants = []Variant{{Bandwidth: 800_000, Resolution: "640x360", Codecs: "avc1.42c01e,mp4a.40.2"}}
	}
	for i := range s.Variants {
		orElse(&s.Variants[i].Name, fmt.Sprintf("v%d", i))
	}
}

func arrivalDefaults(p *Peers) {
	a := &p.Arrival
	switch a.Kind {
	case Stagger:
		orElse(&a.Gap, Duration(time.Second))
	case Ramp, Poisson:
		orElse(&a.Over, Duration(30*time.Second))
	case Flash: // Hotstar 2019 saw ten times the audience within a minute
		orElse(&a.At, Duration(30*time.Second))
		orElse(&a.Over, Duration(60*time.Second))
		if a.Before == nil {
			before := 0.1
			a.Before = &before
		}
	case Trace:
		orElse(&p.Count, len(a.Times))
	}
	orElse(&p.Count, 10)
}

func sessionDefaults(s *Session) {
	switch s.Kind {
	case Exponential:
		orElse(&s.Mean, Duration(5*time.Minute))
	case LogNormal: // Veloso et al., IMW 2002: live sessions, mu 5.2355 (188 s) and sigma 1.5443
		orElse(&s.Median, Duration(188*time.Second))
		orElse(&s.Sigma, 1.5443)
	}
}

func groupDefaults(p *Peers) {
	if len(p.Groups) == 0 {
		p.Groups = []Group{{Name: "viewer"}}
		fillTags(reflect.ValueOf(&p.Groups[0]).Elem())
	}
	open := true
	for i := range p.Groups {
		open = open && p.Groups[i].Share == 0
	}
	for i := range p.Groups {
		g := &p.Groups[i]
		if open { // some with and some without a share is a mistake, left for the check
			g.Share = 1 / float64(len(p.Groups))
		}
		if g.Name == "" && len(p.Groups) == 1 {
			g.Name = "viewer"
		}
		orElse(&g.Name, fmt.Sprintf("group-%d", i+1))
	}
}

// trackerDefaults shows in the resolved scenario what the emulated tracker does about what was left open.
func trackerDefaults(t *Tracker) {
	name := t.Emulate
	if name == "" {
		name = profile.Swarmlab
	}
	p, err := profile.ByName(name)
	if err != nil {
		return // the check says so
	}
	orElse(&t.Interval, Duration(p.DefaultInterval))
	orElse(&t.MaxOffers, p.MaxOffers)
	orElse(&t.Selection, p.Selection)
}

// defaultDuration lets everybody watch it all, and gives a live swarm some twenty rounds of the shortest sensible window.
func defaultDuration(s *Scenario) Duration {
	switch {
	case s.Stream.Kind == Live:
		return Duration(3 * time.Minute)
	case s.Stream.From != "": // its length is in its playlist, which is the simulation's to read
		return Duration(5 * time.Minute)
	}
	last := s.Peers.Arrival.last(s.Peers.Count)
	return Duration(roundUp(min(last+s.Stream.Length.Std()+runMargin, 24*time.Hour), time.Second))
}

// last is when the last of n viewers can arrive.
func (a Arrival) last(n int) time.Duration {
	jitter := a.Jitter.Std()
	switch a.Kind {
	case Stagger:
		gaps := float64(a.Gap) * float64(max(n-1, 0)) // a million gaps of an hour do not fit into 64 bits
		return a.At.Std() + time.Duration(min(gaps, math.MaxInt64/4)) + jitter
	case Ramp:
		return a.At.Std() + a.Over.Std() + jitter
	case Poisson, Flash:
		return a.At.Std() + a.Over.Std()
	case Trace:
		var last Duration
		for _, t := range a.Times {
			last = max(last, t)
		}
		return a.At.Std() + last.Std() + jitter
	}
	return a.At.Std() + jitter
}

func roundUp(d, unit time.Duration) time.Duration {
	return (d + unit - 1) / unit * unit
}

func orElse[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// overlay returns a with the options of b on top.
func overlay(a, b StreamOptions) StreamOptions {
	to, from := reflect.ValueOf(&a).Elem(), reflect.ValueOf(b)
	for i := range from.NumField() {
		if !from.Field(i).IsNil() {
			to.Field(i).Set(from.Field(i))
		}
	}
	return a
}
