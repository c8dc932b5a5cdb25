// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/trust/policy"
)

// TestSnapshotDecides: what was agreed counts, whatever becomes of the terms
// of the offer, in both directions; new agreements are on the new ones.
func TestSnapshotDecides(t *testing.T) {
	t.Parallel()
	provider, consumer := pair(t)
	file := filepath.Join(t.TempDir(), "seat.json")
	if err := os.WriteFile(file, []byte(cellData), 0o600); err != nil {
		t.Fatal(err)
	}
	offers := func(usage policy.Policy) {
		t.Helper()
		err := provider.Publish(t.Context(),
			[]catalog.Asset{{ID: dataset, Source: catalog.Source{Type: catalog.SourceFile, Path: file}}},
			[]catalog.Offer{{ID: offerID, Assets: catalog.Selector{IDs: []string{dataset}}, Access: policy.Permit("use"), Usage: usage}})
		if err != nil {
			t.Fatal(err)
		}
	}
	agrees := func(usage policy.Policy) string {
		t.Helper()
		p := proposalOf(provider.id)
		p.Terms.Policy = usage
		return consumer.negotiate(t, p, "FINALIZED").AgreementID
	}
	free, limited, closed := policy.Permit("use"), policy.Permit("use", policy.Times(1)), forCFP()

	offers(free)
	old := agrees(free)
	running := consumer.request(t, old, "STARTED")
	offers(limited)
	once := agrees(limited)
	consumer.request(t, once, "STARTED")
	offers(closed) // to those who declare nothing
	for range 2 {
		if got := consumer.pulled(t, consumer.request(t, old, "STARTED").ID); got != cellData {
			t.Errorf("under the first agreement %q is pulled", got)
		}
	}
	if got := consumer.pulled(t, running.ID); got != cellData {
		t.Errorf("the transfer that runs brings %q", got)
	}

	offers(free)
	if p := consumer.request(t, once, "TERMINATED"); !strings.Contains(p.StoppedFor, "count lteq 1 does not hold") {
		t.Errorf("under the second agreement a second transfer ended for %q", p.StoppedFor)
	}
	for id, usage := range map[string]policy.Policy{old: free, once: limited} {
		a, err := provider.Agreement(t.Context(), id)
		if err != nil || a.PolicyHash != usage.Hash() {
			t.Errorf("the agreement is of the policy %s, want %s: %v", a.PolicyHash, usage.Hash(), err)
		}
	}
}
