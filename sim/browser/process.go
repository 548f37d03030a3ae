//go:build unix

package browser

import (
	"errors"
	"fmt"
	"syscall"
)

// endGroup ends a process and all that it started, by the number of their group.
func endGroup(pid int) error {
	if err := syscall.Kill(-pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("end the browser's processes: %w", err)
	}
	return nil
}
