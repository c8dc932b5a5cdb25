// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"context"
	"errors"
	"time"
)

// ErrNoSecret: the participant has no secret of this name.
var ErrNoSecret = errors.New("no such secret")

// NamedSecret says that a participant has a secret, and not which.
type NamedSecret struct {
	Name    string
	Changed time.Time
}

// SecretStore keeps the secrets that a participant's own configuration names,
// such as the password of a data source. Names are the participant's: nothing
// that came in a message is one.
type SecretStore interface {
	// PutSecret keeps a value under a name, instead of the one before.
	PutSecret(ctx context.Context, contextID, name, value string, now time.Time) error
	// Secret returns the value. ErrNoSecret.
	Secret(ctx context.Context, contextID, name string) (string, error)
	// Secrets lists the names in order, without the values.
	Secrets(ctx context.Context, contextID string) ([]NamedSecret, error)
	// DeleteSecret forgets one. ErrNoSecret.
	DeleteSecret(ctx context.Context, contextID, name string) error
}

// ValidSecretName reports whether a secret may have this name: 1 to 64 letters,
// digits, and . _ - inside.
func ValidSecretName(name string) bool {
	if name == "" || len(name) > 64 {
		return false
	}
	for i, c := range []byte(name) {
		word := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		mark := c == '.' || c == '_' || c == '-'
		if !word && (!mark || i == 0 || i == len(name)-1) {
			return false
		}
	}
	return true
}
