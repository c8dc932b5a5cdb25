// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/musubi-ods/musubi/trust"
)

// The files of a database hold contracts and credentials: they are for their
// owner alone, whatever the umask allows.
func TestSQLiteFilesAreForTheirOwnerAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	path := filepath.Join(dir, "own.db")
	s := openSealed(t, "sqlite:"+path)
	if err := s.PutPeer(t.Context(), "c", trust.Peer{ID: "p"}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{
		dir: 0o700, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600, path + ".lock": 0o600,
	} {
		info, err := os.Stat(name)
		if err != nil {
			t.Error(err)
		} else if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", filepath.Base(name), got, want)
		}
	}
}

func TestSQLiteLeavesTheModeOfAFileThatExists(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shared.db")
	if err := openSealed(t, "sqlite:"+path).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	openSealed(t, "sqlite:"+path)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Fatal(info.Mode(), err)
	}
}

func TestSQLiteIsMadeWhereALinkLeads(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	link, file := filepath.Join(dir, "link.db"), filepath.Join(dir, "file.db")
	if err := os.Symlink(file, link); err != nil {
		t.Skip("no links here:", err)
	}
	openSealed(t, "sqlite:"+link)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(info, err)
	}
}
