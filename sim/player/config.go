package player

import (
	"math"
	"time"

	"swarmlab/sim/p2pml"
)

// Config is one viewer's player. The zero HLSConfig is hls.js as it comes.
type Config struct {
	// MasterURL is the multivariant playlist, or a media playlist, that the page gives to hls.js.
	MasterURL string
	// P2PEnabled puts P2P Media Loader's engine under the player. Without it the player is plain hls.js.
	P2PEnabled bool
	// P2P is the engine's configuration; unused if P2PEnabled is false.
	P2P p2pml.Config
	// NewEngine makes the engine; nil: p2pml.New.
	NewEngine NewEngine
	// HLS is what the page changes of hls.js's own configuration.
	HLS HLSConfig
	// StartPosition is where a viewer of VOD starts, in seconds of the stream. Live viewers start at the sync position.
	StartPosition float64
	// Playlists, if set, shares parsed playlists among viewers. It changes no behaviour.
	Playlists *PlaylistCache
}

// NewEngine makes a viewer's engine with the environment, the configuration and the listener of p2pml.New.
type NewEngine func(env p2pml.Env, cfg p2pml.Config, ev p2pml.Events) Engine

// HLSConfig holds hls.js's options under its own names. Zero means "not set by the page": hls.js's default applies, and the
// engine may change it (it leaves alone what the page has set).
type HLSConfig struct {
	MaxBufferLength             time.Duration // 30 s
	MaxMaxBufferLength          time.Duration // 600 s
	MaxBufferSizeBytes          int64         // 60,000,000
	MaxBufferHole               time.Duration // 100 ms
	LiveSyncDuration            time.Duration // not set
	LiveSyncDurationCount       int           // 3
	LiveMaxLatencyDuration      time.Duration // not set
	LiveMaxLatencyDurationCount int           // infinite: a late viewer stays late
	AbrEwmaDefaultEstimateBps   float64       // 500,000, raised to the first listed variant's bitrate
	AbrEwmaFast                 float64       // 3 (half-life, seconds of loading)
	AbrEwmaSlow                 float64       // 9
	AbrBandWidthFactor          float64       // 0.95
	AbrBandWidthUpFactor        float64       // 0.7
	MaxStarvationDelay          time.Duration // 4 s

	// TimeUpdateInterval is how often a playing media element tells its position; Chromium does so every 250 ms.
	TimeUpdateInterval time.Duration

	// LiveStartRace is the share of live pages with the engine that start at hls.js's own three target durations behind the edge,
	// although the engine has asked for nearly the whole window. In real browsers it is about one page in seven (a race in the
	// integration, measured, not understood). 0 means that 1/7; a negative value means none.
	LiveStartRace float64
}

// Constants of hls.js that pages do not change (src/config.ts, src/controller/*.ts).
const (
	tickInterval           = 100 * time.Millisecond // stream-controller.ts TICK_INTERVAL, gap-controller.ts
	fragLookUpTolerance    = 0.25                   // maxFragLookUpTolerance
	liveSyncOnStallSeconds = 1.0                    // liveSyncOnStallIncrease
	defaultEstimateBps     = 500_000                // abrEwmaDefaultEstimate
	defaultEstimateMaxBps  = 5_000_000              // abrEwmaDefaultEstimateMax
	engineLatency          = 10 * time.Millisecond  // p2p-media-loader-hlsjs: DEFAULT_DOWNLOAD_LATENCY
	maxEngineLiveSync      = 120.0                  // p2p-media-loader-hlsjs: MAX_LIVE_SYNC_DURATION, seconds
	engineMinSegments      = 4                      // the engine changes hls.js only with more segments than this
	measuredLiveStartRace  = 1.0 / 7
)

func orDefault[T int | int64 | float64 | time.Duration](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}

// withDefaults fills in hls.js's defaults. Options that the engine may change stay as they are: see tuning.
func (c HLSConfig) withDefaults() HLSConfig {
	c.MaxBufferSizeBytes = orDefault(c.MaxBufferSizeBytes, 60_000_000)
	c.MaxBufferHole = orDefault(c.MaxBufferHole, 100*time.Millisecond)
	c.AbrEwmaFast = orDefault(c.AbrEwmaFast, 3)
	c.AbrEwmaSlow = orDefault(c.AbrEwmaSlow, 9)
	c.AbrBandWidthFactor = orDefault(c.AbrBandWidthFactor, 0.95)
	c.AbrBandWidthUpFactor = orDefault(c.AbrBandWidthUpFactor, 0.7)
	c.MaxStarvationDelay = orDefault(c.MaxStarvationDelay, 4*time.Second)
	c.TimeUpdateInterval = orDefault(c.TimeUpdateInterval, 250*time.Millisecond)
	c.LiveStartRace = orDefault(c.LiveStartRace, measuredLiveStartRace)
	return c
}

// tuning is the part of hls.js's configuration that the engine changes while it runs (hls.config, as opposed to
// hls.userConfig). Lengths are in seconds.
type tuning struct {
	maxBufferLength       float64
	maxMaxBufferLength    float64
	liveSyncDurationCount int
}

func (c HLSConfig) tuning() tuning {
	return tuning{
		maxBufferLength:       orDefault(c.MaxBufferLength, 30*time.Second).Seconds(),
		maxMaxBufferLength:    orDefault(c.MaxMaxBufferLength, 600*time.Second).Seconds(),
		liveSyncDurationCount: orDefault(c.LiveSyncDurationCount, 3),
	}
}

// bufferGoal is how many seconds ahead of the picture hls.js loads (base-stream-controller.ts, getMaxBufferLength).
func (c HLSConfig) bufferGoal(t tuning, maxBitrate float64) float64 {
	goal := t.maxBufferLength
	if maxBitrate > 0 {
		goal = math.Max(8*float64(c.MaxBufferSizeBytes)/maxBitrate, goal)
	}
	return math.Min(goal, t.maxMaxBufferLength)
}

// adapt applies what the engine does to hls.js on a playlist update (p2p-media-loader-hlsjs engine: handleLevelUpdated).
// highDemand is the larger of both streams' windows.
func (t *tuning) adapt(user HLSConfig, live bool, segments int, targetDuration float64, highDemand time.Duration) {
	if segments <= engineMinSegments {
		return
	}
	if live && user.LiveSyncDuration == 0 && user.LiveSyncDurationCount == 0 {
		t.liveSyncDurationCount = min(segments-1, int(math.Floor(maxEngineLiveSync/targetDuration)))
	}
	if user.MaxBufferLength == 0 && user.MaxMaxBufferLength == 0 {
		optimal := math.Max(2*targetDuration, highDemand.Seconds())
		t.maxBufferLength = math.Min(t.maxBufferLength, optimal)
		t.maxMaxBufferLength = math.Min(t.maxMaxBufferLength, optimal)
	}
}
