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
	b, err := Launch(context.Background(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	pid, profile := b.process.Process.Pid, b.profile
	if err := syscall.Kill(-pid, 0); err != nil {
		t.Errorf("Chromium has no group of processes of its own: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := syscall.Kill(-pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("a process of Chromium is left: %v", err)
	}
	if _, err := os.Stat(profile); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the profile is left: %v", err)
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
