package virtualtime

import (
	"bytes"
	"cmp"
	"fmt"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
)

// Goroutines summarises the program's goroutines: the most frequent stacks first, at most n of them, each as one line of the
// functions it waits in. It is what a person needs to find what was left behind; the full dump of a swarm is 100,000 lines.
func Goroutines(n int) string {
	var dump bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&dump, 1); err != nil {
		return "no goroutine summary: " + err.Error()
	}
	groups := group(dump.String())
	slices.SortStableFunc(groups, func(a, b stacks) int { return cmp.Compare(b.count, a.count) })
	var b strings.Builder
	for i, g := range groups {
		if i == n {
			fmt.Fprintf(&b, "  ... and %d other stacks\n", len(groups)-n)
			break
		}
		fmt.Fprintf(&b, "%6d x %s\n", g.count, strings.Join(g.functions, " < "))
	}
	return b.String()
}

// stacks is a number of goroutines with the same stack.
type stacks struct {
	count     int
	functions []string // innermost first, without the runtime's own
}

// group reads pprof's text form: "12 @ 0x1 0x2", then "#\t0x1\tname+0x2\tfile:line" lines, then a blank one.
func group(dump string) []stacks {
	var out []stacks
	for _, block := range strings.Split(dump, "\n\n") {
		var s stacks
		for _, line := range strings.Split(block, "\n") {
			if head, _, ok := strings.Cut(line, " @ "); ok {
				s.count, _ = strconv.Atoi(head)
			} else if f := strings.Fields(line); len(f) >= 3 && f[0] == "#" && len(s.functions) < 4 {
				name, _, _ := strings.Cut(f[2], "+0x")
				if !strings.HasPrefix(name, "runtime.") && !strings.HasPrefix(name, "internal/") {
					s.functions = append(s.functions, name)
				}
			}
		}
		if s.count > 0 && len(s.functions) > 0 {
			out = append(out, s)
		}
	}
	return out
}
