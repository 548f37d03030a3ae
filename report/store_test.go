package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"image/png"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"swarmlab/results"
)

// A run of 500 viewers and an hour, with all that is drawn of it, takes less than 20 MB of disk.
func TestAnHourOf500ViewersOnDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("an hour of 500 viewers")
	}
	dir := t.TempDir()
	if err := WriteAll(dir, synthetic(world{
		name: "hour", viewers: 500, live: true, seconds: 3600, segment: 6, share: true, stalls: true, arrivals: 10 * time.Minute,
	})); err != nil {
		t.Fatal(err)
	}
	var all int64
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		t.Logf("%8d %s", info.Size(), strings.TrimPrefix(path, dir))
		all += info.Size()
		return nil
	})
	if err != nil || all > 20e6 {
		t.Errorf("%d bytes, %v", all, err)
	}
}

const killedDir = "SWARMLAB_TEST_WRITE_ALL_TO"

// TestAKillLeavesWholeFiles kills a process that writes a run's folder and a baseline again and again. Whatever is there afterwards is
// whole.
func TestAKillLeavesWholeFiles(t *testing.T) {
	if dir := os.Getenv(killedDir); dir != "" {
		r := small()
		e, err := results.NewEvidence("x", []*results.Result{r})
		if err != nil {
			t.Fatal(err)
		}
		for {
			if err := errors.Join(WriteAll(dir, r), results.WriteBaseline(filepath.Join(dir, "baseline.json"), results.NewBaseline(e))); err != nil {
				t.Fatal(err)
			}
		}
	}
	if testing.Short() {
		t.Skip("many processes")
	}
	dir := t.TempDir()
	whole := map[string]int{}
	for i := range 40 {
		child := exec.Command(os.Args[0], "-test.run=^TestAKillLeavesWholeFiles$") // this very program
		child.Env = append(os.Environ(), killedDir+"="+dir)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(60+13*i) * time.Millisecond)
		_ = child.Process.Kill()
		_ = child.Wait()
		wholeFiles(t, dir, whole)
		if i%4 == 3 { // so that first files are interrupted too, and not only their successors
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(dir, 0o750); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("whole files seen: %v", whole)
	for _, kind := range []string{".json", ".csv", ".html", ".svg", ".png", ".md"} {
		if whole[kind] == 0 {
			t.Errorf("no child lived long enough to write a %s", kind)
		}
	}
}

// wholeFiles looks at every file that a reader would look at.
func wholeFiles(t *testing.T, dir string, whole map[string]int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var ok bool
		switch ext := filepath.Ext(path); ext {
		case ".json":
			_, err := results.ReadEvidence(path)
			ok = err == nil
		case ".csv":
			_, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
			ok = err == nil && bytes.HasSuffix(data, []byte("\n")) && len(data) > 100
		case ".png":
			_, err := png.Decode(bytes.NewReader(data))
			ok = err == nil
		default:
			end := map[string]string{".html": "</html>", ".svg": "</svg>", ".md": "--seed 1"}[ext]
			ok = end != "" && bytes.HasSuffix(bytes.TrimSpace(data), []byte(end))
		}
		if !ok {
			t.Fatalf("%s is not whole: %d bytes", path, len(data))
		}
		whole[filepath.Ext(path)]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
