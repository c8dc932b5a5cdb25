// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/musubi-ods/musubi/internal/pieces"
)

// draft ends the names of files that come in pieces. They have a row elsewhere,
// with whoever fills them. The sweep removes those that nobody has for long:
// who comes back to one begins anew.
const draft = ".draft"

// Draft is data that comes in pieces, also over restarts of this process, until
// it is whole and kept. Only Mark may be called beside the other methods.
type Draft struct {
	s     *Service
	f     *folder
	h     Holding
	limit int64
	data  *pieces.File
}

// Draft opens what has come so far of the holding that is to have this id: the
// first size bytes, after which the state of the hash was sum (Mark). What lies
// behind them is cut off. Size 0 begins anew. There may be limit bytes at most.
//
// ErrMissing: the bytes are not in this folder. ErrRetentionOver: the permission
// to use the data is over. What is unknown is the error of the transfers or
// agreements.
func (s *Service) Draft(ctx context.Context, contextID, transferID, id string, size int64, sum []byte, limit int64) (*Draft, error) {
	h, err := s.begin(ctx, contextID, transferID, id)
	if err != nil {
		return nil, err
	}
	f, err := openFolder(s.cfg.Dir, true, s.cfg.NewID)
	if err != nil {
		return nil, err
	}
	h.Folder = f.id
	d := &Draft{s: s, f: f, h: h, limit: limit}
	s.occupy(pathOf(h)+draft, true) // before it is opened, so that no sweep takes it away
	if err := d.open(size, sum); err != nil {
		return nil, errors.Join(fmt.Errorf("going on with the data of transfer %.200q: %w", transferID, err), d.Close())
	}
	return d, nil
}

func (d *Draft) open(size int64, sum []byte) error {
	if err := d.f.root.Mkdir(prefix+d.h.Context, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	file, err := d.f.root.OpenFile(pathOf(d.h)+draft, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	data, err := pieces.Resume(file, size, sum)
	if errors.Is(err, pieces.ErrMissing) {
		err = fmt.Errorf("%w: %w", ErrMissing, err)
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	d.data = data
	if size == 0 {
		return d.f.sync(prefix + d.h.Context)
	}
	return nil
}

// Restart forgets what has come.
func (d *Draft) Restart() error { return d.data.Restart() }

// Fits refuses a body of so many bytes that is too large (ErrTooLarge) before
// any of it has come.
func (d *Draft) Fits(total int64) error {
	if total > d.limit {
		return fmt.Errorf("%w: %d bytes are more than %d", ErrTooLarge, total, d.limit)
	}
	return nil
}

// Write implements io.Writer. ErrTooLarge.
func (d *Draft) Write(p []byte) (int, error) {
	if int64(len(p)) > d.limit-d.data.Size() {
		return 0, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, d.limit)
	}
	return d.data.Write(p)
}

// Size is how many bytes there are.
func (d *Draft) Size() int64 { return d.data.Size() }

// Mark brings what was written to the disk. It returns how many bytes are safe
// there, and the state of the hash after them.
func (d *Draft) Mark() (size int64, sum []byte, err error) { return d.data.Mark() }

// SHA256 is the hash of what was written, in hex.
func (d *Draft) SHA256() string { return d.data.SHA256() }

// Keep makes the draft a holding, which is whole now. It may be called again
// after a crash in the middle of it: nothing is kept twice. ErrExists: another
// body is kept under this id. ErrRetentionOver: the time came meanwhile.
func (d *Draft) Keep(ctx context.Context) (Holding, error) {
	d.h.Size, d.h.SHA256, d.h.Stored = d.Size(), d.SHA256(), d.s.cfg.Now()
	if err := expired(d.h, d.h.Stored); err != nil {
		return Holding{}, err
	}
	if err := d.data.Sync(); err != nil {
		return Holding{}, err
	}
	path := pathOf(d.h)
	d.s.occupy(path, true)
	defer d.s.occupy(path, false)
	h, err := d.record(ctx)
	if err != nil {
		return Holding{}, err
	}
	return h, d.f.settle(h, draft)
}

// record writes the row, before the file has its name: a crash between the two
// leaves a row whose draft is there, and Keep is called again.
func (d *Draft) record(ctx context.Context) (Holding, error) {
	e, err := d.s.entry(d.h, "transfer.data-stored", d.h.Stored, told{Due: d.h.Due, Rule: d.h.Rule, Stored: d.h.Stored})
	if err != nil {
		return Holding{}, err
	}
	switch err := d.s.cfg.Store.KeepHolding(ctx, d.h, e); {
	case errors.Is(err, ErrExists):
		known, err := d.s.cfg.Store.Holding(ctx, d.h.Context, d.h.ID)
		if err == nil && (known.SHA256 != d.h.SHA256 || known.Size != d.h.Size) {
			err = fmt.Errorf("%w: %.200q, which is another body", ErrExists, d.h.ID)
		}
		return known, err
	case err != nil:
		return Holding{}, fmt.Errorf("storing data: %w", err)
	}
	d.s.journaled(d.h.Context)
	d.s.Look()
	return d.h, nil
}

// Close leaves the draft as it is.
func (d *Draft) Close() error {
	defer d.s.occupy(pathOf(d.h)+draft, false)
	var err error
	if d.data != nil {
		err = d.data.Close()
	}
	return errors.Join(err, d.f.close())
}

// DropDraft removes what has come of a holding that will not be. One that is
// not there is no error.
func (s *Service) DropDraft(contextID, id string) error {
	h := Holding{Context: contextID, ID: id, File: fileOf(id)}
	if err := placed(h); err != nil {
		return err
	}
	f, err := openFolder(s.cfg.Dir, false, s.cfg.NewID)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	err = f.remove(contextID, h.File+draft)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, f.close())
}
