// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// folderDrafts keeps what comes in a folder, one below it for each participant:
//
//	{id}.part   as far as it has come
//	{id}        whole
//	{id}.json   what it is
type folderDrafts struct{ p *DataPlane }

var _ dataplane.Drafts = folderDrafts{}

// received is what is written beside data that came.
type received struct {
	Transfer     string    `json:"transfer"`
	Dataset      string    `json:"dataset"`
	Agreement    string    `json:"agreement"`
	Counterparty string    `json:"counterparty"`
	Size         int64     `json:"size"`
	SHA256       string    `json:"sha256"`
	Stored       time.Time `json:"stored"`
}

// fileName is the name of a job's file. Ids are ours, and URNs.
func fileName(id string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' {
			return c
		}
		return '_'
	}, strings.TrimPrefix(id, "urn:uuid:"))
}

// root opens a participant's folder.
func (d folderDrafts) root(contextID string) (*os.Root, error) {
	if err := os.MkdirAll(d.p.cfg.Receive.Dir, 0o700); err != nil {
		return nil, err
	}
	all, err := os.OpenRoot(d.p.cfg.Receive.Dir)
	if err != nil {
		return nil, err
	}
	defer all.Close()
	if err := all.Mkdir(contextID, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return all.OpenRoot(contextID)
}

// Open implements dataplane.Drafts.
func (d folderDrafts) Open(_ context.Context, j transfer.Job) (dataplane.Draft, error) {
	root, err := d.root(j.Context)
	if err != nil {
		return nil, err
	}
	part := &folderDraft{d: d, root: root, job: j, name: fileName(j.ID), limit: d.p.cfg.receiveLimit()}
	if err := part.open(); err != nil {
		return nil, errors.Join(err, part.Close())
	}
	return part, nil
}

// Kept implements dataplane.Drafts.
func (d folderDrafts) Kept(_ context.Context, j transfer.Job) (string, error) {
	root, err := d.root(j.Context)
	if err != nil {
		return "", err
	}
	defer root.Close()
	text, err := root.ReadFile(fileName(j.ID) + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	var is received
	if err == nil {
		err = json.Unmarshal(text, &is)
	}
	if _, failed := root.Stat(fileName(j.ID)); err == nil && failed != nil {
		return "", nil // a crash came between the two: Keep is called again
	}
	return is.SHA256, err
}

// Drop implements dataplane.Drafts.
func (d folderDrafts) Drop(j transfer.Job) error {
	root, err := d.root(j.Context)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.Remove(fileName(j.ID) + ".part"); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

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
		return f.cut(0)
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

// Keep implements dataplane.Draft: first what it is, then the file, each under
// its name at once.
func (f *folderDraft) Keep(ctx context.Context) error {
	flow, err := f.d.p.aboutFlow(ctx, f.job.Context, f.job.Process)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(received{
		Transfer: f.job.Process, Dataset: flow.Asked.Dataset, Agreement: flow.Asked.Agreement, Counterparty: flow.Asked.Counterparty,
		Size: f.Size(), SHA256: f.SHA256(), Stored: f.d.p.now(),
	}, "", "  ")
	if err != nil {
		return err
	}
	if err := errors.Join(f.file.Sync(), f.root.WriteFile(f.name+".json.part", text, 0o600)); err != nil {
		return err
	}
	if err := f.root.Rename(f.name+".json.part", f.name+".json"); err != nil {
		return err
	}
	return f.root.Rename(f.name+".part", f.name)
}

// Close implements dataplane.Draft.
func (f *folderDraft) Close() error {
	var err error
	if f.file != nil {
		err = f.file.Close()
	}
	return errors.Join(err, f.root.Close())
}
