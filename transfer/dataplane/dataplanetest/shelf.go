// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplanetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// Shelf keeps drafts in memory, for planes under test that need a place for
// what comes. It outlives them, as a disk does.
type Shelf struct {
	limit int64

	mu      sync.Mutex
	drafts  map[string][]byte // by id of the job
	kept    map[string]string // hashes, by id of the job
	of      map[string]string // processes, by id of the job
	written int64
	faults  int
	drop    error
	keep    error
}

// ErrShelf is what Keep fails with.
var ErrShelf = errors.New("the shelf fell down")

var _ dataplane.Drafts = (*Shelf)(nil)

// NewShelf returns a Shelf for bodies of so many bytes at most.
func NewShelf(limit int64) *Shelf {
	return &Shelf{limit: limit, drafts: map[string][]byte{}, kept: map[string]string{}, of: map[string]string{}}
}

// Fail has the next calls of Keep fail.
func (s *Shelf) Fail(calls int) { s.mu.Lock(); defer s.mu.Unlock(); s.faults = calls }

// FailKeep has Keep fail with err, until it is nil.
func (s *Shelf) FailKeep(err error) { s.mu.Lock(); defer s.mu.Unlock(); s.keep = err }

// FailDrop has Drop fail with err, until it is nil.
func (s *Shelf) FailDrop(err error) { s.mu.Lock(); defer s.mu.Unlock(); s.drop = err }

// Come is how much of a draft there is.
func (s *Shelf) Come(id string) int { s.mu.Lock(); defer s.mu.Unlock(); return len(s.drafts[id]) }

// Drafts is how many there are.
func (s *Shelf) Drafts() int { s.mu.Lock(); defer s.mu.Unlock(); return len(s.drafts) }

// Written is how many bytes were written in all.
func (s *Shelf) Written() int64 { s.mu.Lock(); defer s.mu.Unlock(); return s.written }

// Bodies are the hashes of what is kept of a process, in no order; of all where
// there is no process.
func (s *Shelf) Bodies(process string) (list []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, sum := range s.kept {
		if process == "" || s.of[id] == process {
			list = append(list, sum)
		}
	}
	return list
}

// Open implements dataplane.Drafts.
func (s *Shelf) Open(_ context.Context, j transfer.Job) (dataplane.Draft, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if int64(len(s.drafts[j.ID])) < j.Offset {
		return nil, dataplane.ErrNoDraft
	}
	s.drafts[j.ID], s.of[j.ID] = s.drafts[j.ID][:j.Offset], j.Process
	return &shelved{s, j.ID}, nil
}

// Kept implements dataplane.Drafts.
func (s *Shelf) Kept(_ context.Context, j transfer.Job) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[j.ID], nil
}

// Drop implements dataplane.Drafts.
func (s *Shelf) Drop(j transfer.Job) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.drop == nil {
		delete(s.drafts, j.ID)
	}
	return s.drop
}

// shelved is a draft.
type shelved struct {
	s  *Shelf
	id string
}

func (d *shelved) bytes() []byte {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	return bytes.Clone(d.s.drafts[d.id])
}

func (d *shelved) Fits(n int64) error {
	if n > d.s.limit {
		return &transfer.JobFault{Code: "data-too-large", Reason: "it is"}
	}
	return nil
}

func (d *shelved) Write(p []byte) (int, error) {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	if err := d.Fits(int64(len(d.s.drafts[d.id]) + len(p))); err != nil {
		return 0, err
	}
	d.s.drafts[d.id] = append(d.s.drafts[d.id], p...)
	d.s.written += int64(len(p))
	return len(p), nil
}

func (d *shelved) Size() int64                  { return int64(d.s.Come(d.id)) }
func (d *shelved) Mark() (int64, []byte, error) { return d.Size(), []byte("sum"), nil }
func (*shelved) Close() error                   { return nil }

func (d *shelved) SHA256() string {
	sum := sha256.Sum256(d.bytes())
	return hex.EncodeToString(sum[:])
}

func (d *shelved) Restart() error {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	d.s.drafts[d.id] = nil
	return nil
}

// Keep implements dataplane.Draft: as on a disk there is no draft after it.
func (d *shelved) Keep(context.Context) error {
	sum := d.SHA256()
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	if d.s.keep != nil {
		return d.s.keep
	}
	if d.s.faults > 0 {
		d.s.faults--
		return ErrShelf
	}
	d.s.kept[d.id] = sum
	delete(d.s.drafts, d.id)
	return nil
}
