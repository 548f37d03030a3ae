package process

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// behave, in the environment, turns the test's own binary into a process of known behaviour.
const behave = "PROCESS_TEST_BEHAVE"

func TestMain(m *testing.M) {
	switch os.Getenv(behave) {
	case "":
		os.Exit(m.Run())
	case "parent": // with a child that does the work
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), behave+"=work")
		child.Stdin, child.Stdout = os.Stdin, os.Stdout
		_ = child.Run()
	case "work":
		work()
	}
}

// work does on command: "spin" burns half a second of processor time, "fill" keeps 64 MB, "rest" waits a hundred times.
func work() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	var kept []byte
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); fmt.Println("done") {
		switch lines.Text() {
		case "spin":
			for self, _ := Open(os.Getpid()); ; {
				if s, err := self.Sample(); err != nil || s.CPU >= 500*time.Millisecond {
					break
				}
			}
		case "fill":
			kept = make([]byte, 64<<20)
			for i := range kept {
				kept[i] = byte(i)
			}
		case "rest":
			for range 100 {
				time.Sleep(time.Millisecond)
			}
		}
	}
	_ = l.Close()
	fmt.Println(len(kept)) // so that it is kept
}

type child struct {
	t       *testing.T
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
	address netip.AddrPort
}

func start(t *testing.T, behaviour string) *child {
	t.Helper()
	c := &child{t: t, cmd: exec.Command(os.Args[0])}
	c.cmd.Env = append(os.Environ(), behave+"="+behaviour)
	var err1, err2 error
	c.in, err1 = c.cmd.StdinPipe()
	out, err2 := c.cmd.StdoutPipe()
	if err := errors.Join(err1, err2, c.cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.in.Close(); io.Copy(io.Discard, out); c.cmd.Wait() })
	c.out = bufio.NewScanner(out)
	if !c.out.Scan() {
		t.Fatal("the child said nothing")
	}
	c.address = netip.MustParseAddrPort(c.out.Text())
	return c
}

func (c *child) do(what string) {
	c.t.Helper()
	fmt.Fprintln(c.in, what)
	if !c.out.Scan() || c.out.Text() != "done" {
		c.t.Fatalf("told to %s it said %q", what, c.out.Text())
	}
}

func sample(t *testing.T, p *Process) Sample {
	t.Helper()
	s, err := p.Sample()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A process that burns half a second, takes 64 MB and waits a hundred times is seen to do so: by itself, and as somebody's child.
func TestSample(t *testing.T) {
	for _, behaviour := range []string{"work", "parent"} {
		t.Run(behaviour, func(t *testing.T) {
			c := start(t, behaviour)
			p, err := Open(c.cmd.Process.Pid)
			if err != nil {
				t.Fatal(err)
			}
			before := sample(t, p)
			if wanted := map[string]int{"work": 1, "parent": 2}[behaviour]; before.Processes != wanted || before.Threads < wanted || before.Descriptors < 3*wanted {
				t.Errorf("%+v", before)
			}
			c.do("spin")
			spun := sample(t, p)
			if burnt := spun.CPU - before.CPU; burnt < 350*time.Millisecond || spun.CPU < 500*time.Millisecond || spun.CPU > 2*time.Second {
				t.Errorf("burnt %v, %v in all", burnt, spun.CPU)
			}
			c.do("fill")
			filled := sample(t, p)
			if grown := filled.RSSBytes - spun.RSSBytes; grown < 60<<20 || grown > 250<<20 { // the race detector keeps its own books beside them
				t.Errorf("took 64 MiB, seen %d bytes", grown)
			}
			if filled.PSSBytes != 0 && (filled.PSSBytes > filled.RSSBytes || filled.PSSBytes < 60<<20) {
				t.Errorf("PSS %d, RSS %d", filled.PSSBytes, filled.RSSBytes)
			}
			c.do("rest")
			if waits := sample(t, p).Voluntary - filled.Voluntary; waits < 50 {
				t.Errorf("waited 100 times, seen %d", waits)
			}
		})
	}
}

func TestListening(t *testing.T) {
	c := start(t, "work")
	pid, err := Listening(c.address)
	if err != nil || pid != c.cmd.Process.Pid {
		t.Errorf("%s: %d, %v; want %d", c.address, pid, err, c.cmd.Process.Pid)
	}
	p, err := Open(pid)
	if err != nil || !strings.Contains(p.Command(), "process.test") {
		t.Errorf("%v, %v", p, err)
	}
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := netip.MustParseAddrPort(nobody.Addr().String())
	if pid, err := Listening(free); pid != os.Getpid() {
		t.Errorf("%d, %v; want ourselves", pid, err)
	}
	if pid, err := Listening(netip.AddrPortFrom(netip.MustParseAddr("127.0.0.9"), free.Port())); !errors.Is(err, ErrNotFound) {
		t.Errorf("of another loopback address: %d, %v", pid, err)
	}
	nobody.Close()
	if _, err := Listening(free); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if _, err := Listening(netip.MustParseAddrPort("192.0.2.1:80")); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestListeningOnEveryAddress(t *testing.T) {
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := netip.MustParseAddrPort(l.Addr().String()).Port()
	if pid, err := Listening(netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port)); pid != os.Getpid() {
		t.Errorf("%d, %v", pid, err)
	}
}

func TestAnEndIsNoticed(t *testing.T) {
	c := start(t, "work")
	p, err := Open(c.cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	c.in.Close()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) { // it ends, and is not waited for: a zombie
		if _, err = p.Sample(); err != nil || time.Now().After(deadline) {
			break
		}
	}
	if !errors.Is(err, ErrExited) {
		t.Error(err)
	}
	if _, err := Open(c.cmd.Process.Pid); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if _, err := Open(1 << 30); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

// Another process of the same number is another process.
func TestANumberUsedAgain(t *testing.T) {
	p, err := Open(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	p.began++
	if _, err := p.Sample(); !errors.Is(err, ErrExited) {
		t.Error(err)
	}
}

func FuzzStat(f *testing.F) {
	f.Add([]byte("17 (a) b) S 4 17 17 0 -1 4194560 1 2 3 4 100 50 7 3 20 0 1 0 12345 1000 250 0"))
	f.Add([]byte("17 (node) R"))
	f.Add([]byte(")"))
	f.Fuzz(func(t *testing.T, line []byte) {
		if s, err := parseStat(line); err == nil && s.state == 0 {
			t.Errorf("%q: %+v", line, s)
		}
	})
}

func TestParseStat(t *testing.T) {
	got, err := parseStat([]byte("17 (a) b) S 4 17 17 0 -1 4194560 1 2 3 4 100 50 7 3 20 0 1 0 12345 1000 250 0\n"))
	if want := (stat{state: 'S', parent: 4, ticks: 160, began: 12345, pages: 250}); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]string{
		"0100007F:1F90":                         "127.0.0.1:8080",
		"00000000:0050":                         "0.0.0.0:80",
		"00000000000000000000000001000000:0050": "[::1]:80",
		"0000000000000000FFFF00000100007F:0050": "127.0.0.1:80",
	} {
		if got, ok := parseAddress(text); !ok || got.String() != want {
			t.Errorf("%s: %v, want %s", text, got, want)
		}
	}
	for _, text := range []string{"", "0100007F", "0100007F:", "0100007F:10000", "01:1", "zz:1"} {
		if got, ok := parseAddress(text); ok {
			t.Errorf("%q: %v", text, got)
		}
	}
}
