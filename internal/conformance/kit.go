// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
