// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"os"
)

// fileLock keeps a second process from the database: SQLite itself would let
// it in, and each would write behind the other's back. The operating system
// lets go of it when the process dies.
type fileLock struct{ file *os.File }

func lockFile(path string) (*fileLock, error) {
	f, err := openLocked(path)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return &fileLock{f}, nil
}

func (l *fileLock) unlock() error { return l.file.Close() }
