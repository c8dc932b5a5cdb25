// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package store

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
)

// A program that is being started has all our files until it runs.
func TestUnlockLetsGoThoughAStartingProgramHasTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "one.db.lock")
	held, err := lockFile(path)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := syscall.Dup(int(held.file.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Close(theirs) }()
	if _, err := lockFile(path); !errors.Is(err, ErrInUse) {
		t.Fatalf("while it is held: %v", err)
	}
	if err := held.unlock(); err != nil {
		t.Fatal(err)
	}
	again, err := lockFile(path)
	if err != nil {
		t.Fatalf("after unlock: %v", err)
	}
	if err := again.unlock(); err != nil {
		t.Fatal(err)
	}
}
