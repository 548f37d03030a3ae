package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// isAlone says in the environment of this command that it has its own network.
const isAlone = "SWARMLAB_CALIBRATE_ALONE"

// alone runs this command again in a network of its own, in which there is only loopback, and waits for its end. Where the system
// does not let it have one it says so, and is not done: the machine's networks must do.
func alone(ctx context.Context) (code int, done bool) {
	if os.Getenv(isAlone) != "" {
		if err := raise("lo"); err != nil {
			fmt.Fprintf(os.Stderr, "calibrate: %v\n", err)
			return 1, true
		}
		return 0, false
	}
	runtime.LockOSThread() // Pdeathsig is sent when the thread ends that started the process
	defer runtime.UnlockOSThread()
	again := exec.CommandContext(ctx, "/proc/self/exe", os.Args[1:]...)
	again.Args[0] = os.Args[0]
	again.Cancel = func() error { return again.Process.Signal(os.Interrupt) } // it ends in order then
	again.Stdin, again.Stdout, again.Stderr = os.Stdin, os.Stdout, os.Stderr
	again.Env = append(os.Environ(), isAlone+"=yes")
	again.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGINT}
	if os.Geteuid() != 0 { // whoever is root of users of its own may have a network of its own
		again.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		again.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		again.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	if err := again.Start(); err != nil {
		fmt.Fprintf(os.Stderr, "calibrate: no network of its own (%v): pages connect over all of this machine's\n", err)
		return 0, false
	}
	err := again.Wait()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return max(exit.ExitCode(), 1), true
	case err != nil:
		fmt.Fprintf(os.Stderr, "calibrate: %v\n", err)
		return 1, true
	}
	return 0, true
}

// raise brings a network interface up.
func raise(name string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("bring %s up: %w", name, err)
		}
	}()
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unix.Close(socket)) }()
	request, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, request)
}
