// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package pieces

import (
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"sync"
)

// ErrMissing: what is to be gone on from is not in the file, or the state of its
// hash cannot be read.
var ErrMissing = errors.New("what had come is not there")

// File is what has come. Only Mark may be called beside the other methods.
type File struct {
	file *os.File

	mu   sync.Mutex
	size int64
	hash hash.Hash
}

// Resume goes on in a file behind its first size bytes, after which the state of
// the hash was sum; 0 begins anew. What lies behind them is cut off. ErrMissing.
// The file is closed by Close, or by the caller where there is an error.
func Resume(file *os.File, size int64, sum []byte) (*File, error) {
	f := &File{file: file, size: size, hash: sha256.New()}
	if size == 0 {
		return f, f.cut()
	}
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.Size() < size:
		return nil, fmt.Errorf("%w: %d bytes of %d", ErrMissing, info.Size(), size)
	}
	if err := f.hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(sum); err != nil { //nolint:forcetypeassert // of the standard library
		return nil, fmt.Errorf("%w: the state of its hash cannot be read", ErrMissing)
	}
	return f, f.cut()
}

// cut leaves size bytes, and goes on behind them.
func (f *File) cut() error {
	if err := f.file.Truncate(f.size); err != nil {
		return err
	}
	_, err := f.file.Seek(f.size, io.SeekStart)
	return err
}

// Restart forgets what has come.
func (f *File) Restart() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hash, f.size = sha256.New(), 0
	return f.cut()
}

// Write implements io.Writer.
func (f *File) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.file.Write(p)
	_, _ = f.hash.Write(p[:n]) // never fails
	f.size += int64(n)
	return n, err
}

// Size is how many bytes there are.
func (f *File) Size() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.size
}

// SHA256 is the hash of what was written, in hex.
func (f *File) SHA256() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return hex.EncodeToString(f.hash.Sum(nil))
}

// Mark brings what was written to the disk. It returns how many bytes are safe
// there, and the state of the hash after them.
func (f *File) Mark() (size int64, sum []byte, err error) {
	f.mu.Lock()
	size = f.size
	sum, err = f.hash.(encoding.BinaryMarshaler).MarshalBinary() //nolint:forcetypeassert // of the standard library
	f.mu.Unlock()
	if err != nil {
		return 0, nil, err
	}
	return size, sum, f.file.Sync()
}

// Sync brings what was written to the disk.
func (f *File) Sync() error { return f.file.Sync() }

// Close leaves the file as it is.
func (f *File) Close() error { return f.file.Close() }
