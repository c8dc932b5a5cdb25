// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/musubi-ods/musubi/internal/conformance"
)

func main() { conformance.Main("tck-dsp", run) }

func run(ctx context.Context) error {
	kit, err := conformance.FindKit()
	if err != nil {
		return err
	}
	dsn := os.Getenv("MUSUBI_POSTGRES")
	if dsn == "" {
		return errors.New("MUSUBI_POSTGRES names no database; start this with: make tck-dsp")
	}
	dir, err := os.MkdirTemp("", "tckdsp")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	cut := filepath.Join(dir, "cut")
	build := exec.CommandContext(ctx, "go", "build", "-o", cut, "./internal/conformance/cmd/cut")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building the connector under test: %w", err)
	}
	fmt.Println("== SQLite, one process")
	if err := judge(ctx, bench{kit: kit, cut: cut, dir: dir, stores: []string{"sqlite:" + filepath.Join(dir, "tck.db")}}); err != nil {
		return fmt.Errorf("on SQLite: %w", err)
	}
	fmt.Println("== PostgreSQL, two replicas behind a round-robin proxy")
	if err := judge(ctx, bench{kit: kit, cut: cut, dir: dir, stores: []string{dsn, dsn}}); err != nil {
		return fmt.Errorf("on PostgreSQL: %w", err)
	}
	return nil
}

// startTime bounds how long a connector may take to be ready.
const startTime = 30 * time.Second
