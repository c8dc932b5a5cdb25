// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/musubi-ods/musubi/transfer"
)

// TestDigestsReadAFileOnce: for all who go on with it, and no longer than
// somebody wants it.
func TestDigestsReadAFileOnce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "data")
	write := func(text string) os.FileInfo {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	info := write("one")
	tag, source := fileTag(info), Source{Type: SourceFile, Path: path}
	p := NewPush(PushConfig{})
	t.Cleanup(p.Close)
	ended, end := context.WithCancelCause(t.Context())
	end(ErrHeld)
	if sum := p.hashBeside(ended, source, tag)(); sum != "" {
		t.Errorf("nobody wants it: %s", sum)
	}
	if _, err := p.cfg.digests.of(ended, dir, "data", tag); !errors.Is(err, ErrHeld) {
		t.Errorf("nobody wants it: %v", err)
	}
	sum := p.hashBeside(t.Context(), source, tag)()
	if len(sum) != 64 {
		t.Fatalf("%q", sum)
	}
	write("two") // which nobody notices
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if again := p.hashBeside(ended, source, tag)(); again != sum {
		t.Errorf("read once more: %q", again)
	}
	if left := p.nothingLeft(ended, source, transfer.Job{ETag: tag}); left == nil || left.sum != sum {
		t.Errorf("read once more: %+v", left)
	}
	write("a third")
	if _, err := p.cfg.digests.of(t.Context(), dir, "data", tag); !errors.Is(err, errVersion) {
		t.Errorf("of another version: %v", err)
	}
}
