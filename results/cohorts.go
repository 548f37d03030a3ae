package results

import "slices"

// Cohort is the distributions of the viewers who have group, link, NAT and region in common. A viewer's row has its medians
// only, and a quantile of several viewers cannot be made from medians.
type Cohort struct {
	Group      string     `json:"group"`
	Link       string     `json:"link"`
	NAT        string     `json:"nat"`
	Region     string     `json:"region"`
	Viewers    int        `json:"viewers"`
	Histograms Histograms `json:"histograms"`
}

// cohortsOf are in the order in which their first viewers joined.
func cohortsOf(viewers []*ViewerRecord) []Cohort {
	type id struct{ group, link, nat, region string }
	members := map[id][]*ViewerRecord{}
	var order []id
	for _, v := range viewers {
		k := id{v.info.Group, v.info.Link, v.info.NAT, v.info.Region}
		if members[k] == nil {
			order = append(order, k)
		}
		members[k] = append(members[k], v)
	}
	out := make([]Cohort, len(order))
	for i, k := range order {
		of := members[k]
		out[i] = Cohort{
			Group: k.group, Link: k.link, NAT: k.nat, Region: k.region, Viewers: len(of),
			Histograms: Histograms{
				StartupMs:         histogramOf(of, func(d *durations, v *ViewerRecord) { d.addDuration(v.startup) }),
				TimeToFirstPeerMs: histogramOf(of, func(d *durations, v *ViewerRecord) { d.addDuration(v.firstPeer) }),
				HTTPLatencyMs:     histogramOf(of, func(d *durations, v *ViewerRecord) { d.addAll(v.httpLatency) }),
				P2PLatencyMs:      histogramOf(of, func(d *durations, v *ViewerRecord) { d.addAll(v.p2pLatency) }),
				LiveLatencyMs:     histogramOf(of, func(d *durations, v *ViewerRecord) { d.addAll(v.liveLatency) }),
			},
		}
	}
	return out
}

func histogramOf(viewers []*ViewerRecord, add func(*durations, *ViewerRecord)) Histogram {
	d := newDurations()
	for _, v := range viewers {
		add(d, v)
	}
	return d.histogram()
}

// Merge is both together. Buckets' ends come from one grid, but the last of each histogram ends at its largest value.
func (h Histogram) Merge(with Histogram) Histogram {
	counts := map[float64]int64{}
	for _, b := range slices.Concat(h.Buckets, with.Buckets) {
		counts[b.UpTo] += b.Count
	}
	out := Histogram{Count: h.Count + with.Count, Buckets: make([]Bucket, 0, len(counts))}
	for upTo, n := range counts { // sorted below
		out.Buckets = append(out.Buckets, Bucket{upTo, n})
	}
	slices.SortFunc(out.Buckets, func(a, b Bucket) int {
		if a.UpTo < b.UpTo {
			return -1
		}
		return 1 // no two are the same
	})
	return out
}

// mean takes every value for the end of its bucket: at most 1 % too much.
func (h Histogram) mean() float64 {
	var sum float64
	for _, b := range h.Buckets {
		sum += float64(b.UpTo * float64(b.Count))
	}
	return sum / float64(h.Count)
}
