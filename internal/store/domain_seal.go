// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strconv"
)

// seal encrypts secrets at rest. What it makes is bound to its place: moved to
// another row or column it does not open.
type seal struct{ aead cipher.AEAD }

// place is where a sealed text stands. The empty context is of no participant.
type place struct{ context, table, key, column string }

// bytes are the additional data: no two places have the same.
func (p place) bytes() (out []byte) {
	for _, part := range []string{p.context, p.table, p.key, p.column} {
		out = append(strconv.AppendInt(out, int64(len(part)), 10), ':')
		out = append(out, part...)
	}
	return out
}

// close encrypts; nothing stays NULL. The text is base64 of nonce and
// ciphertext.
func (s seal) close(plain []byte, at place) (*string, error) {
	switch {
	case len(plain) == 0:
		return nil, nil
	case s.aead == nil:
		return nil, fmt.Errorf("%s %q: %w", at.table, at.key, ErrNoSeal)
	}
	nonce := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+len(plain)+s.aead.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	text := base64.RawStdEncoding.EncodeToString(s.aead.Seal(nonce, nonce, plain, at.bytes()))
	return &text, nil
}

// open decrypts what close made for the same place.
func (s seal) open(text *string, at place) ([]byte, error) {
	switch {
	case text == nil:
		return nil, nil
	case s.aead == nil:
		return nil, fmt.Errorf("%s %q: %w", at.table, at.key, ErrNoSeal)
	}
	raw, err := base64.RawStdEncoding.DecodeString(*text)
	size := s.aead.NonceSize()
	if err == nil && len(raw) >= size {
		var plain []byte
		if plain, err = s.aead.Open(nil, raw[:size], raw[size:], at.bytes()); err == nil {
			return plain, nil
		}
	}
	return nil, fmt.Errorf("%s %q, %s: %w, or the row was altered", at.table, at.key, at.column, ErrSeal)
}

// probe is what table seal holds, sealed.
const probe = "musubi"

// checkSeal finds out that the key is another one than the database was first
// opened with. Of several processes that open it at the same time the first
// one's key counts.
func (d *domain) checkSeal(ctx context.Context) error {
	if d.seal.aead == nil {
		return nil
	}
	const find = `SELECT probe FROM seal WHERE one = 1`
	at := place{table: "seal", key: "1", column: "probe"}
	var known []string
	if err := d.read(ctx, &known, find); err != nil {
		return err
	}
	if len(known) == 0 {
		text, err := d.seal.close([]byte(probe), at)
		if err != nil {
			return err
		}
		err = d.transact(ctx, func(tx transaction) error {
			known = nil
			st := d.do(`INSERT INTO seal (one, probe) VALUES (1, ?) ON CONFLICT DO NOTHING`, *text)
			if err := tx.exec(ctx, st); err != nil {
				return err
			}
			return tx.query(ctx, &known, find)
		})
		if err != nil {
			return err
		}
	}
	text, err := first(known, ErrSeal)
	if err != nil {
		return err
	}
	if plain, err := d.seal.open(&text, at); err != nil || string(plain) != probe {
		return fmt.Errorf("%w; name the key file that belongs to it", ErrSeal)
	}
	return nil
}
