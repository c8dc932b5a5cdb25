// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import (
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/jose"
)

// sign signs claims for whom the key belongs to; typ and cty go into the
// header.
func sign(claims any, key jose.Key, owner, typ, cty string) (string, error) {
	if did.Owner(key.ID) != owner || owner == "" {
		return "", unusablef("the key %q is not one of %q", key.ID, owner)
	}
	return jose.SignTyped(claims, key, jose.Type{Typ: typ, Cty: cty})
}

// seconds is a NumericDate without a fraction; nil, to be left out, for no
// time.
func seconds(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	s := t.Unix()
	return &s
}

// date is a dateTime that every reader understands: UTC, written Z, without a
// fraction.
func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Truncate(time.Second).Format(time.RFC3339)
}
