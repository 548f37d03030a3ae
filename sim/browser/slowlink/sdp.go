package slowlink

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

var errNoCandidate = errors.New("the description has no IPv4 host candidate over UDP")

// redirect replaces all candidates of a description by one, at another address, and says where the one it stands for really is.
// A loopback address is preferred: every end of a measurement has one, and it is reached without leaving the machine.
func redirect(description string, to netip.AddrPort) (_ string, from netip.AddrPort, err error) {
	var kept []string
	var chosen string
	for line := range strings.Lines(description) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "a=candidate:"):
			if a, ok := hostCandidate(line); ok && (chosen == "" || a.Addr().IsLoopback() && !from.Addr().IsLoopback()) {
				chosen, from = line, a
			}
			continue
		case strings.HasPrefix(line, "c="): // the default address is no candidate; but it need not tell where we are
			line = "c=IN IP4 0.0.0.0"
		case strings.HasPrefix(line, "m="):
			if f := strings.SplitN(line, " ", 3); len(f) == 3 {
				line = f[0] + " 9 " + f[2]
			}
		}
		kept = append(kept, line)
	}
	if chosen == "" {
		return "", from, fmt.Errorf("%w:\n%s", errNoCandidate, description)
	}
	f := strings.Fields(chosen)
	f[4], f[5] = to.Addr().String(), strconv.Itoa(int(to.Port()))
	kept = append(kept, strings.Join(f, " ")) // there is one media section, so the end is in it
	return strings.Join(kept, "\r\n") + "\r\n", from, nil
}

// hostCandidate reads the address of a host candidate over UDP and IPv4 (RFC 8839: foundation, component, transport, priority,
// address, port, "typ", type).
func hostCandidate(line string) (netip.AddrPort, bool) {
	f := strings.Fields(line)
	if len(f) < 8 || f[1] != "1" || !strings.EqualFold(f[2], "udp") || f[7] != "host" {
		return netip.AddrPort{}, false
	}
	a, err := netip.ParseAddrPort(f[4] + ":" + f[5])
	return a, err == nil && a.Addr().Is4()
}
