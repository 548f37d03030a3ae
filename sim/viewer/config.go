package viewer

import (
	"time"

	"swarmlab/scenarios"
	"swarmlab/sim/p2pml"
	"swarmlab/sim/player"
)

// Deployment is where the viewers of a run find things.
type Deployment struct {
	MasterURL string
	Trackers  []string
	Playlists *player.PlaylistCache // shared by the viewers of a run
	NewEngine player.NewEngine      // see Options
}

// playerConfig is the scenario's viewer as the player takes it.
func playerConfig(s *scenarios.Scenario, plan scenarios.Viewer, d Deployment) player.Config {
	c := player.Config{
		MasterURL:  d.MasterURL,
		P2PEnabled: true,
		P2P:        coreConfig(s, plan, d.Trackers),
		HLS:        hlsConfig(s.Player),
		Playlists:  d.Playlists,
		NewEngine:  d.NewEngine,
	}
	if p := s.Player.StartPosition; p != nil && *p > 0 {
		c.StartPosition = *p
	}
	return c
}

// coreConfig is P2P Media Loader's configuration: its defaults, then what the scenario sets, per kind of stream.
func coreConfig(s *scenarios.Scenario, plan scenarios.Viewer, trackers []string) p2pml.Config {
	c := p2pml.Default()
	c.Generation = s.P2PML.Generation
	core := s.P2PML.Core
	set(&c.SegmentMemoryStorageLimitMiB, core.SegmentMemoryStorageLimit)
	set(&c.Defects.FiledUnderPlayed, s.P2PML.Defects.FiledUnderPlayed)
	set(&c.Defects.FullBlock256, s.P2PML.Defects.FullBlock256)
	set(&c.Defects.MessageCountingTimeout, s.P2PML.Defects.MessageCountingTimeout)
	for _, kind := range []struct {
		to   *p2pml.StreamConfig
		from scenarios.StreamOptions
	}{{&c.Main, core.Main()}, {&c.Secondary, core.Secondary()}} {
		streamConfig(kind.to, kind.from)
		kind.to.AnnounceTrackers = trackers
		kind.to.SwarmID = core.SwarmID
		set(&kind.to.TrackerClientVersionPrefix, core.TrackerClientVersionPrefix)
		if !plan.Upload {
			kind.to.IsP2PUploadDisabled = true
		}
	}
	return c
}

func streamConfig(c *p2pml.StreamConfig, o scenarios.StreamOptions) {
	set(&c.IsP2PUploadDisabled, o.IsP2PUploadDisabled)
	set(&c.IsP2PDisabled, o.IsP2PDisabled)
	set(&c.SimultaneousHTTPDownloads, o.SimultaneousHTTPDownloads)
	set(&c.SimultaneousP2PDownloads, o.SimultaneousP2PDownloads)
	seconds(&c.HighDemandTimeWindow, o.HighDemandTimeWindow)
	milliseconds(&c.HTTPDownloadInitialTimeout, o.HTTPDownloadInitialTimeoutMs)
	seconds(&c.HTTPDownloadTimeWindow, o.HTTPDownloadTimeWindow)
	seconds(&c.P2PDownloadTimeWindow, o.P2PDownloadTimeWindow)
	set(&c.WebRTCMaxMessageSize, o.WebRTCMaxMessageSize)
	milliseconds(&c.P2PNotReceivingBytesTimeout, o.P2PNotReceivingBytesTimeoutMs)
	milliseconds(&c.P2PInactiveLoaderDestroyTimeout, o.P2PInactiveLoaderDestroyTimeoutMs)
	milliseconds(&c.HTTPNotReceivingBytesTimeout, o.HTTPNotReceivingBytesTimeoutMs)
	set(&c.HTTPErrorRetries, o.HTTPErrorRetries)
	set(&c.P2PErrorRetries, o.P2PErrorRetries)
}

func hlsConfig(p scenarios.Player) player.HLSConfig {
	var c player.HLSConfig
	seconds(&c.LiveSyncDuration, p.LiveSyncDuration)
	set(&c.LiveSyncDurationCount, p.LiveSyncDurationCount)
	seconds(&c.MaxBufferLength, p.MaxBufferLength)
	seconds(&c.MaxMaxBufferLength, p.MaxMaxBufferLength)
	set(&c.AbrEwmaDefaultEstimateBps, p.ABREwmaDefaultEstimate)
	return c
}

// set overwrites a default with what the scenario says, if it says anything.
func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func seconds(to *time.Duration, from *float64) { scaled(to, from, time.Second) }

func milliseconds(to *time.Duration, from *float64) { scaled(to, from, time.Millisecond) }

func scaled(to *time.Duration, from *float64, unit time.Duration) {
	if from != nil {
		*to = time.Duration(*from * float64(unit))
	}
}
