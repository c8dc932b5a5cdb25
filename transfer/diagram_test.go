// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"testing"

	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/transfer"
)

func TestTheTableIsInTheDocs(t *testing.T) {
	table := transfer.NewDomain(nil, nil, nil).Table()
	testkit.Golden(t, "docs/statemachines/transfer.md", testkit.Diagram("Transfer process", table))
}

// TestTheTableIsTheSpecifications holds the table against the transitions of
// DSP 2025-1, section 9, and the one besides: the provider's answer.
func TestTheTableIsTheSpecifications(t *testing.T) {
	want := map[string]bool{" consumer TransferRequestMessage REQUESTED": true, "REQUESTED provider TransferStartMessage STARTED": true}
	for _, by := range []string{"consumer", "provider"} {
		want["STARTED "+by+" TransferSuspensionMessage SUSPENDED"] = true
		want["STARTED "+by+" TransferCompletionMessage COMPLETED"] = true
		want["SUSPENDED "+by+" TransferStartMessage STARTED"] = true
		for _, from := range []string{"REQUESTED", "STARTED", "SUSPENDED"} {
			want[from+" "+by+" TransferTerminationMessage TERMINATED"] = true
		}
	}
	want["STARTED provider TransferStartMessage STARTED"] = true
	for _, row := range transfer.NewDomain(nil, nil, nil).Table().Rows {
		line := string(row.From) + " " + string(row.By) + " " + string(row.Message) + " " + string(row.To)
		if !want[line] {
			t.Errorf("%s is not in the specification", line)
		}
		delete(want, line)
		if row.From == row.To && row.Guard == nil {
			t.Errorf("%s is legal without a question", line)
		}
	}
	for line := range want {
		t.Errorf("%s is missing", line)
	}
}
