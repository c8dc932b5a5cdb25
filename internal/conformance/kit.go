// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
)

// FindKit returns the program that runs the official kits: below MUSUBI_SHARED,
// or ../shared beside the module.
func FindKit() (string, error) {
	shared := os.Getenv("MUSUBI_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "shared")
	}
	path, err := filepath.Abs(filepath.Join(shared, "conformance", "run"))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("the kit is not here (%w); set MUSUBI_SHARED to the folder that holds conformance/run", err)
	}
	return path, nil
}

// RunKit runs a kit, shows what it prints, and returns the last line: how many
// tests passed and how many failed. env is added to the environment.
func RunKit(ctx context.Context, kit string, env []string, args ...string) (last string, err error) {
	cmd := exec.CommandContext(ctx, kit, args...)
	cmd.Env = append(os.Environ(), env...)
	var all bytes.Buffer
	cmd.Stdout, cmd.Stderr = io.MultiWriter(os.Stdout, &all), os.Stderr
	err = cmd.Run()
	lines := strings.Split(strings.TrimSpace(all.String()), "\n")
	return lines[len(lines)-1], err
}

// FreePort returns a port of the loopback address where nobody listens, below
// those that systems hand out by themselves: it stays free until a program is
// there. No two calls give the same.
func FreePort() (int, error) {
	var failed error
	for range ports {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", firstPort+int((first+lookedAt.Add(1))%ports)))
		if err == nil {
			return l.Addr().(*net.TCPAddr).Port, l.Close()
		}
		failed = err
	}
	return 0, failed
}

const firstPort, ports = 10000, 10000

var (
	first    = rand.Uint32N(ports)
	lookedAt atomic.Uint32
)
