// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Program is our binary, built for a run.
type Program struct{ dir, binary string }

// Build builds the binary. It needs the module's folder as the current one.
func Build(ctx context.Context) (*Program, error) {
	dir, err := os.MkdirTemp("", "musubi")
	if err != nil {
		return nil, err
	}
	p := &Program{dir: dir, binary: filepath.Join(dir, "musubi")}
	build := exec.CommandContext(ctx, "go", "build", "-o", p.binary, "./cmd/musubi")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		return nil, errors.Join(fmt.Errorf("building the binary: %w", err), p.Close())
	}
	return p, nil
}

// Close removes the binary and what its processes wrote.
func (p *Program) Close() error { return os.RemoveAll(p.dir) }

// Process is our connector as a process of its own.
type Process struct {
	cmd *exec.Cmd
	log string
}

// Serve starts "musubi serve" with a configuration and waits until it answers
// at its management address.
func (p *Program) Serve(ctx context.Context, name, config, management string) (*Process, error) {
	file := filepath.Join(p.dir, name+".yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return nil, err
	}
	s := &Process{cmd: exec.Command(p.binary, "serve", "-config", file), log: filepath.Join(p.dir, name+".log")}
	log, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = p.dir, log, log
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if err := awaitReady(ctx, NewAPI("http://"+management, "")); err != nil {
		return nil, errors.Join(fmt.Errorf("the connector did not start: %w; it logged:\n%s", err, s.Log()), s.Stop())
	}
	return s, nil
}

func awaitReady(ctx context.Context, a *API) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return poll(ctx, func() (bool, error) {
		_, status, err := a.Send(ctx, http.MethodGet, "/readyz", nil)
		return err == nil && status == http.StatusOK, nil
	})
}

// Log returns what it logged.
func (s *Process) Log() string {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// PID is its process id.
func (s *Process) PID() int { return s.cmd.Process.Pid }

// Stop ends it in good order.
func (s *Process) Stop() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	over := time.AfterFunc(20*time.Second, func() { _ = s.cmd.Process.Kill() })
	defer over.Stop()
	return s.cmd.Wait()
}
