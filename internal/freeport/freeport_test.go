// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package testkit_test

import (
	"net"
	"testing"

	"github.com/musubi-ods/musubi/internal/testkit"
)

func TestFreeAddress(t *testing.T) {
	given := map[string]bool{}
	for range 100 {
		at := testkit.FreeAddress(t)
		if given[at] {
			t.Fatalf("%s is given twice", at)
		}
		given[at] = true
	}
	at := testkit.FreeAddress(t)
	l, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
