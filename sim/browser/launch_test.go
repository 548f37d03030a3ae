package browser

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
)

// TestNothingIsLeftOfABrowser: Close ends every process of Chromium and removes its profile.
func TestNothingIsLeftOfABrowser(t *testing.T) {
	needBrowser(t)
	for how, killed := range map[string]bool{"closed": false, "killed": true} {
		t.Run(how, func(t *testing.T) { testNothingIsLeft(t, killed) })
	}
}

func testNothingIsLeft(t *testing.T, killed bool) {
	// Not the test's own directory, whose name is long, and a socket's must be short.
	temporary, err := os.MkdirTemp("", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", temporary)
	b, err := Launch(context.Background(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	pid := b.process.Process.Pid
	if err := syscall.Kill(-pid, 0); err != nil {
		t.Errorf("Chromium has no group of processes of its own: %v", err)
	}
	if killed {
		_ = syscall.Kill(-pid, syscall.SIGKILL)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := syscall.Kill(-pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("a process of Chromium is left: %v", err)
	}
	if err := os.Remove(temporary); err != nil {
		t.Errorf("its profile is left, or something else: %v", err)
	}
}

// TestABrowserThatDoesNotStart leaves nothing either, and says which it was.
func TestABrowserThatDoesNotStart(t *testing.T) {
	if b, err := Launch(context.Background(), Options{Executable: "/bin/false"}); err == nil {
		t.Errorf("launched %v", errors.Join(b.Close()))
	}
	t.Setenv("SWARMLAB_CHROMIUM", "/nowhere/chromium")
	if b, err := Launch(context.Background(), Options{}); err == nil {
		t.Errorf("launched %v", errors.Join(b.Close()))
	}
	t.Setenv("SWARMLAB_CHROMIUM", "")
	t.Setenv("PATH", "/nowhere")
	if _, err := Launch(context.Background(), Options{}); !errors.Is(err, ErrNoBrowser) {
		t.Errorf("without Chromium: %v", err)
	}
}
