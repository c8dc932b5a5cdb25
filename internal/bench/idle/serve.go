// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/freeport"
)

// giveUp is when a server that is not ready is called broken.
const giveUp = 10 * time.Second

// settings is the configuration of a connector that hosts one participant.
const settings = `store: "sqlite:%s"
devMode: true
protocol: {listen: "%s"}
management:
  listen: "%s"
  apiKeys: [only-for-this-measurement]
participants:
  - {context: idle, name: "Idle (fictional)"}
`

// start serves in a new folder and returns the milliseconds until the server
// was ready and, where asked for and possible, the MB it then holds.
func start(ctx context.Context, binary, dir string, weigh bool) (ready, memory float64, err error) {
	config, management, err := prepare(dir)
	if err != nil {
		return 0, 0, err
	}
	var log bytes.Buffer
	cmd := exec.CommandContext(ctx, binary, "serve", "-config", config)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &log, &log

	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, err
	}
	ended := make(chan struct{}) // closed once cmd.ProcessState is set
	go func() {
		defer close(ended)
		_ = cmd.Wait() // stop judges how it ended
	}()
	defer func() {
		if stopErr := stop(cmd, ended); stopErr != nil {
			err = errors.Join(err, fmt.Errorf("%w; the server said:\n%s", stopErr, log.String()))
		}
	}()

	if err := await(ctx, "http://"+management+"/healthz", ended); err != nil {
		return 0, 0, err
	}
	ready = float64(time.Since(began).Microseconds()) / 1000
	if weigh {
		memory, err = resident(ctx, cmd.Process.Pid)
	}
	return ready, memory, err
}

// prepare writes the configuration into a new folder.
func prepare(dir string) (config, management string, err error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", "", err
	}
	protocol, err := freeport.Address()
	if err != nil {
		return "", "", err
	}
	if management, err = freeport.Address(); err != nil {
		return "", "", err
	}
	config = filepath.Join(dir, "musubi.yaml")
	text := fmt.Sprintf(settings, filepath.ToSlash(filepath.Join(dir, "musubi.db")), protocol, management)
	return config, management, os.WriteFile(config, []byte(text), 0o600)
}

// await asks until the server answers 200 or ends.
func await(ctx context.Context, url string, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, giveUp)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	pause := time.NewTicker(500 * time.Microsecond)
	defer pause.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		res, err := client.Do(req)
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
			err = errors.New(res.Status)
		}
		select {
		case <-ended:
			return errors.New("the server ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("not ready after %v: %w", giveUp, err)
		case <-pause.C:
		}
	}
}

// resident waits and returns the resident memory of a process in MB, 0 where
// the system does not tell.
func resident(ctx context.Context, pid int) (float64, error) {
	select {
	case <-time.After(idleFor):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if os.IsNotExist(err) && runtime.GOOS != "linux" {
		fmt.Printf("memory: not measured on %s\n", runtime.GOOS)
		return 0, nil
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kib * 1024 / 1e6, err
		}
	}
	return 0, errors.Join(err, errors.New("no VmRSS in the status of the process"))
}

// stop asks the server to end, and kills it if it does not. A server that ends
// in any other way than it should is an error.
func stop(cmd *exec.Cmd, ended <-chan struct{}) error {
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		_ = cmd.Process.Kill() // ended already, or the system knows no interrupt
	}
	select {
	case <-ended:
	case <-time.After(giveUp):
		_ = cmd.Process.Kill()
		<-ended
		return fmt.Errorf("did not stop within %v", giveUp)
	}
	if !cmd.ProcessState.Success() && runtime.GOOS != "windows" {
		return fmt.Errorf("ended with %v", cmd.ProcessState)
	}
	return nil
}
