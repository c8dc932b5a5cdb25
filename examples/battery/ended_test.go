// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/examples/internal/dataspace"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// After the run every negotiation and every transfer has ended, on both sides, and
// there is one agreement for each pair, however often data went under it.
func (p played) allHasEnded(t *testing.T) {
	bought := map[string]int{} // agreement → how many companies have it
	denied := 0
	for _, row := range p.chain.Companies {
		c, err := open(t.Context(), row, p.home, time.Minute, dataspace.FictionalNumber(1), dcp.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		agreements, err := c.Participant.Agreements(t.Context(), negotiation.AgreementQuery{})
		if err != nil {
			t.Error(err)
		}
		for _, a := range agreements {
			bought[a.ID]++
		}
		denied += ended(t, c)
		if err := c.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		if row.ID == p.firms[oem].id && len(agreements) != 1 {
			t.Errorf("the OEM has %d agreements", len(agreements))
		}
	}
	for id, companies := range bought {
		if companies != 2 || !strings.Contains(p.transcript, id) {
			t.Errorf("%d companies have agreement %s", companies, id)
		}
	}
	if denied != 4 { // one negotiation and one transfer were shown to be denied, to both sides
		t.Errorf("%d processes were terminated", denied)
	}
	if len(bought) != p.sales() {
		t.Errorf("%d agreements, want %d", len(bought), p.sales())
	}
}

func ended(t *testing.T, c *company) (denied int) {
	t.Helper()
	negotiations, err := c.Participant.Negotiations(t.Context(), negotiation.Filter{})
	if err != nil || len(negotiations) == 0 {
		t.Errorf("%s: %d negotiations, %v", c.ID, len(negotiations), err)
	}
	for _, n := range negotiations {
		if n.State == dataspace.Terminated && (n.Role == "consumer" || n.Verdict != nil) {
			denied++
		} else if n.State != dataspace.Finalized {
			t.Errorf("%s: negotiation %s is %s", c.ID, n.ID, n.State)
		}
	}
	transfers, err := c.Participant.Transfers(t.Context(), transfer.Filter{})
	if err != nil || len(transfers) <= len(negotiations) {
		t.Errorf("%s: %d transfers under %d agreements, %v", c.ID, len(transfers), len(negotiations), err)
	}
	for _, p := range transfers {
		if p.State == dataspace.Terminated && (p.Role == "consumer" || p.Verdict != nil) {
			denied++
		} else if p.State != dataspace.Completed {
			t.Errorf("%s: transfer %s is %s", c.ID, p.ID, p.State)
		}
	}
	return denied
}
