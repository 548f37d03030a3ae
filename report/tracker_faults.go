package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"swarmlab/results"
)

// faults adds a row for each kind of mistreatment, in the order in which they were tried.
func (t *tableMaker) faults() {
	t.group("Mistreated", "What the tracker did about most attempts (error: it said so, close: the connection ended, accepted: as if nothing were wrong), "+
		"and what it cost well-behaved viewers meanwhile.")
	var names []string
	docs := map[string]string{}
	for _, target := range t.targets {
		if target.Faults == nil {
			continue
		}
		for _, c := range target.Faults.Cases {
			if !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
				docs[c.Name] = c.Doc
			}
		}
	}
	for _, name := range names {
		row := trackerRow{Label: printable(name), Note: printable(docs[name]), Main: true}
		for _, target := range t.targets {
			row.Cells = append(row.Cells, faultCell(target.Faults, name))
		}
		t.add(row)
	}
	t.finish()
}

func faultCell(f *results.TrackerFaults, name string) trackerCell {
	if f != nil {
		for _, c := range f.Cases {
			if c.Name == name {
				return trackerCell{Value: faultText(c), Bad: !c.Survived()}
			}
		}
	}
	return trackerCell{Value: "–"}
}

func faultText(f results.TrackerFault) string {
	if !f.Alive {
		return "died"
	}
	parts := []string{"lived"}
	if most := mostFrequent(f.Reactions); most != "" {
		parts[0] = printable(most)
	}
	if f.Restarted {
		parts = append(parts, "back after "+msText(f.RecoveryMs))
	} else if lost := f.Control.Lost(); lost != 0 || f.Control.Closed != 0 {
		parts = append(parts, fmt.Sprintf("others lost %s", count(int64(lost))))
		if f.Control.Closed != 0 {
			parts = append(parts, many(int64(f.Control.Closed), "connection", "connections"))
		}
	}
	return strings.Join(parts, ", ")
}

// mostFrequent is the reaction to most attempts; of equal ones the first by name.
func mostFrequent(reactions map[string]int) string {
	type reaction struct {
		name string
		n    int
	}
	var list []reaction
	for name, n := range reactions { // sorted below
		list = append(list, reaction{name, n})
	}
	if len(list) == 0 {
		return ""
	}
	return slices.MinFunc(list, func(a, b reaction) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.name, b.name)) }).name
}
