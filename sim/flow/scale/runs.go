package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"swarmlab/results"
	"swarmlab/scenarios"
	"swarmlab/sim"
	"swarmlab/sim/crossvalidate"
)

// sizes are the audiences, in viewers.
var sizes = []int{10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000}

// kind is a stream and its audience: the preset, but for what would change with the size.
type kind struct {
	name, title, preset string
	sets                []string
	largest             int // audience; 0: any
}

// Whoever comes, comes within the same time, whatever the size: five times the audience is five times as many a second. All stay to
// the end, so that every size has the same time to exchange. An origin that is never full shows how the figures grow; one of 1 Gbit/s,
// the presets' own, what becomes of them where it is. Beyond 10,000 viewers that is more of the same, for hours.
var kinds = []kind{
	{"live", "live", "live", []string{"run.duration=5m", "origin.link=unlimited"}, 0},
	{"vod", "VOD", "vod", []string{"origin.link=unlimited"}, 0},
	{"live1gbit", "live, origin of 1 Gbit/s", "live", []string{"run.duration=5m"}, 10_000},
	{"vod1gbit", "VOD, origin of 1 Gbit/s", "vod", nil, 10_000},
}

// point is what a run found.
type point struct {
	Kind         string  `json:"kind"`
	Viewers      int     `json:"viewers"`
	P2PRatio     float64 `json:"p2pRatio"`
	Bound        float64 `json:"p2pRatioBound"`
	Copies       float64 `json:"copiesPerSegment"`
	OriginMbit   float64 `json:"originMbitPerSecond"`  // mean over the run
	Announces    float64 `json:"announcesPerSecond"`   // likewise
	Connections  float64 `json:"connectionsPerViewer"` // opened, each counted at one of its ends
	CPUMicros    float64 `json:"cpuMicrosPerViewerSecond"`
	MemoryBytes  float64 `json:"memoryBytesPerViewer"`
	CPUSeconds   float64 `json:"cpuSeconds"`
	StartupMs    float64 `json:"startupP50Ms"`
	StallRatio   float64 `json:"stallRatio"`
	SimulatedSec float64 `json:"simulatedSeconds"`
}

func pointOf(kind string, r *results.Result) point {
	s, n := r.Summary, float64(r.Summary.Peers)
	return point{
		Kind: kind, Viewers: r.Summary.Peers, P2PRatio: s.P2PRatio, Bound: s.P2PRatioBound, Copies: s.CopiesPerSegment,
		OriginMbit:  float64(s.OriginBytes) * 8 / 1e6 / r.Run.SimulatedSeconds,
		Announces:   float64(s.TrackerAnnounces) / r.Run.SimulatedSeconds,
		Connections: float64(s.Connections) / n,
		CPUMicros:   r.Run.CPUSeconds * 1e6 / crossvalidate.ViewerSeconds(r), MemoryBytes: float64(r.Run.MaxRSSBytes) / n,
		CPUSeconds: r.Run.CPUSeconds, StartupMs: s.StartupMs.P50, StallRatio: s.StallRatio, SimulatedSec: r.Run.SimulatedSeconds,
	}
}

func file(folder, run string) string { return filepath.Join(folder, run+".json") }

// doAll does the runs that are missing, each in a process of its own so that memory is its own, the small ones first.
func doAll(ctx context.Context, o options) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for _, size := range sizes {
		for _, k := range kinds {
			run := k.name + "-" + strconv.Itoa(size)
			if _, err := os.Stat(file(o.keep, run)); size > o.largest || k.largest > 0 && size > k.largest || err == nil && !o.again {
				continue
			}
			s, err := k.scenario(size)
			if err != nil {
				return err
			}
			fmt.Fprintf(os.Stderr, "%s: %v\n", k.title, sim.EstimateOf(s, "flow"))
			began := time.Now()
			cmd := exec.CommandContext(ctx, self, "-keep", o.keep, "-one", run)
			cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
			cmd.Stderr = os.Stderr
			if err := cmd.Run(); err != nil {
				return fmt.Errorf("%s: %w", run, errors.Join(err, context.Cause(ctx)))
			}
			fmt.Fprintf(os.Stderr, "%s is done after %v\n", run, time.Since(began).Round(time.Second))
		}
	}
	return nil
}

func (k kind) scenario(size int) (*scenarios.Scenario, error) {
	s, err := scenarios.Load(k.preset)
	if err != nil {
		return nil, err
	}
	return s, s.SetAll(append([]string{"peers.count=" + strconv.Itoa(size)}, k.sets...))
}

// single does one run in this process and keeps what it found.
func single(ctx context.Context, o options) error {
	name, viewers, _ := strings.Cut(o.one, "-")
	size, err := strconv.Atoi(viewers)
	if err != nil {
		return fmt.Errorf("%q is no run; want KIND-VIEWERS", o.one)
	}
	for _, k := range kinds {
		if k.name != name {
			continue
		}
		s, err := k.scenario(size)
		if err != nil {
			return err
		}
		sim.TuneMemory()
		r, err := sim.Run(ctx, s, sim.Options{Tier: "flow", Progress: progress()})
		if err != nil {
			return err
		}
		return keep(file(o.keep, o.one), pointOf(name, r))
	}
	return fmt.Errorf("there is no kind %q", name)
}

// progress says every ten seconds how far a run is.
func progress() func(sim.Progress) {
	began := time.Now()
	last := began
	return func(p sim.Progress) {
		if time.Since(last) < 10*time.Second || p.Share <= 0 {
			return
		}
		last = time.Now()
		left := time.Duration(float64(time.Since(began)) * (1 - p.Share) / p.Share)
		fmt.Fprintf(os.Stderr, "%3.0f %%, %d viewers, about %v to go\n", 100*p.Share, p.Viewers, left.Round(time.Second))
	}
}

func keep(name string, p point) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return results.WriteFile(name, func(w io.Writer) error { return json.NewEncoder(w).Encode(p) })
}

// read reads what is kept, by kind and size.
func read(folder string) (map[string][]point, error) {
	out := map[string][]point{}
	for _, k := range kinds {
		for _, size := range sizes {
			text, err := os.ReadFile(file(folder, k.name+"-"+strconv.Itoa(size)))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			var p point
			if err == nil {
				err = json.Unmarshal(text, &p)
			}
			if err != nil {
				return nil, fmt.Errorf("read what a run found: %w", err)
			}
			out[k.name] = append(out[k.name], p)
		}
	}
	return out, nil
}
