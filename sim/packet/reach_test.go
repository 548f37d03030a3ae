package packet

import (
	"errors"
	"net/netip"
	"testing"
)

func TestReach(t *testing.T) {
	loopback, private, public := Reach{Loopback: true}, Reach{}, Reach{Public: true}
	for _, c := range []struct {
		address    string
		allowed    []Reach
		disallowed []Reach
	}{
		{"127.0.0.1", []Reach{loopback, private, public}, nil},
		{"::1", []Reach{loopback, private, public}, nil},
		{"::ffff:127.0.0.1", []Reach{loopback, private, public}, nil},
		{"10.1.2.3", []Reach{private, public}, []Reach{loopback}},
		{"172.31.0.1", []Reach{private, public}, []Reach{loopback}},
		{"192.168.1.1", []Reach{private, public}, []Reach{loopback}},
		{"100.64.0.1", []Reach{private, public}, []Reach{loopback}},
		{"169.254.1.1", []Reach{private, public}, []Reach{loopback}},
		{"fd00::1", []Reach{private, public}, []Reach{loopback}},
		{"203.0.113.9", []Reach{public}, []Reach{loopback, private}},
		{"172.32.0.1", []Reach{public}, []Reach{loopback, private}},
		{"::ffff:203.0.113.9", []Reach{public}, []Reach{loopback, private}},
		{"2001:db8::1", []Reach{public}, []Reach{loopback, private}},
	} {
		for _, r := range c.allowed {
			if err := r.allow(netip.MustParseAddr(c.address)); err != nil {
				t.Errorf("%+v: %v", r, err)
			}
		}
		for _, r := range c.disallowed {
			if err := r.allow(netip.MustParseAddr(c.address)); !errors.Is(err, ErrOutOfReach) {
				t.Errorf("%+v lets %s pass", r, c.address)
			}
		}
	}
}
