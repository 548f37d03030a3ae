package process

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Listening finds the process that listens at an address of this machine. Of several that share the socket it is the one whose
// parent is not among them. It is ErrNotFound if the address is another machine's, nobody listens, or it may not be looked into.
func Listening(at netip.AddrPort) (pid int, err error) {
	if !isLocal(at.Addr()) {
		return 0, fmt.Errorf("%w: %s is not this machine", ErrNotFound, at.Addr())
	}
	sockets := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		if err := listeners(table, at, sockets); err != nil {
			return 0, err
		}
	}
	if len(sockets) == 0 {
		return 0, fmt.Errorf("%w: nobody listens at %s", ErrNotFound, at)
	}
	holders := holdersOf(sockets)
	for _, pid := range holders {
		if parent := field(proc(pid, "status"), "PPid:"); !slices.Contains(holders, int(parent)) {
			return pid, nil
		}
	}
	return 0, fmt.Errorf("%w: whoever listens at %s is another user's; give its number with --pid, or run as root", ErrNotFound, at)
}

func isLocal(ip netip.Addr) bool {
	ip = ip.Unmap()
	if ip.IsLoopback() {
		return true
	}
	addresses, _ := net.InterfaceAddrs() // none known: none ours
	return slices.ContainsFunc(addresses, func(a net.Addr) bool {
		n, ok := a.(*net.IPNet)
		own, valid := netip.AddrFromSlice(n.IP)
		return ok && valid && own.Unmap() == ip
	})
}

// listeners adds the inodes of the sockets in a table of /proc/net that would take a connection to the address.
func listeners(table string, at netip.AddrPort, sockets map[string]bool) error {
	file, err := os.Open(table)
	if os.IsNotExist(err) {
		return nil // no IPv6
	}
	if err != nil {
		return fmt.Errorf("find who listens: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		const local, state, inode, listening = 1, 3, 9, "0A"
		fields := strings.Fields(lines.Text())
		if len(fields) <= inode || fields[state] != listening {
			continue
		}
		bound, ok := parseAddress(fields[local])
		if ok && bound.Port() == at.Port() && (bound.Addr().IsUnspecified() || bound.Addr() == at.Addr().Unmap()) {
			sockets["socket:["+fields[inode]+"]"] = true
		}
	}
	return lines.Err()
}

// parseAddress reads /proc/net's form: words of four bytes in the machine's order, in hexadecimal, a colon and the port.
func parseAddress(text string) (netip.AddrPort, bool) {
	host, port, found := strings.Cut(text, ":")
	raw, err1 := hex.DecodeString(host)
	number, err2 := strconv.ParseUint(port, 16, 16)
	if !found || err1 != nil || err2 != nil || len(raw) != 4 && len(raw) != 16 {
		return netip.AddrPort{}, false
	}
	for word := 0; word < len(raw); word += 4 {
		slices.Reverse(raw[word : word+4]) // little-endian, as all machines are that trackers run on
	}
	ip, _ := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(ip.Unmap(), uint16(number)), true // 16 bits were parsed
}

// holdersOf are the processes that have one of these sockets open, the lowest number first.
func holdersOf(sockets map[string]bool) (pids []int) {
	folders, _ := os.ReadDir("/proc") // unreadable: nobody found
	for _, folder := range folders {
		pid, err := strconv.Atoi(folder.Name())
		if err != nil {
			continue
		}
		open, err := os.ReadDir(proc(pid, "fd"))
		if err != nil {
			continue // another user's, or gone
		}
		for _, descriptor := range open {
			if target, err := os.Readlink(filepath.Join(proc(pid, "fd"), descriptor.Name())); err == nil && sockets[target] {
				pids = append(pids, pid)
				break
			}
		}
	}
	slices.Sort(pids)
	return pids
}
