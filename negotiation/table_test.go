// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"testing"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/testkit"
)

func TestTheTableIsInTheDocs(t *testing.T) {
	testkit.Golden(t, "docs/statemachines/negotiation.md", testkit.Diagram("Contract negotiation", table))
}

// TestTheTableIsTheSpecifications holds the table against the transitions of
// DSP 2025-1, 7.1: what may be sent, and what besides is accepted.
func TestTheTableIsTheSpecifications(t *testing.T) {
	sent := map[string]bool{}
	for _, line := range []string{
		" consumer request REQUESTED", " provider offer OFFERED",
		"REQUESTED provider offer OFFERED", "REQUESTED provider agreement AGREED",
		"OFFERED consumer request REQUESTED", "OFFERED consumer accepted ACCEPTED",
		"ACCEPTED provider agreement AGREED", "AGREED consumer verification VERIFIED", "VERIFIED provider finalized FINALIZED",
		"REQUESTED consumer termination TERMINATED", "REQUESTED provider termination TERMINATED",
		"OFFERED consumer termination TERMINATED", "OFFERED provider termination TERMINATED",
		"ACCEPTED provider termination TERMINATED", "VERIFIED provider termination TERMINATED", "AGREED consumer termination TERMINATED",
	} {
		sent[line] = true
	}
	names := map[engine.Message]string{
		request: "request", offer: "offer", agreement: "agreement", verification: "verification",
		accepted: "accepted", finalized: "finalized", termination: "termination",
	}
	for _, row := range table.Rows {
		line := string(row.From) + " " + string(row.By) + " " + names[row.Message] + " " + string(row.To)
		switch {
		case row.ReceiveOnly && (row.Message != termination || table.IsFinal(row.From)):
			t.Errorf("%s is accepted without the specification having it", line)
		case !row.ReceiveOnly && !sent[line]:
			t.Errorf("%s is not in the specification", line)
		}
		delete(sent, line)
	}
	for line := range sent {
		t.Errorf("%s is missing", line)
	}
}
