// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"github.com/musubi-ods/musubi/trust"
)

// folder is the sink's folder, opened: nothing outside can be reached through
// it. Each participant has a folder of its own in it.
type folder struct {
	root *os.Root
	id   string
}

const (
	idFile  = "sink-id" // holds the id of the folder
	partial = ".part"   // ends the names of files that are being written
	prefix  = "p-"      // begins the folders of participants: "con" and "nul" are none on Windows
)

// openFolder opens the folder at a path. If create is false, one that is not
// there is fs.ErrNotExist.
func openFolder(dir string, create bool, newID func() string) (*folder, error) {
	if create {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("making the folder for data: %w", err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the folder for data: %w", err)
	}
	f := &folder{root: root}
	if f.id, err = f.identify(create, newID); err != nil {
		return nil, errors.Join(fmt.Errorf("the id of the folder for data: %w", err), root.Close())
	}
	return f, nil
}

func (f *folder) close() error { return f.root.Close() }

// identify reads the folder's id or gives it one. Of several processes that do
// so at the same time one wins.
func (f *folder) identify(create bool, newID func() string) (string, error) {
	text, err := f.root.ReadFile(idFile)
	if errors.Is(err, fs.ErrNotExist) && create {
		id := newID()
		temporary := idFile + "." + fileOf(id) + partial
		if err := f.writeID(temporary, id); err != nil {
			return "", err
		}
		err = f.root.Link(temporary, idFile)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			err = f.root.Rename(temporary, idFile) // a file system without links
		}
		_ = f.root.Remove(temporary) // it is gone after a rename
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return "", err
		}
		text, err = f.root.ReadFile(idFile)
		if err == nil {
			err = f.sync(".")
		}
	}
	if err != nil {
		return "", err
	}
	id := strings.TrimSpace(string(text))
	if id == "" || len(id) > 200 {
		return "", fmt.Errorf("%s holds none; put your copy back", idFile)
	}
	return id, nil
}

func (f *folder) writeID(path, id string) error {
	file, err := f.root.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, id)
	return errors.Join(err, file.Sync(), file.Close())
}

// fileOf makes a file name of an id of ours.
func fileOf(id string) string { return strings.ToLower(id[strings.LastIndexByte(id, ':')+1:]) }

func pathOf(h Holding) string { return prefix + h.Context + "/" + h.File }

// placed says why a holding cannot lie in the folder.
func placed(h Holding) error {
	if !trust.ValidSlug(h.Context) || !trust.ValidSlug(h.File) {
		return fmt.Errorf("no file can be named for participant %.80q and id %.80q", h.Context, h.ID)
	}
	return nil
}

// write brings a body into a file of its own, whole and on the disk, or not at
// all. The rename is done by settle. It returns size and SHA-256.
func (f *folder) write(h Holding, body io.Reader, limit int64) (size int64, sum string, err error) {
	if err := f.root.Mkdir(prefix+h.Context, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return 0, "", err
	}
	file, err := f.root.OpenFile(pathOf(h)+partial, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, "", err
	}
	hash := sha256.New()
	size, err = io.Copy(io.MultiWriter(file, hash), io.LimitReader(body, max(limit, limit+1)))
	if err == nil && size > limit {
		err = fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
	}
	if err == nil {
		err = file.Sync()
	}
	return size, hex.EncodeToString(hash.Sum(nil)), errors.Join(err, file.Close())
}

// settle gives a written file, whose name ends so still, its name. Its time is
// the one of our clock, by which a sweep judges its age.
func (f *folder) settle(h Holding, end string) error {
	path := pathOf(h)
	if err := f.root.Chtimes(path+end, h.Stored, h.Stored); err != nil {
		return err
	}
	if err := f.root.Rename(path+end, path); err != nil {
		return err
	}
	return f.sync(prefix + h.Context)
}

// remove deletes a file for good. One that is not there is fs.ErrNotExist, and
// was removed for good before.
func (f *folder) remove(contextID, file string) error {
	err := f.root.Remove(prefix + contextID + "/" + file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if failed := f.sync(prefix + contextID); failed != nil && !errors.Is(failed, fs.ErrNotExist) {
		return failed
	}
	return err
}

// discard removes what is left of a body that was not stored.
func (f *folder) discard(h Holding) error {
	var errs []error
	for _, file := range []string{h.File + partial, h.File} {
		if err := f.remove(h.Context, file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// sync brings the entries of a folder to the disk. Windows does so by itself
// and has no call for it.
func (f *folder) sync(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := f.root.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
