// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps_test

import (
	"os"
	"testing"

	"github.com/musubi-ods/musubi/internal/testkit"
)

func TestMain(m *testing.M) {
	testkit.AtOnce(6)
	os.Exit(m.Run())
}

// ofTheKit is how many tests the kit has.
const ofTheKit = 38

// TestDPS has a subtest for each test of the kit, under its name.
func TestDPS(t *testing.T) {
	t.Parallel()
	if n := len(dpCases) + len(dpHTTPCases) + len(controlPlane); n != ofTheKit {
		t.Errorf("there are %d tests, and the kit has %d", n, ofTheKit)
	}
	testDataPlane(t)
	testControlPlane(t)
}
