package results

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWriteThenReadIsTheSame(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	want := must(Summarise(twoViewers()))
	if err := Write(dir, want); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, filepath.Join(dir, ResultFile)} {
		got, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		// Indentation of the scenario is the file's business.
		got.Scenario = []byte(strings.Join(strings.Fields(string(got.Scenario)), ""))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("read %s (-want +got):\n%s", path, diff)
		}
	}
}

func TestWritingTwiceGivesTheSameBytes(t *testing.T) {
	var files [2][]byte
	for i := range files {
		dir := t.TempDir()
		if err := Write(dir, must(Summarise(twoViewers()))); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, ResultFile))
		if err != nil {
			t.Fatal(err)
		}
		files[i] = data
	}
	if string(files[0]) != string(files[1]) {
		t.Error("the same run was written differently")
	}
	if lines := strings.Count(string(files[0]), "\n"); lines > 200 {
		t.Errorf("%d lines for two viewers", lines)
	}
}

func TestAFailingWriterLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.csv")
	broken := errors.New("the disk is full")
	half := func(w io.Writer) error {
		_, _ = w.Write(make([]byte, 1<<17)) // more than the buffer, so that some of it has reached the disk
		return broken
	}
	if err := WriteFile(path, half); !errors.Is(err, broken) || !strings.Contains(err.Error(), path) {
		t.Errorf("error = %v, want one that names the file", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	// What was there before stays.
	if err := WriteFile(path, func(w io.Writer) error { _, err := io.WriteString(w, "old"); return err }); err != nil {
		t.Fatal(err)
	}
	_ = WriteFile(path, half)
	if data, _ := os.ReadFile(path); string(data) != "old" {
		t.Errorf("the old file became %d bytes", len(data))
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

func TestFilesCanBeReadByOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := WriteFile(path, func(io.Writer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestReadSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		what, content string
		schema        bool
		says          string
	}{
		{"a newer version", `{"schema":"swarmlab/result/v9"}`, true, "another version"},
		{"another file of ours", `{"schema":"swarmlab/repeats/v1"}`, true, `expected "swarmlab/result/v1"`},
		{"somebody else's JSON", `{"a":1}`, true, "not of swarmlab"},
		{"not JSON", `peers,ratio`, false, "not a result"},
		{"a wrong type", `{"schema":"swarmlab/result/v1","summary":{"p2pRatio":"half"}}`, false, "p2pRatio"},
		{"half a file", `{"schema":"swarmlab/result/v1","summ`, false, "not a result"},
	} {
		path := filepath.Join(dir, "r.json")
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Read(path)
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want the path and %q", c.what, err, c.says)
		}
		if errors.Is(err, ErrSchema) != c.schema {
			t.Errorf("%s: ErrSchema is %v", c.what, !c.schema)
		}
	}
	if _, err := Read(filepath.Join(dir, "nowhere")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nowhere: %v", err)
	}
}

// An hour of 500 viewers is what the store promises to keep small.
func TestAnHourOf500ViewersIsSmall(t *testing.T) {
	in := Input{End: time.Hour, Sampler: &Sampler{}}
	for i := range 500 {
		v := NewViewer(ViewerInfo{Name: "viewer-with-a-long-name", Group: "group", Link: "cable", NAT: "port-restricted", Region: "europe"})
		for j := range 600 {
			v.SegmentLoaded(Load{Segment: SegmentID{"v0", int64(j)}, Latency: time.Duration(i*j) * time.Millisecond, HTTPBytes: 123456})
			v.LiveLatency(time.Duration(i+j) * 17 * time.Millisecond)
		}
		in.Viewers = append(in.Viewers, v)
	}
	for s := range 3600 {
		tick := in.Sampler.Tick(time.Duration(s)*time.Second, World{OriginBytes: int64(s) * 987654321, TrackerAnnounces: int64(s) * 17})
		for _, v := range in.Viewers {
			tick.Add(v.Totals(), Gauge{})
		}
		tick.Done()
	}
	dir := t.TempDir()
	if err := Write(dir, must(Summarise(in))); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, ResultFile))
	if err != nil || info.Size() > 5<<20 {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
}

const childDir = "SWARMLAB_TEST_WRITE_TO"

// TestKilledInTheMiddle kills a process that writes a result again and again. Whenever that happens, the result must be whole.
func TestKilledInTheMiddle(t *testing.T) {
	if dir := os.Getenv(childDir); dir != "" {
		r := must(Summarise(twoViewers()))
		r.Timeline = make([]Sample, 5000) // long enough to be killed in
		for n := 0; ; n++ {
			if err := Write(dir, r); err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				fmt.Println("written once")
			}
		}
	}
	dir := t.TempDir()
	for i := range 20 {
		child := exec.Command(os.Args[0], "-test.run=^TestKilledInTheMiddle$") // this very program
		child.Env = append(os.Environ(), childDir+"="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 1)); err != nil { // however slow the machine is, it writes now
			t.Fatal(err)
		}
		time.Sleep(time.Duration(7*i) * time.Millisecond)
		_ = child.Process.Kill()
		_ = child.Wait()
		r, err := Read(dir)
		switch {
		case err != nil:
			t.Fatalf("kill %d left half a file, or none: %v", i, err)
		case len(r.Timeline) != 5000:
			t.Fatalf("kill %d left %d samples", i, len(r.Timeline))
		}
	}
}
