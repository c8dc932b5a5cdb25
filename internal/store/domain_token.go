// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust"
)

// tokenUse is a token to be recorded.
type tokenUse struct {
	context string
	hash    []byte
	until   int64
}

func useOf(u trust.UsedToken) tokenUse {
	return tokenUse{u.Context, tokenHash(u.Issuer, u.TokenID), rule.Micro(u.Until)}
}

func (u tokenUse) insert() statement {
	return statement{
		query: `INSERT INTO used_token (context, hash, until) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		args:  []any{u.context, u.hash, u.until},
		want:  1, otherwise: trust.ErrUsed,
	}
}

// tokenHash stands for a token of an issuer. Both are texts of strangers, of
// any length and any bytes.
func tokenHash(issuer, tokenID string) []byte {
	h := sha256.New()
	var size [8]byte
	binary.BigEndian.PutUint64(size[:], uint64(len(issuer)))
	_, _ = h.Write(size[:])
	_, _ = h.Write([]byte(issuer))
	_, _ = h.Write([]byte(tokenID))
	return h.Sum(nil)
}

// UseToken implements dcp.ReplayStore. A record counts for as long as it is
// there: nothing tells the time here but DropTokens.
func (d *domain) UseToken(ctx context.Context, contextID, issuer, tokenID string, until time.Time) (bool, error) {
	if err := rule.Token(contextID, issuer, tokenID, until); err != nil {
		return false, err
	}
	err := d.use(ctx, useOf(trust.UsedToken{Context: contextID, Issuer: issuer, TokenID: tokenID, Until: until}))
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, trust.ErrUsed):
		return false, nil
	}
	return false, fmt.Errorf("recording a token: %w", err)
}

// ReleaseToken implements dcp.ReplayStore.
func (d *domain) ReleaseToken(ctx context.Context, contextID, issuer, tokenID string) error {
	return d.write(ctx, d.do(`DELETE FROM used_token WHERE context = ? AND hash = ?`, contextID, tokenHash(issuer, tokenID)))
}

// DropTokens implements dcp.ReplayStore. A token may be good at its very end
// still, and so its record stays.
func (d *domain) DropTokens(ctx context.Context, now time.Time, limit int) (int, error) {
	if limit <= 0 {
		return 0, nil
	}
	over := rule.Micro(now)
	var some []int64
	if err := d.read(ctx, &some, `SELECT until FROM used_token WHERE until < ? LIMIT 1`, over); err != nil || len(some) == 0 {
		return 0, err
	}
	var gone []int64
	err := d.transact(ctx, func(tx transaction) error {
		gone = nil
		return tx.query(ctx, &gone, d.dialect.text.Replace(`DELETE FROM used_token WHERE (context, hash) IN (
			SELECT context, hash FROM used_token WHERE until < ? ORDER BY until LIMIT ? {skip}) RETURNING until`), over, limit)
	})
	if err != nil {
		return 0, fmt.Errorf("forgetting tokens: %w", err)
	}
	return len(gone), nil
}
