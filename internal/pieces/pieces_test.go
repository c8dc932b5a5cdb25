// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package pieces_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/musubi-ods/musubi/internal/pieces"
)

func resume(t *testing.T, path string, size int64, sum []byte) (*pieces.File, error) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return pieces.Resume(file, size, sum)
}

func write(t *testing.T, f *pieces.File, text string) {
	t.Helper()
	if _, err := f.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, f *pieces.File, path, want string) {
	t.Helper()
	sum := sha256.Sum256([]byte(want))
	got, err := os.ReadFile(path)
	if string(got) != want || err != nil || f.Size() != int64(len(want)) || f.SHA256() != hex.EncodeToString(sum[:]) {
		t.Errorf("%q, %d bytes, %s, %v; want %q", got, f.Size(), f.SHA256(), err, want)
	}
}

// TestResume goes on from what was marked, whatever was written behind it.
func TestResume(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	f, err := resume(t, path, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	write(t, f, "first ")
	size, sum, err := f.Mark()
	if err != nil || size != 6 {
		t.Fatal(size, err)
	}
	write(t, f, "lost with the process")
	if f, err = resume(t, path, size, sum); err != nil {
		t.Fatal(err)
	}
	write(t, f, "second")
	check(t, f, path, "first second")
	if err := f.Restart(); err != nil {
		t.Fatal(err)
	}
	write(t, f, "other")
	check(t, f, path, "other")
}

func TestMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	f, err := resume(t, path, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	write(t, f, "data")
	_, sum, err := f.Mark()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		size int64
		sum  []byte
	}{"bytes": {5, sum}, "hash": {4, sum[:8]}, "no hash": {4, nil}} {
		if _, err := resume(t, path, c.size, c.sum); !errors.Is(err, pieces.ErrMissing) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if f, err = resume(t, path, 4, sum); err != nil {
		t.Fatal(err)
	}
	check(t, f, path, "data") // what is not there harms nothing
}
