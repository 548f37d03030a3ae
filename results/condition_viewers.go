package results

import "time"

// figureOfViewers is a metric of one viewer, and of some viewers together.
type figureOfViewers struct {
	metric string
	// each is nil for metrics that one viewer alone has not; false: this viewer has no value.
	each func(p *PeerRow) (float64, bool)
	// all is nil where it is the sum of each.
	all func(rows []*PeerRow) float64
}

func ofInt(f func(p *PeerRow) int64) func(*PeerRow) (float64, bool) {
	return func(p *PeerRow) (float64, bool) { return float64(f(p)), true }
}

func ofFloat(f func(p *PeerRow) float64) func(*PeerRow) (float64, bool) {
	return func(p *PeerRow) (float64, bool) { return f(p), true }
}

func ofYes(f func(p *PeerRow) bool) func(*PeerRow) (float64, bool) {
	return func(p *PeerRow) (float64, bool) { return float64(one(f(p))), true }
}

// figuresOfViewers are the summary's metrics that make sense of a part of the viewers: what the origin, the tracker or the whole
// stream has is nobody's. Connections are not here either: with one end in the group and the other outside they are half somebody's.
var figuresOfViewers = []figureOfViewers{
	{"peers", ofYes(func(*PeerRow) bool { return true }), nil},
	{"viewersWatchedAll", ofYes(func(p *PeerRow) bool { return p.WatchedAll }), nil},
	{"neverStarted", ofYes(func(p *PeerRow) bool { return p.StartupMs == nil }), nil},
	{"fullyDelivered", ofYes(func(p *PeerRow) bool { return p.FullyDelivered }), nil},
	{"p2pRatio", func(p *PeerRow) (float64, bool) { return p.P2PRatio, p.P2PBytes+p.HTTPBytes > 0 }, func(rows []*PeerRow) float64 {
		return round6(share(sumOf(rows, func(p *PeerRow) int64 { return p.P2PBytes }), sumOf(rows, func(p *PeerRow) int64 { return p.HTTPBytes })))
	}},
	{"p2pRatioChunks", func(p *PeerRow) (float64, bool) {
		return share(p.P2PChunkBytes, p.HTTPChunkBytes), p.P2PChunkBytes+p.HTTPChunkBytes > 0
	}, func(rows []*PeerRow) float64 {
		return round6(share(sumOf(rows, func(p *PeerRow) int64 { return p.P2PChunkBytes }), sumOf(rows, func(p *PeerRow) int64 { return p.HTTPChunkBytes })))
	}},
	{"p2pBytes", ofInt(func(p *PeerRow) int64 { return p.P2PBytes }), nil},
	{"httpBytes", ofInt(func(p *PeerRow) int64 { return p.HTTPBytes }), nil},
	{"p2pChunkBytes", ofInt(func(p *PeerRow) int64 { return p.P2PChunkBytes }), nil},
	{"httpChunkBytes", ofInt(func(p *PeerRow) int64 { return p.HTTPChunkBytes }), nil},
	{"uploadedBytes", ofInt(func(p *PeerRow) int64 { return p.UploadedBytes }), nil},
	{"wastedBytes", ofInt(func(p *PeerRow) int64 { return p.WastedBytes }), nil},
	{"segmentsLoaded", ofInt(func(p *PeerRow) int64 { return p.SegmentsLoaded }), nil},
	{"segmentsPlayed", ofInt(func(p *PeerRow) int64 { return p.SegmentsPlayed }), nil},
	{"corruptSegments", ofInt(func(p *PeerRow) int64 { return p.CorruptSegments }), nil},
	{"errors", ofInt(func(p *PeerRow) int64 { return p.Errors }), nil},
	{"stalls", ofInt(func(p *PeerRow) int64 { return p.Stalls }), nil},
	{"stalledViewers", ofYes(func(p *PeerRow) bool { return p.Stalls > 0 }), nil},
	{"stalledSeconds", ofFloat(func(p *PeerRow) float64 { return p.StalledSeconds }), nil},
	{"watchedSeconds", ofFloat(func(p *PeerRow) float64 { return p.WatchedSeconds }), nil},
	{"stallRatio", ofFloat(func(p *PeerRow) float64 { return p.StallRatio }), func(rows []*PeerRow) float64 {
		var stalled, watched time.Duration
		for _, p := range rows {
			stalled += seconds(p.StalledSeconds)
			watched += seconds(p.WatchedSeconds)
		}
		return round6(stallRatio(stalled, watched))
	}},
	{"levelSwitches", ofInt(func(p *PeerRow) int64 { return p.LevelSwitches }), nil},
	{"uploadGini", nil, func(rows []*PeerRow) float64 {
		var uploads []float64
		for _, p := range rows {
			if p.Uploads {
				uploads = append(uploads, float64(p.UploadedBytes))
			}
		}
		return round6(Gini(uploads))
	}},
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func sumOf(rows []*PeerRow, f func(*PeerRow) int64) (sum int64) {
	for _, p := range rows {
		sum += f(p)
	}
	return sum
}

// rows are the viewers with the condition's labels.
func (c Condition) rows(r *Result) []*PeerRow {
	var out []*PeerRow
	for i := range r.Peers {
		if p := &r.Peers[i]; c.has(p.Group, p.Link, p.NAT, p.Region) {
			out = append(out, p)
		}
	}
	return out
}

// ofViewers is a figure of some viewers together, or a function over them one by one.
func (c Condition) ofViewers(r *Result) (float64, error) {
	for _, f := range figuresOfViewers {
		if f.metric != c.Metric {
			continue
		}
		if c.Func != "" && f.each == nil {
			return 0, c.fail("one viewer alone has no %s", c.Metric)
		}
		rows := c.rows(r)
		if len(rows) == 0 {
			return 0, c.missing("no viewer has these labels")
		}
		if c.Func == "" && f.all != nil {
			return f.all(rows), nil
		}
		var values []float64
		for _, p := range rows {
			if x, ok := f.each(p); ok {
				values = append(values, x)
			}
		}
		if c.Func == "" {
			c.Func = "sum"
		}
		return c.figure(values)
	}
	return 0, c.fail("%s is of the whole swarm; no viewer or group of viewers has a part in it", c.Metric)
}
