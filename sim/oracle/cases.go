package oracle

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"swarmlab/scenarios"
)

// Case is one small scenario in which both kinds of core are run.
type Case struct {
	Name string
	base string   // a scenario as people write it
	set  []string // what is changed of it: path=value
	mischief
}

// The scenarios that the cases vary. They last long enough for the scheduler to come to rest, and no longer.
const (
	vod = `
run: {duration: 100s}
stream: {kind: vod, segmentDuration: 4s, length: 80s, variants: [{bandwidth: 800000}]}
peers: {count: 6, arrival: {kind: stagger, gap: 3s, jitter: 2s}}
`
	live = `
run: {duration: 90s}
stream: {kind: live, segmentDuration: 2s, window: 12, phase: 700ms, variants: [{bandwidth: 800000}]}
peers: {count: 6, arrival: {kind: stagger, gap: 1500ms, jitter: 1s}}
`
	// Half of the viewers have less uplink than the stream needs, so that uploads queue up, time out and are given up.
	slow = `
run: {duration: 120s}
stream: {kind: vod, segmentDuration: 4s, length: 80s, variants: [{bandwidth: 1500000}]}
peers:
  count: 8
  arrival: {kind: stagger, gap: 4s, jitter: 1s}
  groups:
    - {name: thin, share: 0.5, link: {up: 300kbps, down: 8mbps}}
    - {name: wide, share: 0.5, link: {up: 2mbps, down: 8mbps}}
`
	churn = `
run: {duration: 120s}
stream: {kind: vod, segmentDuration: 4s, length: 100s, variants: [{bandwidth: 1500000}]}
peers: {count: 12, arrival: {kind: poisson, over: 40s}, session: {kind: exponential, mean: 30s}, leave: {clean: 0.5}}
tracker: {interval: 15s}
network: {lostAfter: 10s}
`
	// Links between which hls.js goes up and down.
	renditions = `
run: {duration: 120s}
stream:
  kind: vod
  segmentDuration: 4s
  length: 100s
  variants:
    - {bandwidth: 800000, resolution: 640x360}
    - {bandwidth: 1600000, resolution: 960x540}
    - {bandwidth: 3200000, resolution: 1280x720}
peers:
  count: 6
  arrival: {kind: stagger, gap: 5s, jitter: 1s}
  groups:
    - {name: thin, share: 0.5, link: {up: 2mbps, down: 4mbps}}
    - {name: wide, share: 0.5, link: {up: 4mbps, down: 12mbps}}
`
	// Somebody's own stream: see rangesFolder.
	folder = `
run: {duration: 100s}
stream: {kind: vod, from: %s}
peers: {count: 6, arrival: {kind: stagger, gap: 3s, jitter: 2s}}
`
	// Large segments, against a memory of which the library thinks in MiB.
	large = `
run: {duration: 110s}
stream: {kind: vod, segmentDuration: 4s, length: 100s, variants: [{bandwidth: 4000000}]}
peers: {count: 4, arrival: {kind: stagger, gap: 8s, jitter: 1s}}
`
)

// Cases are all there are.
func Cases() []Case {
	return slices.Concat(audiences(), settings(), faults())
}

func audiences() []Case {
	of := func(name, base string, set ...string) Case { return Case{Name: name, base: base, set: set} }
	cases := []Case{
		of("vod-together", vod, "peers.arrival={kind: together, jitter: 500ms}"),
		of("vod-20", vod, "peers.count=20", "peers.arrival.gap=1s"),
		of("vod-50", vod, "peers.count=50", "peers.arrival.gap=500ms", "stream.length=40s", "run.duration=60s"),
		of("vod-1s-segments", vod, "stream.segmentDuration=1s"),
		of("vod-10s-segments", vod, "stream.segmentDuration=10s"),
		// More than 256 segments: a full block of ids hides its owner.
		of("vod-300-segments", vod, "stream.segmentDuration=500ms", "stream.length=150s", "run.duration=120s", "peers.count=4"),
		of("vod-start-in-the-middle", vod, "player.startPosition=40"),
		of("live-together", live, "peers.arrival={kind: together, jitter: 500ms}"),
		of("live-20", live, "peers.count=20", "peers.arrival.gap=500ms"),
		of("live-50", live, "peers.count=50", "peers.arrival.gap=300ms", "run.duration=45s"),
		of("live-4s-segments", live, "stream.segmentDuration=4s"),
		of("live-close-to-the-edge", live, "player.liveSyncDurationCount=3"),
		of("slow-uploaders", slow),
		of("slow-uploaders-live", slow, "stream.kind=live", "stream.segmentDuration=2s", "stream.window=20",
			"p2pml.core.highDemandTimeWindow=5"),
		of("slow-everywhere", slow, "origin.link={up: 12mbps, down: 100mbps}"),
		of("churn", churn),
		of("churn-clean", churn, "peers.leave.clean=1"),
		of("churn-vanish", churn, "peers.leave.clean=0"),
		of("churn-live", churn, "stream.kind=live", "stream.segmentDuration=2s", "stream.window=20"),
		of("churn-20", churn, "peers.count=20", "tracker.interval=5s"),
		of("crossing-offers", vod, "tracker.interval=3s", "peers.arrival={kind: together, jitter: 500ms}", "peers.count=10"),
		of("http-errors", vod, "origin.errorRate=0.1"),
		of("http-errors-live", live, "origin.errorRate=0.1"),
		of("http-errors-often", vod, "origin.errorRate=0.4"),
		of("renditions", renditions),
		of("renditions-live", renditions, "stream.kind=live", "stream.window=15"),
		of("renditions-left-early", renditions, "p2pml.core.p2pInactiveLoaderDestroyTimeoutMs=3000"),
		of("storage-20MiB", large, "p2pml.core.segmentMemoryStorageLimit=20"),
		of("storage-8MiB", large, "p2pml.core.segmentMemoryStorageLimit=8"),
		of("storage-8MiB-live", large, "p2pml.core.segmentMemoryStorageLimit=8", "stream.kind=live", "stream.window=12"),
		of("some-do-not-upload", vod, "peers.groups=[{name: gives, share: 0.5}, {name: takes, share: 0.5, upload: false}]"),
		of("behind-nats", vod, "peers.count=10", "tracker.interval=20s",
			"peers.groups=[{name: hard, share: 0.5, nat: symmetric}, {name: easy, share: 0.5, nat: port-restricted}]"),
		of("far-apart", vod, "peers.groups=[{name: here, share: 0.5, region: eu}, {name: there, share: 0.5, region: as}]"),
		of("byte-ranges", folder),
		of("byte-ranges-slow", folder, "peers.groups=[{name: thin, link: {up: 300kbps, down: 8mbps}}]", "origin.link={up: 12mbps, down: 100mbps}"),
	}
	for _, n := range []int{1, 2, 3, 5, 8} {
		cases = append(cases, of(fmt.Sprintf("vod-%d", n), vod, fmt.Sprintf("peers.count=%d", n)))
	}
	for _, window := range []int{5, 8, 15, 25, 40} {
		cases = append(cases, of(fmt.Sprintf("live-window-%d", window), live, fmt.Sprintf("stream.window=%d", window)))
	}
	return cases
}

// settings change each of the library's options at least once, where the option matters.
func settings() []Case {
	var cases []Case
	for _, s := range []struct {
		base   string
		option string
		values []string
	}{
		{vod, "isP2PUploadDisabled", []string{"true"}},
		{vod, "isP2PDisabled", []string{"true"}},
		{vod, "simultaneousHttpDownloads", []string{"1", "5"}},
		{slow, "simultaneousHttpDownloads", []string{"1"}},
		{vod, "simultaneousP2PDownloads", []string{"1", "8"}},
		{slow, "simultaneousP2PDownloads", []string{"1"}},
		{vod, "highDemandTimeWindow", []string{"1.3", "5", "31"}},
		{live, "highDemandTimeWindow", []string{"1.3", "5"}},
		{vod, "httpDownloadInitialTimeoutMs", []string{"2500", "7000"}},
		{live, "httpDownloadInitialTimeoutMs", []string{"2500"}},
		{vod, "httpDownloadTimeWindow", []string{"22", "5"}},
		{vod, "p2pDownloadTimeWindow", []string{"22", "5"}},
		{slow, "webRtcMaxMessageSize", []string{"16000", "16384", "200000"}},
		{vod, "webRtcMaxMessageSize", []string{"8000"}},
		{slow, "p2pNotReceivingBytesTimeoutMs", []string{"500", "8000"}},
		{slow, "httpNotReceivingBytesTimeoutMs", []string{"100"}},
		{vod, "httpErrorRetries", []string{"1", "6"}},
		{slow, "p2pErrorRetries", []string{"1", "10"}},
		{renditions, "p2pInactiveLoaderDestroyTimeoutMs", []string{"10000"}},
		{vod, "trackerClientVersionPrefix", []string{"-XX9999-"}},
		{vod, "swarmId", []string{"another"}},
	} {
		for _, value := range s.values {
			set := []string{"p2pml.core." + s.option + "=" + value}
			if s.option == "httpErrorRetries" {
				set = append(set, "origin.errorRate=0.2")
			}
			cases = append(cases, Case{Name: s.option + "-" + value + suffix(s.base), base: s.base, set: set})
		}
	}
	return cases
}

func suffix(base string) string {
	return map[string]string{vod: "", live: "-live", slow: "-slow", renditions: "-renditions"}[base]
}

// faults are what no scenario asks for: origins and peers that break the rules.
func faults() []Case {
	of := func(name, base string, m mischief, set ...string) Case { return Case{name, base, set, m} }
	return []Case{
		of("truncated-bodies", vod, mischief{origin: truncate, share: 0.2}),
		of("truncated-bodies-live", live, mischief{origin: truncate, share: 0.2}),
		of("broken-bodies", vod, mischief{origin: breakOff, share: 0.2}),
		of("silent-bodies", vod, mischief{origin: fallSilent, share: 0.2}),
		of("silent-bodies-slow", slow, mischief{origin: fallSilent, share: 0.1}),
		of("byte-ranges-truncated", folder, mischief{origin: truncate, share: 0.2}),
		of("byte-ranges-ignored", folder, mischief{origin: ignoreRange, share: 0.2}),
		of("byte-ranges-wrong", folder, mischief{origin: lieAboutRange, share: 0.2}),
		of("no-content-length", slow, mischief{origin: hideLength, share: 1}),
		of("no-content-length-truncated", slow, mischief{origin: hideLengthAndTruncate, share: 0.3}),
		of("no-ranges", slow, mischief{origin: ignoreRange, share: 1}),
		of("wrong-ranges", slow, mischief{origin: lieAboutRange, share: 0.5}),
		of("some-without-p2p", vod, mischief{without: 0.4}),
		of("peers-lose-messages", vod, mischief{peers: lose, share: 0.03}, "peers.count=8"),
		of("peers-repeat-messages", vod, mischief{peers: repeat, share: 0.03}, "peers.count=8"),
		of("peers-close-quietly", churn, mischief{peers: closeQuietly, share: 0.7}, "peers.leave.clean=0.7"),
		of("peers-close-quietly-slow", slow, mischief{peers: closeQuietly, share: 0.7}, "p2pml.core.p2pErrorRetries=1"),
		of("peers-lose-messages-slow", slow, mischief{peers: lose, share: 0.03}),
		of("peers-repeat-messages-live", live, mischief{peers: repeat, share: 0.02}, "peers.count=8", "p2pml.core.highDemandTimeWindow=4"),
	}
}

// scenario makes a case's scenario, with a seed.
func (c *Case) scenario(seed uint64) (*scenarios.Scenario, error) {
	text := c.base
	if text == folder {
		master, err := rangesFolder()
		if err != nil {
			return nil, err
		}
		text = fmt.Sprintf(folder, master)
	}
	s, err := scenarios.Parse(c.Name, []byte(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	s.Run.Seed = seed
	if err := s.SetAll(c.set); err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	s.Name = c.Name
	return s, s.Resolve()
}

// rangesFolder writes a stream whose segments are ranges of one file, and returns its master playlist.
func rangesFolder() (string, error) {
	const segments, size = 20, 400_000
	folder := filepath.Join(os.TempDir(), "swarmlab-oracle-ranges")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	var playlist strings.Builder
	playlist.WriteString("#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-TARGETDURATION:4\n#EXT-X-PLAYLIST-TYPE:VOD\n")
	data := make([]byte, 0, segments*size)
	for i := range segments {
		fmt.Fprintf(&playlist, "#EXTINF:4.0,\n#EXT-X-BYTERANGE:%d@%d\nall.ts\n", size, i*size)
		data = append(data, bytes.Repeat([]byte{'G', byte(i)}, size/2)...)
	}
	playlist.WriteString("#EXT-X-ENDLIST\n")
	master := "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=800000,CODECS=\"avc1.42c01e,mp4a.40.2\",RESOLUTION=640x360\nmedia.m3u8\n"
	for name, content := range map[string][]byte{
		"all.ts": data, "media.m3u8": []byte(playlist.String()), "master.m3u8": []byte(master),
	} {
		if err := replace(filepath.Join(folder, name), content); err != nil {
			return "", err
		}
	}
	return filepath.Join(folder, "master.m3u8"), nil
}

// replace writes a file as a whole: another run may be reading it.
func replace(name string, content []byte) error {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, content) {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(name), "part-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
