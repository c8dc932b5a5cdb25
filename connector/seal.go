// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// sealer returns the cipher that secrets are encrypted with at rest: AES-256
// in Galois/Counter Mode under the configured key.
func (c Config) sealer() (cipher.AEAD, error) {
	key, err := c.masterKey()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// masterKey reads the key, or makes one where that is safe: beside a SQLite
// file that only this process uses, or for a store that is gone at the end.
func (c Config) masterKey() ([]byte, error) {
	path := c.KeyFile
	sqlite, isSQLite := strings.CutPrefix(c.Store, "sqlite:")
	switch {
	case c.Key != "":
		return parseKey(string(c.Key), "MUSUBI_KEY")
	case path == "" && isSQLite:
		path = sqlite + ".key"
	case path == "":
		return fresh()
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && isSQLite {
		if info, statErr := os.Stat(sqlite); statErr == nil && info.Size() > 0 {
			return nil, fmt.Errorf("keyFile: %s is missing, and the secrets in %s are encrypted with it; put your copy back", path, sqlite)
		}
		return create(path)
	}
	if err != nil {
		return nil, fmt.Errorf("keyFile: %w", err)
	}
	return parseKey(string(text), path)
}

func parseKey(text, origin string) ([]byte, error) {
	key, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s must hold 64 hex digits; make one with: openssl rand -hex 32", origin)
	}
	return key, nil
}

func fresh() ([]byte, error) {
	key := make([]byte, 32)
	_, err := rand.Read(key)
	return key, err
}

// create makes the key file, readable by its owner alone.
func create(path string) ([]byte, error) {
	key, err := fresh()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the key file: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("making the key file: %w", err)
	}
	if _, err := fmt.Fprintln(f, hex.EncodeToString(key)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return key, errors.Join(f.Sync(), f.Close())
}
