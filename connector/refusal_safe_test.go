// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// TestRefusalsSaySafeThings: who is denied, in a negotiation or when it asks
// for data, is told what it was offered and nothing else: no value that we
// compared, no credential, nothing of the access policy.
func TestRefusalsSaySafeThings(t *testing.T) {
	s := newSpace(t)
	supplier, maker := s.member(t, "supplier"), s.member(t, "maker")
	know(t, supplier, maker)
	file := filepath.Join(t.TempDir(), "seat.json")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	offer := func(access, usage policy.Policy) {
		t.Helper()
		err := supplier.Publish(t.Context(), []catalog.Asset{{ID: dataset, Source: catalog.Source{Type: catalog.SourceFile, Path: file}}},
			[]catalog.Offer{{ID: offerID, Assets: catalog.Selector{IDs: []string{dataset}}, Access: access, Usage: usage}})
		if err != nil {
			t.Fatal(err)
		}
	}
	const hidden = "of-the-access-policy"
	open := policy.Permit("use", policy.AnyOf(policy.ActiveMember(), policy.Says(trust.MembershipCredential, "role", policy.Eq, hidden)))
	shut := policy.Permit("use", policy.Says(trust.MembershipCredential, "role", policy.Eq, hidden))
	foreign := corporateNumber(4711)

	// In a negotiation.
	usage := policy.Permit("use", policy.CorporateNumber(foreign), policy.DirectCustomer())
	offer(open, usage)
	n := maker.negotiate(t, negotiation.Proposal{Peer: supplier.id, Dataset: dataset, Terms: negotiation.Terms{OfferID: offerID, Policy: usage}}, "TERMINATED")
	theirs, err := supplier.Negotiation(t.Context(), n.PeerPID)
	if err != nil || theirs.Verdict == nil || len(theirs.Claims.Credentials) != 2 {
		t.Fatalf("the verdict is %+v: %v", theirs.Verdict, err)
	}
	secrets := []string{corporateNumber(2), hidden, "role", "records", s.authority.id}
	for _, c := range theirs.Claims.Credentials {
		secrets = append(secrets, c.ID)
	}
	if !strings.Contains(theirs.Verdict.Reason, corporateNumber(2)) {
		t.Errorf("our own users are not told what was compared: %q", theirs.Verdict.Reason)
	}
	told := lastMessage(t, n.History)
	if !strings.Contains(told, foreign) || !strings.Contains(told, "does not hold") {
		t.Errorf("the peer is not told what it was offered: %s", told)
	}
	holdsNone(t, "the termination", told, secrets)

	// At a request for data.
	offer(open, policy.Permit("use"))
	n = maker.negotiate(t, proposalOf(supplier.id), "FINALIZED")
	p := maker.request(t, n.AgreementID, "STARTED")
	started, err := maker.Transfer(t.Context(), p.ID)
	if err != nil || started.DataAddress == nil {
		t.Fatalf("there is no address: %v", err)
	}
	ask := func() answer {
		t.Helper()
		token := strings.TrimPrefix(started.DataAddress.Get("authorization"), "Bearer ")
		return call(t, "GET", started.DataAddress.Endpoint, "Bearer "+token, "")
	}
	if got := ask(); got.status != 200 {
		t.Fatalf("the data came with status %d: %s", got.status, got.body)
	}
	offer(shut, policy.Permit("use"))
	if got := ask(); got.status/100 != 4 {
		t.Errorf("denied data came with status %d", got.status)
	} else {
		holdsNone(t, "the answer to a request for data", got.body, secrets)
	}
	maker.awaitTransfer(t, p.ID, "SUSPENDED", nil)
	stopped, err := maker.Transfer(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	told = lastMessage(t, stopped.History)
	if !strings.Contains(told, "no longer open") {
		t.Errorf("the suspension says %s", told)
	}
	holdsNone(t, "the suspension", told, secrets)

	// At the request for another transfer.
	again, err := maker.Request(t.Context(), transfer.RequestArgs{Agreement: n.AgreementID, Format: pull})
	if err != nil {
		t.Fatal(err)
	}
	maker.awaitTransfer(t, again.ID, "TERMINATED", nil)
	if stopped, err = maker.Transfer(t.Context(), again.ID); err != nil {
		t.Fatal(err)
	}
	holdsNone(t, "the termination of a transfer", lastMessage(t, stopped.History), secrets)
}

// lastMessage is the last one that came, without who sent it.
func lastMessage(t *testing.T, history []negotiation.Exchange) string {
	t.Helper()
	for _, e := range slices.Backward(history) {
		if e.Inbound {
			return string(e.Body)
		}
	}
	t.Fatal("nothing came")
	return ""
}

func holdsNone(t *testing.T, what, text string, secrets []string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%s holds %q: %s", what, secret, text)
		}
	}
}
