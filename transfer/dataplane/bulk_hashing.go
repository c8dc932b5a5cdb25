// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
)

var errVersion = errors.New("the source has changed")

// of is the hash of a file, which has to be of one version before and after. It
// is read if nobody has read it whole, until ctx ends.
func (d *digests) of(ctx context.Context, dir, name, tag string) (string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	file, err := root.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	if err := isVersion(file, tag); err != nil {
		return "", err
	}
	version := versionOf(dir, name, tag)
	if sum := d.get(version); sum != "" {
		return sum, nil
	}
	hash := sha256.New()
	if _, err := io.CopyBuffer(hash, until{ctx, file}, make([]byte, pieceSize)); err != nil {
		return "", err
	}
	if err := isVersion(file, tag); err != nil {
		return "", err
	}
	sum := hex.EncodeToString(hash.Sum(nil))
	d.put(version, sum)
	return sum, nil
}

// until is a reader that ends with ctx.
type until struct {
	ctx context.Context //nolint:containedctx // it lives as long as one call
	io.Reader
}

func (u until) Read(p []byte) (int, error) {
	if u.ctx.Err() != nil {
		return 0, context.Cause(u.ctx)
	}
	return u.Reader.Read(p)
}

func isVersion(file *os.File, tag string) error {
	info, err := file.Stat()
	if err == nil && fileTag(info) != tag {
		return errVersion
	}
	return err
}

// hashing hashes a body while it is read from its begin to its end.
type hashing struct {
	io.ReadSeeker
	size int64
	done func(sum string)

	hash hash.Hash
	at   int64 // bytes hashed; -1: the reader went elsewhere
}

func (h *hashing) Seek(offset int64, whence int) (int64, error) {
	at, err := h.ReadSeeker.Seek(offset, whence)
	h.at = -1
	if at == 0 && err == nil {
		h.hash.Reset()
		h.at = 0
	}
	return at, err
}

func (h *hashing) Read(p []byte) (int, error) {
	n, err := h.ReadSeeker.Read(p)
	if h.at >= 0 && n > 0 {
		_, _ = h.hash.Write(p[:n]) // never fails
		if h.at += int64(n); h.at == h.size {
			h.done(hex.EncodeToString(h.hash.Sum(nil)))
		}
	}
	return n, err
}
