// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/trust"
)

type secretRow struct {
	Name    string
	Changed int64
}

func (r *secretRow) named() (trust.NamedSecret, error) {
	return trust.NamedSecret{Name: r.Name, Changed: rule.Time(r.Changed)}, nil
}

func secretPlace(contextID, name string) place {
	return place{contextID, "named_secret", name, "value"}
}

// PutSecret implements trust.SecretStore.
func (d *domain) PutSecret(ctx context.Context, contextID, name, value string, now time.Time) error {
	if err := rule.Secret(contextID, name, value, now); err != nil {
		return err
	}
	text, err := d.seal.close([]byte(value), secretPlace(contextID, name))
	if err != nil {
		return err
	}
	return d.write(ctx, d.do(`INSERT INTO named_secret (context, name, value, changed) VALUES (?, ?, ?, ?)
		ON CONFLICT (context, name) DO UPDATE SET value = excluded.value, changed = excluded.changed`,
		contextID, name, *text, rule.Micro(now)))
}

// Secret implements trust.SecretStore.
func (d *domain) Secret(ctx context.Context, contextID, name string) (string, error) {
	var rows []string
	if err := d.read(ctx, &rows, `SELECT value FROM named_secret WHERE context = ? AND name = ?`, contextID, name); err != nil {
		return "", fmt.Errorf("reading a secret: %w", err)
	}
	text, err := first(rows, trust.ErrNoSecret)
	if err != nil {
		return "", err
	}
	value, err := d.seal.open(&text, secretPlace(contextID, name))
	return string(value), err
}

// Secrets implements trust.SecretStore.
func (d *domain) Secrets(ctx context.Context, contextID string) ([]trust.NamedSecret, error) {
	var rows []secretRow
	if err := d.read(ctx, &rows, `SELECT name, changed FROM named_secret WHERE context = ? ORDER BY name`, contextID); err != nil {
		return nil, fmt.Errorf("reading secrets: %w", err)
	}
	return each(rows, (*secretRow).named)
}

// DeleteSecret implements trust.SecretStore.
func (d *domain) DeleteSecret(ctx context.Context, contextID, name string) error {
	st := d.do(`DELETE FROM named_secret WHERE context = ? AND name = ?`, contextID, name)
	st.want, st.otherwise = 1, trust.ErrNoSecret
	return d.write(ctx, st)
}
