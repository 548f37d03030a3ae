package crossvalidate

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"swarmlab/results"
)

// Agreement is one scenario in both tiers.
type Agreement struct {
	Name  string   `json:"name"`
	Peers int      `json:"peers"`
	Seeds []uint64 `json:"seeds"`
	Rows  []Row    `json:"rows"`
	// CPU time in microseconds for each second that a viewer was there; 0: not known.
	PacketCPU float64 `json:"packetCPUMicrosPerViewerSecond"`
	FlowCPU   float64 `json:"flowCPUMicrosPerViewerSecond"`
}

// Row is a metric in both tiers.
type Row struct {
	Metric string         `json:"metric"`
	Packet results.Spread `json:"packet"`
	Flow   results.Spread `json:"flow"`
	Diff   float64        `json:"diff"` // flow less packet
	// Interval is where the true difference is, in 95 of 100 experiments; nil with one seed.
	Interval *results.Interval `json:"interval,omitempty"`
	// Tolerance is the largest difference that keeps the metric's bound; nil: it has none.
	Tolerance *float64 `json:"tolerance,omitempty"`
	Broken    bool     `json:"broken,omitempty"`

	metric metric
}

// ErrTiers says that results are not what is to be set side by side.
var ErrTiers = errors.New("cross-validation wants runs of one scenario and the same seeds, in the packet tier and in the flow tier")

// Agree sets runs of a scenario in the two tiers side by side. Seeds must be the same on both sides, so that the audiences are.
func Agree(name string, packet, flow []*results.Result) (*Agreement, error) {
	if err := pairable(packet, flow); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	a, err := results.NewEvidence("packet", packet)
	if err != nil {
		return nil, err
	}
	out, err := sideBySide(name, a, flow)
	if err == nil {
		out.PacketCPU = cpuPerViewerSecond(packet)
	}
	return out, err
}

// AgreeWith is Agree with a baseline of the packet tier, which has the figures of its runs and not what they cost.
func AgreeWith(name string, packet *results.Evidence, flow []*results.Result) (*Agreement, error) {
	seeds := make([]uint64, len(flow))
	for i, f := range flow {
		if f.Run.Tier != "flow" {
			return nil, fmt.Errorf("%s: %w: run %d is of the tier %q", name, ErrTiers, i+1, f.Run.Tier)
		}
		seeds[i] = f.Run.Seed
	}
	if packet.Tier != "packet" || !slices.Equal(packet.Seeds, seeds) {
		return nil, fmt.Errorf("%s: %w: the baseline is of the tier %q with the seeds %d, the runs have the seeds %d", name, ErrTiers,
			packet.Tier, packet.Seeds, seeds)
	}
	return sideBySide(name, packet, flow)
}

func sideBySide(name string, packet *results.Evidence, flow []*results.Result) (*Agreement, error) {
	b, err := results.NewEvidence("flow", flow)
	if err != nil {
		return nil, err
	}
	compared, err := results.Compare([]*results.Evidence{packet, b})
	if err != nil {
		return nil, err
	}
	if field := otherScenario(compared.Pairs[0].Differs, packet.Kind == results.KindBaseline); field != "" {
		return nil, fmt.Errorf("%s: %w: the scenarios differ in %s; what was kept may be of an older one, and wants to be done again", name, ErrTiers, field)
	}
	out := &Agreement{Name: name, Peers: flow[0].Summary.Peers, Seeds: b.Seeds, FlowCPU: cpuPerViewerSecond(flow)}
	for _, m := range metrics {
		row, ok := compared.Pairs[0].Row(m.name)
		switch {
		case ok:
			out.Rows = append(out.Rows, m.row(row))
		case m.bound != nil: // a bound that is not looked at is not kept
			return nil, fmt.Errorf("%s: %w: they have no %s", name, ErrTiers, m.title)
		}
	}
	return out, nil
}

// otherScenario is the first field in which the scenarios differ; "" if they do not. The first may be older than the field: baselines are kept for long.
func otherScenario(differs []results.Differing, older bool) string {
	for _, d := range differs {
		if !slices.Contains([]string{"schema", "tier", "clock", "version"}, d.What) && !(older && d.A == results.NotSet) {
			return d.What
		}
	}
	return ""
}

func pairable(packet, flow []*results.Result) error {
	if len(packet) == 0 || len(packet) != len(flow) {
		return fmt.Errorf("%w: there are %d and %d runs", ErrTiers, len(packet), len(flow))
	}
	for i, p := range packet {
		f := flow[i]
		switch {
		case p.Run.Tier != "packet" || f.Run.Tier != "flow":
			return fmt.Errorf("%w: run %d is of the tiers %q and %q", ErrTiers, i+1, p.Run.Tier, f.Run.Tier)
		case p.Run.Seed != f.Run.Seed || p.Run.SimulatedSeconds != f.Run.SimulatedSeconds || p.Summary.Peers != f.Summary.Peers:
			return fmt.Errorf("%w: run %d has seeds %d and %d, %v and %v seconds, %d and %d viewers", ErrTiers, i+1, p.Run.Seed, f.Run.Seed,
				p.Run.SimulatedSeconds, f.Run.SimulatedSeconds, p.Summary.Peers, f.Summary.Peers)
		}
	}
	return nil
}

func (m metric) row(r results.Row) Row {
	row := Row{Metric: m.name, Packet: r.A, Flow: r.B, Diff: r.Diff, Interval: r.Interval, metric: m}
	if m.bound != nil {
		tolerance := m.bound.tolerance(r.A.Mean)
		row.Tolerance, row.Broken = &tolerance, math.Abs(r.Diff) > tolerance
	}
	return row
}

// cpuPerViewerSecond is what the runs cost, in microseconds, for each second that a viewer was there.
func cpuPerViewerSecond(runs []*results.Result) float64 {
	var cpu, viewerSeconds float64
	for _, r := range runs {
		cpu += r.Run.CPUSeconds
		viewerSeconds += ViewerSeconds(r)
	}
	return cpu * 1e6 / math.Max(viewerSeconds, 1)
}

// ViewerSeconds is how many seconds viewers were there in a run, all viewers together.
func ViewerSeconds(r *results.Result) (sum float64) {
	var before float64
	for _, s := range r.Timeline {
		sum += float64(s.Viewers) * (s.T - before)
		before = s.T
	}
	return sum
}

// Broken are the bounds that are not kept, a sentence each.
func (a *Agreement) Broken() (out []string) {
	for _, r := range a.Rows {
		if r.Broken {
			m := r.metric
			out = append(out, fmt.Sprintf("%s: %s is %.*f in the flow tier and %.*f in the packet tier, more than %s apart", a.Name, m.title,
				m.digits, m.shown(r.Flow.Mean), m.digits, m.shown(r.Packet.Mean), m.bound.text))
		}
	}
	return out
}
