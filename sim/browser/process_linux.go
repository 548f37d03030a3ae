package browser

import (
	"os/exec"
	"syscall"
)

// ownGroup puts the process to come into a group of its own, which dies with us even if we are killed.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
