// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/negotiation"
)

// TestEveryIDOfTheKit: whatever the kit's settings name, the script plays and
// the seed holds.
func TestEveryIDOfTheKit(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(testkit.Shared(t), "conformance", "dsp", "kit.properties"))
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, a := range agreements() {
		known = append(known, a.ID)
	}
	published := datasets()
	found := 0
	for _, m := range regexp.MustCompile(`(?m)^(CN|CN_C|TP|TP_C)_\d\d_\d\d_(DATASETID|AGREEMENTID)=(\S+)`).FindAllStringSubmatch(string(text), -1) {
		found++
		protocol, id := m[1], m[3]
		switch protocol {
		case "CN", "CN_C":
			if _, ok := negotiations[id]; !ok {
				t.Errorf("no script for the dataset %s", id)
			}
			if protocol == "CN" && !slices.Contains(published, id) {
				t.Errorf("the dataset %s is not published", id)
			}
		default:
			if !slices.Contains(known, id) {
				t.Errorf("the agreement %s is not imported", id)
			}
		}
	}
	if found < 60 {
		t.Errorf("the kit's settings name %d ids; there should be more", found)
	}
}

func TestScriptCountsReturns(t *testing.T) {
	history := []negotiation.Exchange{
		{Inbound: true, Message: "ContractRequestMessage"},
		{Message: "ContractOfferMessage", Outcome: "acknowledged"},
	}
	n := negotiation.Negotiation{Dataset: "ACN0102", State: "REQUESTED", Role: "provider", History: history}
	if d, err := (Script{}).Decide(t.Context(), n); err != nil || d.Act != negotiation.Offer {
		t.Errorf("the first request: %+v, %v", d, err)
	}
	n.History = append(n.History, negotiation.Exchange{Inbound: true, Message: "ContractRequestMessage"})
	if d, err := (Script{}).Decide(t.Context(), n); err != nil || d.Act != negotiation.Terminate {
		t.Errorf("the second request: %+v, %v", d, err)
	}
}
