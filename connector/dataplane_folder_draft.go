// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

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

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// folderDraft is a body that comes. Only Mark may be called beside the others.
type folderDraft struct {
	d     folderDrafts
	root  *os.Root
	job   transfer.Job
	name  string
	limit int64

	mu   sync.Mutex
	file *os.File
	size int64
	hash hash.Hash
}

func (f *folderDraft) open() (err error) {
	if f.file, err = f.root.OpenFile(f.name+".part", os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	f.hash, f.size = sha256.New(), f.job.Offset
	if f.size == 0 {
		return errors.Join(f.cut(0), syncFolder(f.root))
	}
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	if err := f.hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(f.job.Sum); err != nil || info.Size() < f.size { //nolint:forcetypeassert // of the standard library
		return dataplane.ErrNoDraft
	}
	return f.cut(f.size)
}

// cut leaves size bytes, and goes on behind them.
func (f *folderDraft) cut(size int64) error {
	if err := f.file.Truncate(size); err != nil {
		return err
	}
	_, err := f.file.Seek(size, io.SeekStart)
	return err
}

func (f *folderDraft) tooLarge() error {
	return &transfer.JobFault{Code: "data-too-large", Reason: fmt.Sprintf("the data is larger than %d bytes", f.limit)}
}

// Write implements io.Writer.
func (f *folderDraft) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if int64(len(p)) > f.limit-f.size {
		return 0, f.tooLarge()
	}
	n, err := f.file.Write(p)
	_, _ = f.hash.Write(p[:n]) // never fails
	f.size += int64(n)
	return n, err
}

// Size implements dataplane.Draft.
func (f *folderDraft) Size() int64 { f.mu.Lock(); defer f.mu.Unlock(); return f.size }

// SHA256 implements dataplane.Draft.
func (f *folderDraft) SHA256() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return hex.EncodeToString(f.hash.Sum(nil))
}

// Mark implements dataplane.Draft.
func (f *folderDraft) Mark() (int64, []byte, error) {
	f.mu.Lock()
	size := f.size
	sum, err := f.hash.(encoding.BinaryMarshaler).MarshalBinary() //nolint:forcetypeassert // of the standard library
	f.mu.Unlock()
	if err != nil {
		return 0, nil, err
	}
	return size, sum, f.file.Sync()
}

// Fits implements dataplane.Draft.
func (f *folderDraft) Fits(total int64) error {
	if total > f.limit {
		return f.tooLarge()
	}
	return nil
}

// Restart implements dataplane.Draft.
func (f *folderDraft) Restart() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hash, f.size = sha256.New(), 0
	return f.cut(0)
}

// Close implements dataplane.Draft.
func (f *folderDraft) Close() error {
	var err error
	if f.file != nil {
		err = f.file.Close()
	}
	return errors.Join(err, f.root.Close())
}
