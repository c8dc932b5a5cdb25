// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector/explain"
	"github.com/musubi-ods/musubi/internal/testkit"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// purposes are what the offer of these tests asks for, beside a relation.
const (
	allowed = policy.PurposeCFPAggregation
	other   = policy.PurposePriceNegotiation
)

// guarded puts the dataset on offer to members, for direct customers with a
// purpose, twice.
func (n *node) guarded(t testing.TB) policy.Policy {
	t.Helper()
	usage := policy.Permit("use", policy.DirectCustomer(), policy.ForPurpose(allowed), policy.Times(2)).Forbid(policy.Distribute)
	err := n.Publish(t.Context(),
		[]catalog.Asset{{ID: dataset, Properties: map[string]any{"dct:title": "A seat"}, Source: catalog.Source{Type: catalog.SourceFile, Path: "/dev/null"}}},
		[]catalog.Offer{{ID: offerID, Assets: catalog.Selector{IDs: []string{dataset}}, Access: policy.Permit("use", policy.ActiveMember()), Usage: usage}})
	if err != nil {
		t.Fatal(err)
	}
	return usage
}

// asks explains how a peer stands to the dataset.
func (n *node) asks(t testing.TB, q explain.Query) explain.Explanation {
	t.Helper()
	q.Asset = dataset
	e, err := n.Explain(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// answers are the three answers in short.
func answers(e explain.Explanation) string {
	text := ""
	for _, a := range []explain.Answer{e.Visible, e.Negotiable, e.Transferable} {
		if a.Yes {
			text += "yes "
		} else {
			text += "no "
		}
	}
	return strings.TrimSpace(text)
}

// helps fails unless some help has the text in it.
func helps(t testing.TB, a explain.Answer, text string) {
	t.Helper()
	if !slices.ContainsFunc(a.Help, func(h string) bool { return strings.Contains(h, text) }) {
		t.Errorf("the help is %q, want %q in it; the reason is %q", a.Help, text, a.Reason)
	}
}

// TestExplain follows a counterparty from the first look to the end: at each
// step the explanation says what then happens.
func TestExplain(t *testing.T) {
	s := newSpace(t)
	supplier, maker := s.member(t, "supplier"), s.member(t, "maker")
	know(t, supplier, maker)
	usage := supplier.guarded(t)
	q := explain.Query{Counterparty: maker.id}

	e := supplier.asks(t, q)
	if answers(e) != "no no no" || e.Claims.From != "none" || !e.KnownPeer || !strings.Contains(e.Claims.Note, "proved nothing") {
		t.Errorf("before its first message: %s, %+v", answers(e), e.Claims)
	}
	helps(t, e.Visible, "membership")

	if seen, err := maker.Catalog(t.Context(), supplier.id); err != nil || len(seen.Datasets) != 1 {
		t.Fatalf("the catalogue is %+v: %v", seen, err)
	}
	e = supplier.asks(t, q)
	if answers(e) != "yes no no" || e.Claims.From != "message" || len(e.Claims.Credentials) != 2 {
		t.Errorf("after a look at the catalogue: %s, %+v", answers(e), e.Claims)
	}
	helps(t, e.Negotiable, "musubi relations put")
	helps(t, e.Negotiable, "declare a purpose")
	golden(t, "explain-visible", e)

	refused := maker.negotiate(t, negotiation.Proposal{Peer: supplier.id, Dataset: dataset, Terms: negotiation.Terms{OfferID: offerID, Policy: usage}, AcceptUnenforced: true}, "TERMINATED")
	if n, err := supplier.Negotiation(t.Context(), refused.PeerPID); err != nil || n.Verdict == nil || n.Verdict.Reason != e.Offers[0].Negotiable.Reason {
		t.Errorf("the negotiation ended with %+v, explained was %q: %v", n.Verdict, e.Offers[0].Negotiable.Reason, err)
	}

	if _, err := supplier.PutRelation(t.Context(), trust.Relation{Party: "0188:" + corporateNumber(2), Kind: policy.DirectSupply}); err != nil {
		t.Fatal(err)
	}
	q.Declared = map[string][]string{"purpose": {other}}
	if e = supplier.asks(t, q); answers(e) != "yes no no" {
		t.Errorf("with another purpose: %s", answers(e))
	}
	helps(t, e.Negotiable, "declare a purpose that fits")
	q.Declared = map[string][]string{"purpose": {allowed}}
	if e = supplier.asks(t, q); answers(e) != "yes yes yes" || !strings.Contains(e.Transferable.Note, "no agreement is in force") {
		t.Errorf("with the purpose: %s, %+v", answers(e), e.Transferable)
	}
	explainAgreed(t, supplier, maker, usage)
	explainRevoked(t, s, supplier, maker)
}

// explainAgreed goes on with an agreement, of which all is used.
func explainAgreed(t *testing.T, supplier, maker *node, usage policy.Policy) {
	t.Helper()
	n := maker.negotiate(t, negotiation.Proposal{
		Peer: supplier.id, Dataset: dataset, Terms: negotiation.Terms{OfferID: offerID, Policy: usage},
		Declare: map[string][]string{"purpose": {allowed}}, AcceptUnenforced: true,
	}, "FINALIZED")
	if _, err := supplier.AwaitNegotiation(t.Context(), n.PeerPID, patience, func(n negotiation.Negotiation) bool { return n.State == "FINALIZED" }); err != nil {
		t.Fatal(err)
	}
	q := explain.Query{Counterparty: maker.id}
	for i := range 2 {
		e := supplier.asks(t, q)
		if answers(e) != "yes yes yes" || e.Transferable.By != n.AgreementID || e.Declared.From != n.PeerPID {
			t.Fatalf("transfer %d: %s, %+v, declared in %q", i, answers(e), e.Transferable, e.Declared.From)
		}
		maker.request(t, n.AgreementID, "STARTED")
	}
	e := supplier.asks(t, q)
	if answers(e) != "yes yes no" {
		t.Errorf("the agreement is used up: %s, %+v", answers(e), e.Transferable)
	}
	helps(t, e.Transferable, "used up")
	golden(t, "explain-used-up", e)
	p, err := maker.Request(t.Context(), transfer.RequestArgs{Agreement: n.AgreementID, Format: pull})
	if err != nil {
		t.Fatal(err)
	}
	maker.awaitTransfer(t, p.ID, "TERMINATED", nil)
	if _, err := supplier.EndAgreement(t.Context(), n.AgreementID, "the test wants it"); err != nil {
		t.Fatal(err)
	}
	q.Agreement = n.AgreementID
	if e = supplier.asks(t, q); e.Transferable.Yes || e.Transferable.Reason != "the agreement is not in force" {
		t.Errorf("the agreement was ended: %+v", e.Transferable)
	}
}

// explainRevoked ends with the membership: every message is refused.
func explainRevoked(t *testing.T, s *space, supplier, maker *node) {
	t.Helper()
	issued, err := s.authority.Issuer().Credentials(t.Context(), maker.id)
	if err != nil || len(issued) == 0 {
		t.Fatalf("issued were %+v: %v", issued, err)
	}
	for _, one := range issued {
		if _, err := s.authority.Issuer().Revoke(t.Context(), one.ID, "the test wants it"); err != nil {
			t.Fatal(err)
		}
	}
	e := supplier.asks(t, explain.Query{Counterparty: maker.id})
	if answers(e) != "no no no" || !strings.Contains(e.Claims.Refused, "V80") || !strings.Contains(e.Visible.Reason, "refused now") {
		t.Errorf("after the revocation: %s, %+v", answers(e), e.Claims)
	}
}

// TestExplainQuery: claims of the query, and what cannot be asked.
func TestExplainQuery(t *testing.T) {
	supplier := startNode(t, "memory:", "supplier")
	supplier.guarded(t)
	f, err := policy.Sample{Participant: "urn:x", Credentials: []policy.SampleCredential{{Type: trust.MembershipCredential}}}.Facts(policy.AtCatalog, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	e := supplier.asks(t, explain.Query{Counterparty: "urn:x", Claims: &f.Claims})
	if answers(e) != "yes no no" || e.Claims.From != "query" || e.KnownPeer {
		t.Errorf("%s by %+v", answers(e), e.Claims)
	}
	if _, err := supplier.Explain(t.Context(), explain.Query{Asset: "urn:none", Counterparty: "urn:x"}); !errors.Is(err, catalog.ErrNotFound) {
		t.Errorf("an asset that does not exist: %v", err)
	}
	if _, err := supplier.Explain(t.Context(), explain.Query{Asset: dataset, Counterparty: "urn:x", Agreement: "urn:none"}); !errors.Is(err, negotiation.ErrNoAgreement) {
		t.Errorf("an agreement that does not exist: %v", err)
	}
	if _, err := supplier.Explain(t.Context(), explain.Query{Asset: dataset, Counterparty: "urn:x", Declared: map[string][]string{"my own": {"x"}}}); !errors.Is(err, policy.ErrMalformed) {
		t.Errorf("a declaration that is none: %v", err)
	}
	err = supplier.Publish(t.Context(), []catalog.Asset{{ID: "urn:example:bare"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err = supplier.Explain(t.Context(), explain.Query{Asset: "urn:example:bare", Counterparty: "urn:x"})
	if err != nil || answers(e) != "no no no" || e.Visible.Reason != "no offer is about the asset" {
		t.Errorf("an asset without an offer: %s, %+v, %v", answers(e), e.Visible, err)
	}
}

// TestExplainRules: what a rule of the offer refuses is not negotiable, and
// what a person decides is said so.
func TestExplainRules(t *testing.T) {
	for do, want := range map[catalog.Answer]struct{ answers, note string }{
		catalog.Accept: {"yes yes yes", ""}, catalog.Approve: {"yes yes yes", "a person decides"}, catalog.Refuse: {"yes no no", ""},
	} {
		t.Run(string(do), func(t *testing.T) {
			supplier := startNode(t, "memory:", "supplier")
			supplier.publish(t, catalog.Source{}, catalog.Rule{Counterparty: "urn:x", Do: do})
			e := supplier.asks(t, explain.Query{Counterparty: "urn:x"})
			if answers(e) != want.answers || e.Negotiable.Note != want.note {
				t.Errorf("%s, %+v", answers(e), e.Negotiable)
			}
		})
	}
}

// golden compares an answer, without what changes from run to run.
func golden(t testing.TB, name string, v any) {
	t.Helper()
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, r := range []struct{ what, by string }{
		{`urn:uuid:[0-9a-f-]{36}`, "urn:uuid:ID"},
		{`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z`, "TIME"},
		{`localhost(%3A|:)[0-9]+`, "localhost"},
	} {
		text = regexp.MustCompile(r.what).ReplaceAllString(text, r.by)
	}
	testkit.Golden(t, "connector/testdata/"+name+".json", text+"\n")
}
