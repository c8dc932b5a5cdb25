// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/musubi-ods/musubi/internal/freeport"
)

//go:embed nginx.conf
var nginxConf string

// giveUp is when a server that is not ready, or does not end, is called broken.
const giveUp = 20 * time.Second

// serveNginx starts nginx in front of the source.
func serveNginx(ctx context.Context, dir, source string) (*server, error) {
	listen, err := freeport.Address()
	if err != nil {
		return nil, err
	}
	text := strings.NewReplacer("DIR", dir, "CORES", strconv.Itoa(runtime.NumCPU()), "LISTEN", listen, "SOURCE", source).Replace(nginxConf)
	config := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	p, err := spawn(exec.Command("nginx", "-p", dir, "-c", config))
	if err != nil {
		return nil, fmt.Errorf("%w (hack/need nginx installs it)", err)
	}
	if err := p.answers(ctx, listen); err != nil {
		return nil, errors.Join(err, p.stop(syscall.SIGTERM))
	}
	return &server{
		name: "nginx", cpu: p.cpu, stop: func() error { return p.stop(syscall.SIGTERM) },
		target: func(l load) target { return target{address: listen, path: path(l)} },
	}, nil
}

// process is a server that was started.
type process struct {
	cmd   *exec.Cmd
	log   strings.Builder
	ended chan error
}

func spawn(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, ended: make(chan error, 1)}
	cmd.Stdout, cmd.Stderr = &p.log, &p.log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() { p.ended <- cmd.Wait() }()
	return p, nil
}

// answers waits until somebody listens at an address.
func (p *process) answers(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, giveUp)
	defer cancel()
	for {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			return c.Close()
		}
		select {
		case end := <-p.ended:
			p.ended <- end
			return fmt.Errorf("it ended before it was ready: %w; it said:\n%s", end, p.log.String())
		case <-ctx.Done():
			return fmt.Errorf("not ready after %v: %w", giveUp, err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (p *process) stop(signal os.Signal) error {
	_ = p.cmd.Process.Signal(signal) // it may have ended
	select {
	case err := <-p.ended:
		if err != nil {
			return fmt.Errorf("%s: %w; it said:\n%s", p.cmd.Path, err, p.log.String())
		}
		return nil
	case <-time.After(giveUp):
		_ = p.cmd.Process.Kill()
		return fmt.Errorf("%s did not end within %v: %w", p.cmd.Path, giveUp, <-p.ended)
	}
}

// cpu is the time that the process and its children have used, 0 where the
// system does not tell.
func (p *process) cpu() (used time.Duration) {
	pids := []string{strconv.Itoa(p.cmd.Process.Pid)}
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%s/task/%s/children", pids[0], pids[0]))
	for _, pid := range append(pids, strings.Fields(string(children))...) {
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil {
			continue
		}
		// What follows the name, which may hold anything: state is the first.
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		const userTime, systemTime, tick = 11, 12, 10 * time.Millisecond
		for _, i := range []int{userTime, systemTime} {
			n, _ := strconv.Atoi(fields[i])
			used += time.Duration(n) * tick
		}
	}
	return used
}
