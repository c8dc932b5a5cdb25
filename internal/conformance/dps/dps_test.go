// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps_test

import "testing"

// TestDPS are the tests of the Data Plane Signaling kit, by the kit's ids.
func TestDPS(t *testing.T) {
	testControlPlane(t)
	testDataPlane(t)
}
