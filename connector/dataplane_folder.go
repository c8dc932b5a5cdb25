// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"strings"

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
	switch err := all.Mkdir(contextID, 0o700); {
	case err == nil:
		if err := syncFolder(all); err != nil {
			return nil, err
		}
	case !errors.Is(err, fs.ErrExist):
		return nil, err
	}
	return all.OpenRoot(contextID)
}

// syncFolder brings the names in a folder to the disk. Windows does so by
// itself and has no call for it.
func syncFolder(root *os.Root) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
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
