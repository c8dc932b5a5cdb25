// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps_test

import "testing"

// TestDPS has a subtest for each test of the kit, under its name.
func TestDPS(t *testing.T) {
	t.Parallel()
	testDataPlane(t)
	controlPlaneTests(t)
}
