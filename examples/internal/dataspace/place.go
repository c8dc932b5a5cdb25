// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataspace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Workplace is the folder in which each company gets a folder of its own: keep,
// or a temporary one that done removes.
func Workplace(keep, name string) (home string, done func(), err error) {
	if keep != "" {
		return keep, func() {}, os.MkdirAll(keep, 0o700)
	}
	dir, err := os.MkdirTemp("", name)
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

// SetAside moves what an earlier run has stored in these folders, and the
// registrar's, into a folder of its own, and returns that. Connectors listen
// elsewhere in each run, and who a company is on the wire follows from where:
// none of its credentials and none of its peers would be right any more.
func SetAside(home string, folders ...string) (string, error) {
	var used []string
	for _, folder := range append([]string{RegistrarFolder}, folders...) {
		if _, err := os.Stat(filepath.Join(home, folder, Database)); err == nil {
			used = append(used, folder)
		}
	}
	if used == nil {
		return "", nil
	}
	for n := 1; ; n++ {
		aside := filepath.Join(home, fmt.Sprintf("_earlier-%d", n))
		err := os.Mkdir(aside, 0o700)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		for _, folder := range used {
			if err == nil {
				err = os.Rename(filepath.Join(home, folder), filepath.Join(aside, folder))
			}
		}
		return aside, err
	}
}
