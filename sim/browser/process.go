//go:build unix

package browser

import (
	"errors"
	"fmt"
	"syscall"
	"time"
)

// dying is how long killed processes have to be gone; on a busy machine that takes a while.
const dying = 10 * time.Second

// endGroup ends a process and all that it started, by the number of their group, and waits until they are gone.
func endGroup(pid int) error {
	for deadline := time.Now().Add(dying); ; time.Sleep(10 * time.Millisecond) {
		err := syscall.Kill(-pid, syscall.SIGKILL)
		switch {
		case errors.Is(err, syscall.ESRCH):
			return nil
		case err != nil:
			return fmt.Errorf("end the browser's processes: %w", err)
		case time.Now().After(deadline):
			return fmt.Errorf("the browser's processes (group %d) are still there %v after they were killed", pid, dying)
		}
	}
}
