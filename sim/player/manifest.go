package player

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"swarmlab/sim/hls"
	"swarmlab/sim/p2pml"
)

// level is one variant, as hls.js keeps it (types/level.ts).
type level struct {
	index          int
	url            string
	bitrate        float64 // BANDWIDTH; 0 if a media playlist was loaded directly
	averageBitrate float64
	height         int
	frameRate      float64
	videoRange     string
	codecSet       string

	details       *details
	loadError     int
	fragmentError int
	tracked       map[int64]tracked // by media sequence number
	inits         map[string]bool   // loaded EXT-X-MAP sections
	told          []string          // segments the engine knows, in order
}

// tracked is what became of a segment (fragment-tracker.ts).
type tracked int8

const (
	notLoaded tracked = iota
	appended
	gap // given up, or EXT-X-GAP
)

func newLevel(v hls.Variant) *level {
	l := &level{
		url:            v.URI,
		bitrate:        float64(v.Bitrate()),
		averageBitrate: float64(v.AverageBandwidth),
		height:         v.Resolution.Height,
		videoRange:     cmp.Or(v.VideoRange, "SDR"),
		codecSet:       codecSet(v.Codecs),
		tracked:        make(map[int64]tracked),
		inits:          make(map[string]bool),
	}
	if l.averageBitrate == 0 {
		l.averageBitrate = l.bitrate
	}
	if f, err := strconv.ParseFloat(v.FrameRate, 64); err == nil && !math.IsNaN(f) {
		l.frameRate = f
	}
	return l
}

// codecSet names the codec families of a variant: hls.js does not switch between them by itself.
func codecSet(codecs string) string {
	var families []string
	for _, c := range strings.Split(codecs, ",") {
		if c = strings.TrimSpace(c); c != "" {
			families = append(families, c[:min(4, len(c))])
		}
	}
	slices.Sort(families)
	return strings.Join(families, ",")
}

// loadManifest asks for the multivariant playlist.
func (p *Player) loadManifest() {
	p.manifestRequest = p.get(p.cfg.MasterURL, nil, manifestPolicy, keepBody, p.manifestArrived)
}

func (p *Player) manifestArrived(q *request, f *failure) {
	p.manifestRequest = nil
	if f != nil {
		p.manifestFailed(f)
		return
	}
	p.ev.OnPlaylistLoaded(PlaylistLoaded{At: p.env.Now(), Level: -1, URL: p.cfg.MasterURL, Bytes: q.loaded, Latency: q.endedAt - q.startedAt})
	if hls.IsMaster(q.body) {
		m, err := hls.ParseMaster(p.cfg.MasterURL, q.body)
		if err != nil {
			p.giveUp(LoadManifest, -1, p.cfg.MasterURL, err)
			return
		}
		p.takeMaster(m)
		p.startLoading()
		return
	}
	l, err := p.cfg.Playlists.parse(p.cfg.MasterURL, q.body)
	if err == nil && len(l.segments) == 0 {
		err = errEmptyPlaylist
	}
	if err != nil {
		p.giveUp(LoadManifest, -1, p.cfg.MasterURL, err)
		return
	}
	// A media playlist loaded directly: one level of unknown bitrate, whose playlist is already there.
	p.takeMaster(&hls.Master{URL: p.cfg.MasterURL, Variants: []hls.Variant{{URI: p.cfg.MasterURL}}})
	p.loadLevel = 0
	p.auto.force(0)
	p.state, p.phase = loadIdle, p.env.Now()
	p.levelLoaded(p.levels[0], l, q)
}

var errEmptyPlaylist = errors.New("the playlist has no segments")

// manifestFailed: the manifest's retries are the loader's own (xhr-loader.ts), so they are not shared with anything.
func (p *Player) manifestFailed(f *failure) {
	r := manifestPolicy.retry(f.timeout)
	if f.retriable() && p.manifestTries < r.max {
		wait := r.wait(p.manifestTries)
		p.manifestTries++
		p.ev.OnLoadError(LoadError{At: p.env.Now(), Kind: LoadManifest, Level: -1, URL: p.cfg.MasterURL, Err: f, Action: ActionRetry, Delay: wait})
		p.retryAlarm.set(wait, p.loadManifest)
		return
	}
	p.giveUp(LoadManifest, -1, p.cfg.MasterURL, f)
}

// giveUp reports an error that nothing can be done about.
func (p *Player) giveUp(kind LoadKind, level int, url string, err error) {
	p.ev.OnLoadError(LoadError{At: p.env.Now(), Kind: kind, Level: level, URL: url, Err: err, Action: ActionFatal})
	p.die(fmt.Errorf("%s %s: %w", kind, url, err))
}

// takeMaster makes the levels, lowest first, and tells the engine of them in the order listed (level-controller.ts).
func (p *Player) takeMaster(m *hls.Master) {
	if p.core != nil {
		p.tellManifest(m)
	}
	variants := playable(m.Variants)
	for _, v := range variants {
		p.levels = append(p.levels, newLevel(v))
	}
	listedFirst := p.levels[0]
	byHeight := slices.ContainsFunc(p.levels, func(l *level) bool { return l.height > 0 })
	slices.SortStableFunc(p.levels, func(a, b *level) int {
		if byHeight && a.height != b.height {
			return cmp.Compare(a.height, b.height)
		}
		return cmp.Or(cmp.Compare(a.frameRate, b.frameRate), cmp.Compare(a.averageBitrate, b.averageBitrate))
	})
	for i, l := range p.levels {
		l.index = i
		if l == listedFirst {
			p.firstLevel = i
		}
	}
	if p.hls.AbrEwmaDefaultEstimateBps == 0 {
		p.bandwidth.defaultBps = math.Max(p.bandwidth.defaultBps, math.Min(listedFirst.bitrate, defaultEstimateMaxBps))
	}
}

// playable drops audio-only variants where there are others, as hls.js does.
func playable(variants []hls.Variant) []hls.Variant {
	video := func(v hls.Variant) bool { return len(v.VideoCodecs()) > 0 || v.Resolution != (hls.Resolution{}) }
	audio := func(v hls.Variant) bool { return len(v.AudioCodecs()) > 0 }
	if !slices.ContainsFunc(variants, video) || !slices.ContainsFunc(variants, audio) {
		return variants
	}
	return slices.DeleteFunc(slices.Clone(variants), func(v hls.Variant) bool { return !video(v) })
}

// tellManifest registers every rendition with the engine (p2p-media-loader-hlsjs: segment-manager, processMainManifest).
func (p *Player) tellManifest(m *hls.Master) {
	url, _, _ := strings.Cut(p.cfg.MasterURL, "?")
	p.core.SetManifestURL(url)
	for _, v := range m.Variants {
		f := p2pml.StreamFields{Bitrate: v.Bitrate()}
		if f.Bitrate != 0 { // without a bitrate there is no master playlist, and nothing else counts
			f.Codecs = strings.Join(v.VideoCodecs(), ",")
			f.Width, f.Height = v.Resolution.Width, v.Resolution.Height
			f.FrameRate, f.VideoRange = v.FrameRate, v.VideoRange
		}
		p.core.AddStream(p2pml.Stream{RuntimeID: v.URI, Type: p2pml.Main, Index: p2pml.StreamIndex(f)})
	}
	for _, r := range m.Renditions {
		if r.Type != "AUDIO" {
			continue
		}
		p.core.AddStream(p2pml.Stream{RuntimeID: r.URI, Type: p2pml.Secondary, Index: p2pml.StreamIndex(p2pml.StreamFields{
			Codecs: audioCodecs(m, r), Language: r.Language, Channels: r.Channels, Name: cmp.Or(r.Name, r.Language),
		})})
	}
}

// audioCodecs of a rendition are those of the first variant of its group, or of the first variant.
func audioCodecs(m *hls.Master, r hls.Rendition) string {
	i := max(0, slices.IndexFunc(m.Variants, func(v hls.Variant) bool { return v.AudioGroup == r.GroupID }))
	return strings.Join(m.Variants[i].AudioCodecs(), ",")
}

// startLoading is hls.startLoad after the manifest was parsed: the controller's ticks begin now.
func (p *Player) startLoading() {
	p.phase, p.state = p.env.Now(), loadIdle
	p.enterLevel(p.levels[p.firstAutoLevel()])
}
