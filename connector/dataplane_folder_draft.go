// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"errors"
	"fmt"
	"os"

	"github.com/musubi-ods/musubi/internal/pieces"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
)

// folderDraft is a body that comes. Only Mark may be called beside the others.
type folderDraft struct {
	*pieces.File
	d     folderDrafts
	root  *os.Root
	job   transfer.Job
	name  string
	limit int64
}

func (f *folderDraft) open() error {
	file, err := f.root.OpenFile(f.name+".part", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	data, err := pieces.Resume(file, f.job.Offset, f.job.Sum)
	if errors.Is(err, pieces.ErrMissing) {
		err = dataplane.ErrNoDraft
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	f.File = data
	if f.job.Offset == 0 {
		return syncFolder(f.root)
	}
	return nil
}

func (f *folderDraft) tooLarge() error {
	return &transfer.JobFault{Code: "data-too-large", Reason: fmt.Sprintf("the data is larger than %d bytes", f.limit)}
}

// Write implements io.Writer.
func (f *folderDraft) Write(p []byte) (int, error) {
	if int64(len(p)) > f.limit-f.Size() {
		return 0, f.tooLarge()
	}
	return f.File.Write(p)
}

// Fits implements dataplane.Draft.
func (f *folderDraft) Fits(total int64) error {
	if total > f.limit {
		return f.tooLarge()
	}
	return nil
}

// Close implements dataplane.Draft.
func (f *folderDraft) Close() error {
	var err error
	if f.File != nil {
		err = f.File.Close()
	}
	return errors.Join(err, f.root.Close())
}
