// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	// The test binary uses nothing of it; it makes the go command run the test
	// again, not from its cache, when the product changes.
	_ "github.com/musubi-ods/musubi/connector"

	"github.com/musubi-ods/musubi/internal/testkit"
)

// readyTime is when a process that does not serve is called broken.
const readyTime = 20 * time.Second

// built is the folder of the real binary, which is built once for all tests.
var built struct {
	once   sync.Once
	dir    string
	binary string
	err    error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir) // a folder for what does not last
	}
	os.Exit(code)
}

// build returns the path of the real binary.
func build(t *testing.T) string {
	t.Helper()
	built.once.Do(func() { built.binary, built.err = buildOnce(t) })
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.binary
}

func buildOnce(t *testing.T) (binary string, err error) {
	t.Helper()
	if built.dir, err = os.MkdirTemp("", "musubi-kill"); err != nil { //nolint:usetesting // it outlives the first test
		return "", err
	}
	binary = filepath.Join(built.dir, "musubi")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/musubi")
	cmd.Dir = testkit.ModuleRoot(t)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the binary: %w\n%s", err, out)
	}
	return binary, nil
}

// side is one of the two connectors: a process that comes and goes on a store
// and an address that stay. One goroutine at a time starts and kills it.
type side struct {
	name       string // consumer or provider; also its participant context
	binary     string
	config     string
	protocol   string
	management string
	log        *os.File
	api        *api

	cmd   *exec.Cmd
	ended chan struct{} // closed when cmd has ended
	began time.Time

	expected string // part of an error that it may log
	dead     bool   // for good
	kills    int
	starts   []time.Duration // from start to ready
}

// start begins a process; it does not wait until that serves.
func (s *side) start() error {
	s.cmd = exec.Command(s.binary, "serve", "-config", s.config)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "MUSUBI_") })
	s.began = time.Now()
	if err := s.cmd.Start(); err != nil {
		return err
	}
	ended, cmd := make(chan struct{}), s.cmd
	s.ended = ended
	go func() {
		defer close(ended)
		_ = cmd.Wait() // how a killed process ended is no news
	}()
	return nil
}

// kill ends the process as kill -9 does, and waits until it is gone.
func (s *side) kill() error {
	select {
	case <-s.ended:
		return fmt.Errorf("the %s ended by itself: %s", s.name, s.cmd.ProcessState)
	default:
	}
	if err := s.cmd.Process.Kill(); err != nil {
		return err
	}
	<-s.ended
	s.kills++
	return nil
}

// ready waits until the process serves.
func (s *side) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	pause := time.NewTicker(time.Millisecond)
	defer pause.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.management+"/readyz", http.NoBody)
		if err != nil {
			return err
		}
		if res, err := s.api.http.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				s.starts = append(s.starts, time.Since(s.began))
				return nil
			}
		}
		select {
		case <-s.ended:
			return fmt.Errorf("the %s ended before it was ready: %s", s.name, s.cmd.ProcessState)
		case <-ctx.Done():
			return fmt.Errorf("the %s was not ready after %s", s.name, time.Since(s.began))
		case <-pause.C:
		}
	}
}

// restart is start and ready.
func (s *side) restart(ctx context.Context) error {
	if err := s.start(); err != nil {
		return err
	}
	return s.ready(ctx)
}

// close ends the process at the end of the test, and says what it logged if
// the test failed or the log holds what it never should.
func (s *side) close(t *testing.T) {
	t.Helper()
	if s.cmd != nil && !s.dead {
		if err := s.kill(); err != nil {
			t.Error(err)
		}
	}
	if err := s.log.Close(); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(s.log.Name())
	if err != nil {
		t.Error(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, line := range lines {
		if s.expected != "" && strings.Contains(line, s.expected) {
			continue
		}
		if strings.Contains(line, "level=ERROR") || strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "musubi:") {
			t.Errorf("the %s logged: %s", s.name, line)
		}
	}
	if t.Failed() {
		t.Logf("the last lines of the %s's log:\n%s", s.name, strings.Join(lines[max(0, len(lines)-20):], "\n"))
	}
}

// startTimes returns the times from start to ready: the median and the longest.
func (s *side) startTimes() (median, longest time.Duration) {
	if len(s.starts) == 0 {
		return 0, 0
	}
	sorted := slices.Sorted(slices.Values(s.starts))
	return sorted[len(sorted)/2], sorted[len(sorted)-1]
}
