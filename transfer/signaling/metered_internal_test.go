// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"strconv"
	"testing"
)

// TestMeteredIsBounded: a plane that lives for years meets any number of
// agreements.
func TestMeteredIsBounded(t *testing.T) {
	t.Parallel()
	var m metered
	for i := range mostMetered + 10 {
		m.put("us", strconv.Itoa(i), "p")
		if len(m.by) > mostMetered {
			t.Fatalf("%d agreements are remembered", len(m.by))
		}
	}
	if len(m.by) != mostMetered {
		t.Errorf("%d agreements are remembered", len(m.by))
	}
	m.put("us", "a", "first")
	m.put("us", "a", "second")
	if process, ok := m.get("us", "a"); !ok || process != "second" {
		t.Error(process, ok)
	}
	if process, ok := m.get("others", "a"); ok {
		t.Error(process)
	}
}
