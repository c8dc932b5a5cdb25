// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dps_test

import (
	"strings"
	"sync/atomic"
	"testing"
)

// ofTheKit is how many tests the kit has.
const ofTheKit = 38

// passed counts those of the kit that passed.
var passed atomic.Int32

// counted counts a test of the kit once it has passed.
func counted(t *testing.T) {
	if !strings.HasPrefix(t.Name(), "TestDPS/") {
		return
	}
	t.Cleanup(func() {
		if !t.Failed() && !t.Skipped() {
			passed.Add(1)
		}
	})
}

// TestDPS has a subtest for each test of the kit, under its name.
func TestDPS(t *testing.T) {
	t.Parallel()
	if n := len(dpCases) + len(dpHTTPCases) + len(controlPlane); n != ofTheKit {
		t.Errorf("there are %d tests, and the kit has %d", n, ofTheKit)
	}
	t.Cleanup(func() { t.Logf("%d of %d", passed.Load(), ofTheKit) })
	dataPlaneTests(t)
	controlPlaneTests(t)
}
