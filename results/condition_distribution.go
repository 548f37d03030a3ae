package results

// ofDistribution is a figure of a distribution, of all viewers or of some. The summary's figures are exact, those made of rows as well;
// what is left is made of histograms, which have two digits.
func (c Condition) ofDistribution(r *Result) (float64, error) {
	if len(c.Labels) == 0 {
		d := r.Summary.distribution(c.Metric)
		if d.Count == 0 && c.Func != "count" {
			return 0, c.missing("there is no value to take it of")
		}
		if x, ok := c.ofDist(d); ok {
			return x, nil
		}
	}
	if of := perViewer[c.Metric]; of != nil {
		return c.ofRows(r, of)
	}
	if len(c.Labels) == 0 {
		return c.ofHistogram(r.Histograms.of(c.Metric))
	}
	return c.ofCohorts(r)
}

// perViewer are the distributions of which every viewer has one value.
var perViewer = map[string]func(p *PeerRow) *float64{
	"startupMs":         func(p *PeerRow) *float64 { return p.StartupMs },
	"timeToFirstPeerMs": func(p *PeerRow) *float64 { return p.TimeToFirstPeerMs },
	"degree":            func(p *PeerRow) *float64 { x := float64(p.PeakConnections); return &x },
}

func (c Condition) ofRows(r *Result, of func(p *PeerRow) *float64) (float64, error) {
	rows := c.rows(r)
	if len(rows) == 0 {
		return 0, c.missing("no viewer has these labels")
	}
	var values []float64
	for _, p := range rows {
		if x := of(p); x != nil {
			values = append(values, *x)
		}
	}
	return c.figure(values)
}

func (c Condition) ofCohorts(r *Result) (float64, error) {
	if r.Cohorts == nil {
		return 0, c.missing("the result was made before latencies were kept by group")
	}
	var all Histogram
	found := false
	for _, k := range r.Cohorts {
		if c.has(k.Group, k.Link, k.NAT, k.Region) {
			all, found = all.Merge(k.Histograms.of(c.Metric)), true
		}
	}
	if !found {
		return 0, c.missing("no viewer has these labels")
	}
	return c.ofHistogram(all)
}

// distribution is the summary's distribution of that name; an empty one if it was not measured.
func (s Summary) distribution(metric string) Dist {
	switch metric {
	case "startupMs":
		return s.StartupMs
	case "timeToFirstPeerMs":
		return s.TimeToFirstPeerMs
	case "httpLatencyMs":
		return s.HTTPLatencyMs
	case "p2pLatencyMs":
		return s.P2PLatencyMs
	case "degree":
		return s.Degree
	}
	if s.LiveLatencyMs == nil {
		return Dist{}
	}
	return *s.LiveLatencyMs
}

// of is the histogram of that name.
func (h Histograms) of(metric string) Histogram {
	switch metric {
	case "startupMs":
		return h.StartupMs
	case "timeToFirstPeerMs":
		return h.TimeToFirstPeerMs
	case "httpLatencyMs":
		return h.HTTPLatencyMs
	case "p2pLatencyMs":
		return h.P2PLatencyMs
	}
	return h.LiveLatencyMs
}
