package results

import (
	"reflect"
	"slices"
	"strings"
)

// Direction says which way a metric gets better.
type Direction string

// The directions.
const (
	Up      Direction = "up"
	Down    Direction = "down"
	Neutral Direction = "neutral" // neither is better by itself
)

// Metric describes one key of the summary. METRICS.md has the definitions in full.
type Metric struct {
	Name      string // the JSON key
	Unit      string // "ratio", "bytes", "ms", "s", "copies", "count", "viewers", ...
	Direction Direction
	Title     string // for people, without the unit
}

// metrics is in the order of the summary's fields; a test holds the two together.
var metrics = []Metric{
	{"peers", "viewers", Neutral, "Viewers"},
	{"viewersWatchedAll", "viewers", Up, "Watched it all"},
	{"neverStarted", "viewers", Down, "Never saw a picture"},
	{"fullyDelivered", "viewers", Up, "Fully delivered"},
	{"p2pRatio", "ratio", Up, "P2P ratio"},
	{"p2pRatioBound", "ratio", Neutral, "P2P ratio, bound (N-1)/N"},
	{"p2pRatioAttainable", "ratio", Neutral, "P2P ratio, attainable"},
	{"p2pRatioChunks", "ratio", Up, "P2P ratio, by chunks"},
	{"copiesPerSegment", "copies", Down, "Copies per segment"},
	{"offload", "ratio", Up, "Offload"},
	{"p2pBytes", "bytes", Neutral, "P2P"},
	{"httpBytes", "bytes", Neutral, "HTTP"},
	{"p2pChunkBytes", "bytes", Neutral, "P2P, by chunks"},
	{"httpChunkBytes", "bytes", Neutral, "HTTP, by chunks"},
	{"httpCachedBytes", "bytes", Neutral, "HTTP, kept by the browser"},
	{"uploadedBytes", "bytes", Neutral, "Uploaded"},
	{"wastedBytes", "bytes", Down, "Wasted"},
	{"wastedByCause", "bytes", Down, "Wasted, by cause"},
	{"unfinishedBytes", "bytes", Neutral, "Unfinished at the end"},
	{"inFlightBytes", "bytes", Neutral, "In flight at the end"},
	{"originBytes", "bytes", Down, "Origin"},
	{"originRequests", "count", Down, "Origin requests"},
	{"originErrors", "count", Down, "Origin errors"},
	{"originPlaylistBytes", "bytes", Neutral, "Origin, playlists"},
	{"originPlaylists", "count", Neutral, "Origin playlist requests"},
	{"distinctSegments", "count", Neutral, "Distinct segments played"},
	{"distinctSegmentBytes", "bytes", Neutral, "Distinct segments played"},
	{"distinctLoadedBytes", "bytes", Neutral, "Distinct segments loaded"},
	{"segmentsLoaded", "count", Neutral, "Segments loaded"},
	{"segmentsPlayed", "count", Neutral, "Segments played"},
	{"corruptSegments", "count", Down, "Corrupt segments"},
	{"requests", "count", Neutral, "Requests by outcome"},
	{"httpReasons", "count, bytes", Neutral, "Why HTTP"},
	{"errors", "count", Down, "Errors"},
	{"startupMs", "ms", Down, "Startup"},
	{"timeToFirstPeerMs", "ms", Down, "Time to first peer"},
	{"httpLatencyMs", "ms", Down, "HTTP segment latency"},
	{"p2pLatencyMs", "ms", Down, "P2P segment latency"},
	{"liveLatencyMs", "ms", Down, "Live latency"},
	{"stalls", "count", Down, "Stalls"},
	{"stalledViewers", "viewers", Down, "Viewers who stalled"},
	{"stalledSeconds", "s", Down, "Time stalled"},
	{"watchedSeconds", "s", Neutral, "Time watched"},
	{"stallRatio", "ratio", Down, "Stall ratio"},
	{"levelSwitches", "count", Down, "Quality switches"},
	{"connections", "count", Neutral, "Connections"},
	{"degree", "connections", Neutral, "Degree"},
	{"uploadGini", "ratio", Down, "Upload Gini"},
	{"trackerAnnounces", "count", Neutral, "Tracker announces"},
	{"trackerOffers", "count", Neutral, "Tracker offers"},
	{"trackerAnswers", "count", Neutral, "Tracker answers"},
	{"trackerErrors", "count", Down, "Tracker errors"},
}

// Metrics lists the metrics of a summary, in its order.
func Metrics() []Metric { return slices.Clone(metrics) }

// Describe finds the metric of a value's name: of "startupMs.p95" it is startupMs.
func Describe(name string) (Metric, bool) {
	key, _, _ := strings.Cut(name, ".")
	i := slices.IndexFunc(metrics, func(m Metric) bool { return m.Name == key })
	if i < 0 {
		return Metric{}, false
	}
	return metrics[i], true
}

// Value is one number of a summary under a flat name: "p2pRatio", "startupMs.p95", "httpReasons.highDemand.bytes".
type Value struct {
	Name  string
	Value float64
}

// Values flattens a summary: its numbers in the order of its fields, named maps by name. What was not measured, and the
// figures of an empty distribution, are left out: they are not zero.
func (s Summary) Values() []Value {
	var out []Value
	appendValues(&out, "", reflect.ValueOf(s))
	return out
}

func appendValues(out *[]Value, name string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			appendValues(out, name, v.Elem())
		}
	case reflect.Struct:
		if d, ok := v.Interface().(Dist); ok && d.Count == 0 {
			*out = append(*out, Value{name + ".count", 0})
			return
		}
		for i := range v.NumField() {
			key, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			appendValues(out, join(name, key), v.Field(i))
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			appendValues(out, join(name, k.String()), v.MapIndex(k))
		}
	case reflect.Int, reflect.Int64:
		*out = append(*out, Value{name, float64(v.Int())})
	case reflect.Float64:
		*out = append(*out, Value{name, v.Float()})
	default:
		panic("results: a summary holds a " + v.Kind().String() + " at " + name) // a programmer's mistake, found by the tests
	}
}

func join(name, key string) string {
	if name == "" {
		return key
	}
	return name + "." + key
}
