// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"testing"

	"github.com/musubi-ods/musubi/internal/freeport"
)

// FreeAddress is an address of this machine where nobody listens (freeport).
func FreeAddress(t testing.TB) string {
	t.Helper()
	at, err := freeport.Address()
	if err != nil {
		t.Fatal(err)
	}
	return at
}
