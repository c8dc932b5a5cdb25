// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"errors"
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

// unlock lets go before it closes: a program that this process is starting has
// the file, too, until it runs, and closing would leave the lock with it.
func (l *fileLock) unlock() error { return errors.Join(release(l.file), l.file.Close()) }
