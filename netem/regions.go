package netem

import (
	"fmt"
	"time"
)

// Regions is the core network: round-trip times between places, data centre to data centre; a host's access delay comes on
// top. Names and the rows of RTT are in the same order.
type Regions struct {
	Names []string
	RTT   [][]time.Duration
}

// regionNames maps the built-in names to their row in regionRTTms.
var regionNames = newRegistry[int]("region")

// regionRTTms was derived from cloudping.co's AWS matrix, IBM Cloud's 30-day average of September 2024 and AWS 2017
// measurements; the diagonals of sa, af and as are partly assumed. "as" blends Singapore, Hong Kong and Tokyo (+-40 ms).
// The public Internet is 5 to 35 % slower than these cloud backbones: see [Config].CoreScale.
var regionRTTms = [][]int{
	//        eu   use  usw  sa   af   as   oc   lab
	/* eu  */ {22, 85, 148, 193, 155, 215, 265, 22},
	/* use */ {85, 22, 72, 119, 227, 190, 215, 85},
	/* usw */ {148, 72, 20, 187, 282, 140, 158, 148},
	/* sa  */ {193, 119, 187, 40, 337, 300, 325, 193},
	/* af  */ {155, 227, 282, 337, 60, 225, 295, 155},
	/* as  */ {215, 190, 140, 300, 225, 55, 130, 215},
	/* oc  */ {265, 215, 158, 325, 295, 130, 22, 265},
	/* lab */ {22, 85, 148, 193, 155, 215, 265, 1},
}

func init() {
	for i, name := range []string{"eu", "use", "usw", "sa", "af", "as", "oc", "lab"} {
		regionNames.register(name, i)
	}
}

// RegionNames lists the built-in regions: Europe, the two coasts of the United States, South America, Africa, Asia, Oceania, and a
// laboratory in Europe whose hosts stand in one room: what is measured on one machine is to be simulated there.
func RegionNames() []string { return regionNames.list() }

// DefaultRegions is the built-in map.
func DefaultRegions() Regions {
	r := Regions{Names: RegionNames()}
	for _, row := range regionRTTms {
		var rtts []time.Duration
		for _, ms := range row {
			rtts = append(rtts, time.Duration(ms)*time.Millisecond)
		}
		r.RTT = append(r.RTT, rtts)
	}
	return r
}

// Validate checks that the matrix is square, fits the names, and has no negative entry. It may be asymmetric.
func (r Regions) Validate() error {
	if len(r.RTT) != len(r.Names) {
		return fmt.Errorf("regions: %d names but %d rows of round-trip times", len(r.Names), len(r.RTT))
	}
	seen := make(map[string]bool, len(r.Names))
	for i, row := range r.RTT {
		name := r.Names[i]
		if name == "" || seen[name] {
			return fmt.Errorf("regions: name %q is empty or used twice", name)
		}
		seen[name] = true
		if len(row) != len(r.Names) {
			return fmt.Errorf("regions: the row of %s has %d entries, want %d", name, len(row), len(r.Names))
		}
		for j, rtt := range row {
			if rtt < 0 || rtt > 2*maxDelay {
				return fmt.Errorf("regions: %s to %s is %v, want 0 to %v", name, r.Names[j], rtt, 2*maxDelay)
			}
		}
	}
	return nil
}
