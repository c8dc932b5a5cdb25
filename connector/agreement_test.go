// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust/policy"
)

// TestWrongAgreement: an agreement that is not what the consumer asked for is
// refused with the reason, never verified, and not kept. Its twin without the
// fault is.
func TestWrongAgreement(t *testing.T) {
	t.Parallel()
	consumer := startNode(t, "memory:", "maker")
	s := newStranger(t, consumer)
	for name, c := range map[string]struct {
		fault  func(agreement object)
		reason string // empty: it is right
	}{
		"right":                     {func(object) {}, ""},
		"right, another word order": {func(a object) { a["permission"] = []object{{"action": "odrl:use"}} }, ""},
		"target":                    {func(a object) { a["target"] = "urn:example:dataset:other" }, "its target is"},
		"assigner":                  {func(a object) { a["assigner"] = "urn:example:somebody" }, "its assigner is"},
		"assignee":                  {func(a object) { a["assignee"] = "urn:example:somebody" }, "its assignee is"},
		"sides changed":             {func(a object) { a["assigner"], a["assignee"] = a["assignee"], a["assigner"] }, "its assigner is"},
		"more permissions":          {func(a object) { a["permission"] = append(use(), object{"action": "distribute"}) }, "its rules are not"},
		"another action":            {func(a object) { a["permission"] = []object{{"action": "distribute"}} }, "its rules are not"},
		"a constraint":              {func(a object) { a["permission"] = use(forOutput) }, "its rules are not"},
		"a prohibition":             {func(a object) { a["prohibition"] = []object{{"action": "derive"}} }, "its rules are not"},
		"an obligation":             {func(a object) { a["obligation"] = []object{{"action": "compensate"}} }, "its rules are not"},
		"a profile":                 {func(a object) { a["profile"] = "urn:example:profile" }, "its rules are not"},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := consumer.Negotiate(t.Context(), proposalOf(s.id))
			if err != nil {
				t.Fatal(err)
			}
			asked := s.expect(t, "ContractRequestMessage")
			n = consumer.awaitNegotiation(t, n.ID, "REQUESTED")
			a := s.agreement("urn:example:agreement:"+strings.ReplaceAll(name, " ", "-"), use())
			c.fault(a)
			s.must(t, at("negotiations", n.ID, "agreement"), message("ContractAgreementMessage", n.ID, n.PeerPID, "agreement", a))
			kept := c.reason == ""
			if kept {
				s.expect(t, "ContractAgreementVerificationMessage")
				consumer.awaitNegotiation(t, n.ID, "VERIFIED")
				s.must(t, at("negotiations", n.ID, "events"), message("ContractNegotiationEventMessage", n.ID, n.PeerPID, "eventType", "FINALIZED"))
				consumer.awaitNegotiation(t, n.ID, "FINALIZED")
			} else {
				end := s.expect(t, "ContractNegotiationTerminationMessage")
				if reason := fmt.Sprint(end.body["reason"]); !strings.Contains(reason, c.reason) || end.body["consumerPid"] != asked.body["consumerPid"] {
					t.Errorf("it ended with %v", end.body)
				}
				got := consumer.awaitNegotiation(t, n.ID, "TERMINATED")
				if !strings.Contains(got.Mismatch, c.reason) || !strings.Contains(got.TerminatedFor, c.reason) {
					t.Errorf("mismatch %q, terminated for %q", got.Mismatch, got.TerminatedFor)
				}
			}
			if _, err := consumer.Agreement(t.Context(), a["@id"].(string)); kept == errors.Is(err, negotiation.ErrNoAgreement) {
				t.Errorf("kept %t: %v", kept, err)
			}
			s.silent(t)
		})
	}
}

// forOutput is a constraint that nothing here enforces.
var forOutput = object{"leftOperand": policy.LeftOutput, "operator": "eq", "rightOperand": policy.OwnProductVerdict}

func outputAlone() policy.Policy {
	return policy.Permit("use", policy.Atomic{Left: policy.LeftOutput, Operator: policy.Eq, Right: policy.Text(policy.OwnProductVerdict)})
}

// TestVerifyMismatch: not even a user can have a wrong agreement verified.
func TestVerifyMismatch(t *testing.T) {
	consumer := startNode(t, "memory:", "maker", approval())
	s := newStranger(t, consumer)
	n, err := consumer.Negotiate(t.Context(), proposalOf(s.id))
	if err != nil {
		t.Fatal(err)
	}
	s.expect(t, "ContractRequestMessage")
	n = consumer.awaitNegotiation(t, n.ID, "REQUESTED")
	a := s.agreement("urn:example:agreement:1", use())
	a["assignee"] = "urn:example:somebody"
	s.must(t, at("negotiations", n.ID, "agreement"), message("ContractAgreementMessage", n.ID, n.PeerPID, "agreement", a))
	if _, err := consumer.Act(t.Context(), n.ID, negotiation.Decision{Act: negotiation.Verify}); err == nil {
		t.Error("a wrong agreement was verified")
	}
	s.expect(t, "ContractNegotiationTerminationMessage")
	consumer.awaitNegotiation(t, n.ID, "TERMINATED")
	s.silent(t)
}

// TestAcceptUnenforced: constraints that nobody here enforces are taken only
// by choice, and the agreement records it.
func TestAcceptUnenforced(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, store func(string) string) {
		consumer := startNode(t, store("maker"), "maker")
		s := newStranger(t, consumer)
		p := proposalOf(s.id)
		p.Terms.Policy = outputAlone()
		if _, err := consumer.Negotiate(t.Context(), p); err == nil || !strings.Contains(err.Error(), "acceptUnenforced") || !strings.Contains(err.Error(), "output") {
			t.Fatalf("a constraint was asked for without the choice: %v", err)
		}
		s.silent(t)

		p.AcceptUnenforced = true
		n, err := consumer.Negotiate(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		s.expect(t, "ContractRequestMessage")
		n = consumer.awaitNegotiation(t, n.ID, "REQUESTED")
		const id = "urn:example:agreement:bound"
		s.must(t, at("negotiations", n.ID, "agreement"), message("ContractAgreementMessage", n.ID, n.PeerPID, "agreement", s.agreement(id, use(forOutput))))
		s.expect(t, "ContractAgreementVerificationMessage")
		s.must(t, at("negotiations", n.ID, "events"), message("ContractNegotiationEventMessage", n.ID, n.PeerPID, "eventType", "FINALIZED"))
		consumer.awaitNegotiation(t, n.ID, "FINALIZED")
		a, err := consumer.Agreement(t.Context(), id)
		if err != nil || !a.Unenforced || !a.Final {
			t.Errorf("the agreement is %+v: %v", a, err)
		}
	})
}

// TestUnenforcedOffer: an offer with a constraint that the provider sends by
// itself, or as its counter-offer, is not taken without the choice either.
func TestUnenforcedOffer(t *testing.T) {
	consumer := startNode(t, "memory:", "maker")
	s := newStranger(t, consumer)
	ours := s.newPID()
	got := s.must(t, "/negotiations/offers", message("ContractOfferMessage", "", ours,
		"callbackAddress", s.url, "offer", offered("urn:example:offer:bound", dataset, use(forOutput))))
	id := got["consumerPid"].(string)
	consumer.awaitPerson(t, id, "OFFERED")
	if _, err := consumer.Approve(t.Context(), id); err == nil || !strings.Contains(err.Error(), "output") {
		t.Errorf("a person accepted a constraint without the choice: %v", err)
	}
	s.silent(t)
	if n, err := consumer.Negotiation(t.Context(), id); err != nil || n.State != "OFFERED" || n.Pending != "" {
		t.Errorf("the refused approval left %s, pending %q: %v", n.State, n.Pending, err)
	}
}
