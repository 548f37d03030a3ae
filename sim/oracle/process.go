package oracle

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"swarmlab/sim/p2pml"
	"swarmlab/sim/player"
)

// Process is a Node process in which the released cores of one run live. It works for one caller at a time and starts no
// goroutine: the process answers while the caller waits.
type Process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr strings.Builder
	buf    []byte
	cores  uint32
	err    error
	faults []string
}

// ErrNotInstalled says that Node or the package is missing.
var ErrNotInstalled = errors.New("the oracle is not installed: it needs Node 20 or later, and `npm ci --ignore-scripts` in sim/oracle/node")

// Start runs Node in the folder that holds this room's node files and their installed packages. The process ends with ctx at the
// latest.
func Start(ctx context.Context, folder string) (*Process, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotInstalled, err)
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "p2p-media-loader-core", "package.json")); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotInstalled, err)
	}
	p := &Process{cmd: exec.CommandContext(ctx, node, "--stack-trace-limit=20", "main.mjs")}
	p.cmd.Dir = folder
	p.cmd.Stderr = &p.stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReaderSize(out, 1<<16)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the oracle: %w", err)
	}
	return p, nil
}

// NewEngine makes a viewer whose core is the released one. It is a player.NewEngine.
func (p *Process) NewEngine(env p2pml.Env, cfg p2pml.Config, ev p2pml.Events) player.Engine {
	return newCore(p, env, cfg, ev)
}

// Faults are the errors that nobody caught in the library: what a page would print to its console.
func (p *Process) Faults() []string { return p.faults }

// Close ends the process, and says what went wrong with it, if anything.
func (p *Process) Close() error {
	closing := p.in.Close()
	waiting := p.cmd.Wait()
	if p.err == nil {
		p.err = errors.Join(closing, waiting)
	}
	if p.err != nil {
		return fmt.Errorf("the oracle: %w\n%s", p.err, p.stderr.String())
	}
	return nil
}

// send writes one frame.
func (p *Process) send(content []byte) {
	if p.err != nil {
		return
	}
	frame := binary.LittleEndian.AppendUint32(p.buf[:0], uint32(len(content)))
	frame = append(frame, content...)
	p.buf = frame
	if _, err := p.in.Write(frame); err != nil {
		p.err = fmt.Errorf("writing: %w", err)
	}
}

// maxFrame bounds what a broken process could make us read.
const maxFrame = 64 << 20

// receive waits for one frame. It is good until the next one is sent or received.
func (p *Process) receive() *reader {
	var length [4]byte
	if p.err == nil {
		_, p.err = io.ReadFull(p.out, length[:])
	}
	n := binary.LittleEndian.Uint32(length[:])
	if p.err == nil && n > maxFrame {
		p.err = fmt.Errorf("a frame of %d bytes", n)
	}
	if p.err != nil {
		return &reader{}
	}
	if cap(p.buf) < int(n) {
		p.buf = make([]byte, 2*n)
	}
	frame := p.buf[:n]
	if _, err := io.ReadFull(p.out, frame); err != nil {
		p.err = fmt.Errorf("reading: %w", err)
		return &reader{}
	}
	return &reader{b: frame}
}
