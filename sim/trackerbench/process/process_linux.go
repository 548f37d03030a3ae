package process

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// ticksPerSecond is USER_HZ, which is 100 on every Linux that Go runs on (man 2 times).
const ticksPerSecond = 100

// Process is a process to watch. It is known by its number and the moment it began, since numbers are used again.
type Process struct {
	pid   int
	began uint64 // ticks since the machine was started
}

// Open begins to watch a process. It is ErrNotFound if there is none of that number.
func Open(pid int) (*Process, error) {
	s, err := readStat(pid)
	if err != nil || s.state == 'Z' {
		return nil, fmt.Errorf("%w: %d", ErrNotFound, pid)
	}
	return &Process{pid, s.began}, nil
}

// PID is its number.
func (p *Process) PID() int { return p.pid }

// Command is its command line, without control characters and not longer than a line.
func (p *Process) Command() string {
	const enough = 200
	text, err := os.ReadFile(proc(p.pid, "cmdline"))
	if err != nil {
		return ""
	}
	line := strings.TrimSpace(string(bytes.ReplaceAll(text, []byte{0}, []byte{' '})))
	line = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, line)
	if runes := []rune(line); len(runes) > enough {
		line = string(runes[:enough]) + "..."
	}
	return line
}

// Sample looks at the process now. It is ErrExited if the process is gone, also if only its parent still has to take note.
func (p *Process) Sample() (Sample, error) {
	s := Sample{At: time.Now()}
	root, err := readStat(p.pid)
	if err != nil || root.began != p.began || root.state == 'Z' || root.state == 'X' {
		return s, fmt.Errorf("%w: %d", ErrExited, p.pid)
	}
	children := childrenOf()
	family := []int{p.pid}
	for at := 0; at < len(family) && at < mostProcesses; at++ {
		s.add(family[at])
		family = append(family, children[family[at]]...)
	}
	return s, nil
}

// childrenOf lists the children of all processes, by parent. /proc/PID/task/TID/children would do it for one, but many kernels
// are built without.
func childrenOf() map[int][]int {
	children := map[int][]int{}
	folders, _ := os.ReadDir("/proc") // unreadable: none known
	for _, folder := range folders {
		if pid, err := strconv.Atoi(folder.Name()); err == nil {
			if s, err := readStat(pid); err == nil && s.parent != pid {
				children[s.parent] = append(children[s.parent], pid)
			}
		}
	}
	return children
}

const (
	mostProcesses = 1000
	mostThreads   = 10_000 // of one process
)

// add counts one process. One that ends meanwhile is counted as far as it was there.
func (s *Sample) add(pid int) {
	stat, err := readStat(pid)
	if err != nil {
		return
	}
	s.Processes++
	s.CPU += time.Duration(stat.ticks) * (time.Second / ticksPerSecond)
	s.RSSBytes += stat.pages * int64(os.Getpagesize())
	s.PSSBytes += 1024 * field(proc(pid, "smaps_rollup"), "Pss:")
	s.Descriptors += countEntries(proc(pid, "fd"))
	threads, err := os.ReadDir(proc(pid, "task"))
	if err != nil {
		return
	}
	for i, thread := range threads {
		s.Threads++
		if i >= mostThreads {
			continue
		}
		folder := filepath.Join(proc(pid, "task"), thread.Name())
		s.Voluntary += field(filepath.Join(folder, "status"), "voluntary_ctxt_switches:")
		s.Involuntary += field(filepath.Join(folder, "status"), "nonvoluntary_ctxt_switches:")
	}
}

// stat is what we need of /proc/PID/stat (man 5 proc).
type stat struct {
	state  byte
	parent int
	ticks  uint64 // of itself and of its children that have ended
	began  uint64
	pages  int64 // resident
}

var errStat = errors.New("not a line of /proc/PID/stat")

func readStat(pid int) (stat, error) {
	text, err := os.ReadFile(proc(pid, "stat"))
	if err != nil {
		return stat{}, err
	}
	return parseStat(text)
}

// parseStat begins behind the command's name, which may hold blanks and brackets itself.
func parseStat(text []byte) (s stat, err error) {
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	const state, parent, userTime, childrensSystemTime, startTime, rss = 0, 1, 11, 14, 19, 21 // man 5 proc counts from 1, with two before ours
	if len(fields) <= rss || len(fields[state]) != 1 {
		return s, errStat
	}
	s.state = fields[state][0]
	for _, word := range fields[userTime : childrensSystemTime+1] {
		n, err := strconv.ParseUint(word, 10, 63)
		if err != nil {
			return s, errStat
		}
		s.ticks += n
	}
	var err1, err2, err3 error
	s.parent, err3 = strconv.Atoi(fields[parent])
	s.began, err1 = strconv.ParseUint(fields[startTime], 10, 64)
	s.pages, err2 = strconv.ParseInt(fields[rss], 10, 64)
	if err1 != nil || err2 != nil || err3 != nil {
		return s, errStat
	}
	return s, nil
}

// field is the number behind a word at the beginning of a line, 0 if there is none.
func field(path, word string) int64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, word); found {
			words := strings.Fields(rest)
			if len(words) == 0 {
				return 0
			}
			n, _ := strconv.ParseInt(words[0], 10, 64)
			return n
		}
	}
	return 0
}

func countEntries(folder string) int {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return 0 // somebody else's
	}
	return len(entries)
}

func proc(pid int, file string) string { return filepath.Join("/proc", strconv.Itoa(pid), file) }
