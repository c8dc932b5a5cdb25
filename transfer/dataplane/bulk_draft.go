// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"io"

	"github.com/musubi-ods/musubi/transfer"
)

// Draft is where a body is gathered (sink.Draft).
type Draft interface {
	io.Writer
	Size() int64
	// Mark brings what was written to the disk, and returns how much that is
	// and the state of its hash.
	Mark() (size int64, sum []byte, err error)
	// Fits refuses a body of so many bytes that are too many.
	Fits(total int64) error
	Restart() error
	SHA256() string
	Keep(ctx context.Context) error
	Close() error
}

// Drafts opens them. Errors that will not pass are a *transfer.JobFault.
type Drafts interface {
	// Open returns the draft of a job as far as it is safe. ErrNoDraft: its
	// bytes are not here.
	Open(ctx context.Context, j transfer.Job) (Draft, error)
	// Kept reports the hash of a draft that was kept already, else "".
	Kept(ctx context.Context, j transfer.Job) (sum string, err error)
	Drop(j transfer.Job) error
}

// ErrNoDraft: what is said to be safe is not there.
var ErrNoDraft = errors.New("the data that came before is not here")
