// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package testkit

import "testing"

// Occurred fails the test unless what its random cases have to reach did occur,
// since a law that was tried with permits only proves nothing. The few draws
// under -short may miss it, so that nothing is asked of them.
func Occurred(t *testing.T, occurred bool, format string, args ...any) {
	t.Helper()
	if !occurred && !testing.Short() {
		t.Errorf(format, args...)
	}
}
