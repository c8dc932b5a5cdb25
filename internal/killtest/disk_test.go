// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package killtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/musubi-ods/musubi/internal/testkit"
)

// disk is a small file system that can be full.
type disk struct{ path string }

// newDisk mounts one in memory, which takes root.
func newDisk(t *testing.T, megabytes int) *disk {
	t.Helper()
	path, err := os.MkdirTemp("", "musubi-disk") //nolint:usetesting // it is unmounted lazily, after which nothing may be in its way
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm,mode=0700", megabytes), "tmpfs", path).CombinedOutput()
	if err != nil {
		_ = os.Remove(path)
		testkit.Require(t, "mount", fmt.Sprintf("a disk that can be full has to be mounted, which takes root: %v: %s", err, out))
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", path).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
		_ = os.Remove(path)
	})
	return &disk{path}
}

func (d *disk) filler() string { return filepath.Join(d.path, "filler") }

// fill takes all room that is left.
func (d *disk) fill() error {
	f, err := os.OpenFile(d.filler(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, size := range []int{1 << 20, 4 << 10} {
		block := make([]byte, size)
		for err = nil; err == nil; {
			_, err = f.Write(block)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			return err
		}
	}
	return nil
}

// clear gives it back.
func (d *disk) clear() error { return os.Remove(d.filler()) }

// database makes a database on the disk, on a server of one's own.
func (d *disk) database(t *testing.T, s *server) string {
	t.Helper()
	if os.Getuid() == 0 { // then the server runs as another user
		if out, err := exec.CommandContext(t.Context(), "chown", "postgres", d.path).CombinedOutput(); err != nil {
			t.Fatalf("chown: %v: %s", err, out)
		}
	}
	admin(t, s.dsn, "CREATE TABLESPACE small LOCATION '"+d.path+"'")
	admin(t, s.dsn, "CREATE DATABASE small TABLESPACE small")
	return s.named(t, "small")
}
