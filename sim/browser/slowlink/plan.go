package slowlink

import (
	"context"
	"fmt"
)

// Row is one line of the tables: something that is measured for each loss and seed.
type Row struct {
	Name     string
	RealTime bool
	Browser  bool // needs one
	Measure  func(ctx context.Context, t Trial) (Run, error)
}

// Rows are all that can be measured, in the tables' order. The browser may be nil if no row that needs it is run.
func Rows(browser *Chromium) []Row {
	var rows []Row
	relay := func(where string, pairs ...Pair) {
		name, needed := "", false
		for i, p := range pairs {
			if i > 0 {
				name += " + "
			}
			name += p.String()
			needed = needed || p.From == DcSCTP || p.To == DcSCTP
		}
		rows = append(rows, Row{Name: name + where, RealTime: true, Browser: needed,
			Measure: func(ctx context.Context, t Trial) (Run, error) {
				return RealTime(ctx, browser, pairs, t)
			}})
	}
	virtual := func(name string, media ...Medium) {
		rows = append(rows, Row{Name: name,
			Measure: func(ctx context.Context, t Trial) (Run, error) {
				return Virtual(ctx, media, t)
			}})
	}
	chromium, pion := Pair{DcSCTP, DcSCTP}, Pair{Pion, Pion}
	relay(", relay", chromium)
	relay(", relay", Pair{DcSCTP, Pion})
	relay(", relay", Pair{Pion, DcSCTP})
	relay(", relay", pion)
	virtual("Pion → Pion, netem, virtual time", DataChannel)
	rows = append(rows, Row{Name: "Pion → Pion, plain vnet, virtual time", Measure: PlainVNet})
	virtual("stream (quic-go), netem, virtual time", Stream)

	relay(", relay", chromium, pion)
	relay(", relay", chromium, chromium)
	virtual("Pion + Pion, netem, virtual time", DataChannel, DataChannel)
	virtual("Pion + stream, netem, virtual time", DataChannel, Stream)
	return rows
}

// One measures a row once.
func (r Row) One(ctx context.Context, t Trial) (Run, error) {
	run, err := r.Measure(ctx, t)
	run.Row = r.Name
	if err != nil {
		return run, fmt.Errorf("%s, %v, seed %d: %w", r.Name, t.Link, t.Seed, err)
	}
	return run, nil
}
