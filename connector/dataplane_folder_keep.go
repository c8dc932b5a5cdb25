// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

// received is what is written beside data that came.
type received struct {
	Transfer     string    `json:"transfer"`
	Dataset      string    `json:"dataset"`
	Agreement    string    `json:"agreement"`
	Counterparty string    `json:"counterparty"`
	Size         int64     `json:"size"`
	SHA256       string    `json:"sha256"`
	Stored       time.Time `json:"stored"`
	// UseUntil is when the data has to go, as far as the control plane said so;
	// Deleted is when it went.
	UseUntil time.Time `json:"useUntil,omitzero"`
	Deleted  time.Time `json:"deleted,omitzero"`
}

// over reports whether the data may not be used any more.
func (r received) over(now time.Time) bool { return !r.UseUntil.IsZero() && !now.Before(r.UseUntil) }

// write brings it to the disk, under its name at once.
func (r received) write(root *os.Root, name string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	file, err := root.OpenFile(name+".json.part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := root.Rename(name+".json.part", name+".json"); err != nil {
		return err
	}
	return syncFolder(root)
}

// Keep implements dataplane.Draft. When it returns, the data is on the disk
// under its name, with what it is.
func (f *folderDraft) Keep(ctx context.Context) error {
	flow, err := f.d.p.aboutFlow(ctx, f.job.Context, f.job.Process)
	if err != nil {
		return err
	}
	is := received{
		Transfer: f.job.Process, Dataset: flow.Asked.Dataset, Agreement: flow.Asked.Agreement, Counterparty: flow.Asked.Counterparty,
		Size: f.Size(), SHA256: f.SHA256(), Stored: f.d.p.now(),
	}
	if is.UseUntil, err = signaling.UseUntil(flow.Asked); err != nil {
		return err
	}
	if is.over(is.Stored) {
		return &transfer.JobFault{Code: dataplane.CodeRetentionOver, Reason: "the agreed time of use is over"}
	}
	return f.d.p.lent.keep(f.job.Context, f.name, is.UseUntil, func() error {
		for _, step := range f.keeping(is) {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
}

// keeping are the steps: first what it is, then the file, each on the disk
// before the next. A crash between two of them leaves a draft that is kept once
// more, and never a file of which nobody knows what it is.
func (f *folderDraft) keeping(is received) []func() error {
	return []func() error{
		f.Sync,
		func() error { return is.write(f.root, f.name) },
		func() error { return f.root.Rename(f.name+".part", f.name) },
		func() error { return syncFolder(f.root) },
	}
}
