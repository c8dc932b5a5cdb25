// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/policy"
)

// agreeAlways is a decider that agrees to whatever is on the table.
var agreeAlways = negotiation.DeciderFunc(func(ctx context.Context, n negotiation.Negotiation) (negotiation.Decision, error) {
	if n.Role == "provider" && n.State == "REQUESTED" {
		return negotiation.Decision{Act: negotiation.Agree}, nil
	}
	return negotiation.Rules{}.Decide(ctx, n)
})

const declaredByConsumer = "https://maker.example/purpose/price-negotiation-of-2026"

func forCFP() policy.Policy {
	return policy.Permit("use", policy.ForPurpose(policy.PurposeCFPAggregation))
}

// proposes asks for the dataset with a purpose.
func proposes(peer string, terms policy.Policy, purpose ...string) negotiation.Proposal {
	p := negotiation.Proposal{Peer: peer, Dataset: dataset, Terms: negotiation.Terms{OfferID: offerID, Policy: terms}}
	if len(purpose) > 0 {
		p.Declare = map[string][]string{"purpose": purpose}
	}
	return p
}

func (n *node) offersOn(t testing.TB, usage policy.Policy, rules ...catalog.Rule) {
	t.Helper()
	err := n.Publish(t.Context(),
		[]catalog.Asset{{ID: dataset, Properties: map[string]any{"dct:title": "A seat"}}},
		[]catalog.Offer{{ID: offerID, Assets: catalog.Selector{IDs: []string{dataset}}, Access: policy.Permit("use"), Usage: usage, Rules: rules}})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDeniedTerms: whoever decides, a provider agrees to nothing that the
// policy denies this consumer; it keeps why, and tells the consumer which term
// it is and no more. The twin with the right purpose is concluded.
func TestDeniedTerms(t *testing.T) {
	t.Parallel()
	counter := policy.Permit("use", policy.ForPurpose(policy.PurposeCFPAggregation), policy.Times(5))
	for name, tc := range map[string]struct {
		decider negotiation.Decider // of the provider
		asked   policy.Policy
	}{
		"by the rules":                         {negotiation.Rules{}, forCFP()},
		"by a decider of the user's own":       {agreeAlways, forCFP()},
		"before a person is asked":             {negotiation.Approval{}, forCFP()},
		"the consumer's counter-offer, judged": {agreeAlways, counter},
	} {
		t.Run(name, func(t *testing.T) {
			provider, consumer := pairOn(t, func(string) string { return "memory:" }, []connector.Option{connector.WithNegotiationDecider(tc.decider)}, nil)
			provider.offersOn(t, forCFP())
			for _, purpose := range [][]string{nil, {declaredByConsumer}} {
				n := consumer.negotiate(t, proposes(provider.id, tc.asked, purpose...), "TERMINATED")
				theirs := provider.awaitNegotiation(t, n.PeerPID, "TERMINATED")
				if n.AgreementID != "" || theirs.AgreementID != "" {
					t.Errorf("there is an agreement: %q, %q", n.AgreementID, theirs.AgreementID)
				}
				if e, err := provider.ExplainProcess(t.Context(), theirs.ID); err != nil || e.Verdict == nil || len(e.Help) == 0 ||
					!strings.Contains(e.Explanation, e.Verdict.Reason) || !strings.Contains(e.Explanation, "declare a purpose") {
					t.Errorf("it is explained as %+v: %v", e, err)
				}
				if v := theirs.Verdict; v == nil || v.Permit || v.Point != policy.AtNegotiation || len(v.Rules) == 0 {
					t.Errorf("the verdict is not kept: %+v", v)
				} else if len(purpose) > 0 && !strings.Contains(v.Reason, declaredByConsumer) {
					t.Errorf("our own users are not told what was declared: %q", v.Reason)
				}
				for _, text := range []string{n.TerminatedFor, theirs.TerminatedFor} {
					if !strings.Contains(text, "purpose isAnyOf") || strings.Contains(text, declaredByConsumer) {
						t.Errorf("the consumer is told %q", text)
					}
				}
				if all, err := provider.Agreements(t.Context(), negotiation.AgreementQuery{}); err != nil || len(all) != 0 {
					t.Errorf("%d agreements are kept: %v", len(all), err)
				}
			}
			opened, err := consumer.Negotiate(t.Context(), proposes(provider.id, tc.asked, policy.PurposeCFPAggregation))
			if err != nil {
				t.Fatal(err)
			}
			if _, person := tc.decider.(negotiation.Approval); person {
				mine := consumer.awaitNegotiation(t, opened.ID, "REQUESTED")
				provider.awaitPerson(t, mine.PeerPID, "REQUESTED")
				if _, err := provider.Approve(t.Context(), mine.PeerPID); err != nil {
					t.Fatal(err)
				}
			}
			consumer.awaitNegotiation(t, opened.ID, "FINALIZED")
		})
	}
}

// TestPersonCannotAgree: what has come to be denied while a request waited for
// a person stays with that person, with the reason.
func TestPersonCannotAgree(t *testing.T) {
	provider, consumer := pairOn(t, func(string) string { return "memory:" }, []connector.Option{connector.WithNegotiationDecider(negotiation.Approval{})}, nil)
	usage := policy.Permit("use", policy.DirectCustomer())
	v := &venue{desk: provider, consumer: consumer}
	v.relates(t)
	provider.offersOn(t, usage)
	n, err := consumer.Negotiate(t.Context(), proposes(provider.id, usage))
	if err != nil {
		t.Fatal(err)
	}
	n = consumer.awaitNegotiation(t, n.ID, "REQUESTED")
	provider.awaitPerson(t, n.PeerPID, "REQUESTED")
	if err := provider.Unrelate(t.Context(), consumer.id, policy.DirectSupply); err != nil {
		t.Fatal(err)
	}
	acts := map[string]func() error{
		"approves": func() error { _, err := provider.Approve(t.Context(), n.PeerPID); return err },
		"agrees": func() error {
			_, err := provider.Act(t.Context(), n.PeerPID, negotiation.Decision{Act: negotiation.Agree})
			return err
		},
		"agrees to other terms of the kind": func() error {
			terms := negotiation.Terms{OfferID: offerID, Policy: policy.Permit("use", policy.DirectCustomer(), policy.Times(1))}
			_, err := provider.Act(t.Context(), n.PeerPID, negotiation.Decision{Act: negotiation.Agree, Terms: &terms})
			return err
		},
		"agrees tomorrow": func() error {
			_, err := provider.Act(t.Context(), n.PeerPID, negotiation.Decision{Act: negotiation.Agree, After: 24 * time.Hour})
			return err
		},
	}
	for name, act := range acts {
		var no *engine.Refusal
		if err := act(); !errors.As(err, &no) || no.Code != "policy-denied" || !strings.Contains(no.Reason, "supplyRelation eq direct does not hold") {
			t.Errorf("a person who %s gets %v", name, err)
		}
	}
	if got := provider.awaitNegotiation(t, n.PeerPID, "REQUESTED"); got.AgreementID != "" {
		t.Errorf("there is an agreement: %s", got.AgreementID)
	}
	v.relates(t)
	if _, err := provider.Approve(t.Context(), n.PeerPID); err != nil {
		t.Errorf("mended: %v", err)
	}
	provider.awaitNegotiation(t, n.PeerPID, "FINALIZED")
}

// TestDifferences: who asks for other terms is told which, and a person who
// decides about them sees them.
func TestDifferences(t *testing.T) {
	offered, asked := policy.Permit("use", policy.Times(3)), policy.Permit("use", policy.Times(9))
	t.Run("refused", func(t *testing.T) {
		provider, consumer := pair(t)
		provider.offersOn(t, offered)
		n := consumer.negotiate(t, proposes(provider.id, asked), "TERMINATED")
		if want := "permission[0]: count lteq 9 is asked for instead of lteq 3"; !strings.Contains(n.TerminatedFor, want) {
			t.Errorf("it ended for %q, want %q", n.TerminatedFor, want)
		}
	})
	t.Run("shown to a person", func(t *testing.T) {
		provider, consumer := pair(t)
		provider.offersOn(t, offered, catalog.Rule{Do: "approve"})
		n, err := consumer.Negotiate(t.Context(), proposes(provider.id, asked))
		if err != nil {
			t.Fatal(err)
		}
		n = consumer.awaitNegotiation(t, n.ID, "REQUESTED")
		provider.awaitPerson(t, n.PeerPID, "REQUESTED")
		waits, err := provider.Negotiation(t.Context(), n.PeerPID)
		if err != nil {
			t.Fatal(err)
		}
		want := policy.Difference{Change: policy.Changed, Place: "permission[0]", Term: policy.LeftCount, Offered: "count lteq 3", Asked: "count lteq 9"}
		if got := waits.Differences(); len(got) != 1 || got[0] != want {
			t.Errorf("the differences are %+v", got)
		}
		if mine := consumer.awaitNegotiation(t, n.ID, "REQUESTED"); len(mine.Differences()) != 0 {
			t.Errorf("the consumer differs from itself: %+v", mine.Differences())
		}
	})
}

// TestExpiredCredential: a company whose credentials have expired negotiates
// nothing; renewed, the same request is concluded.
func TestExpiredCredential(t *testing.T) {
	t.Parallel()
	v := newVenue(t, injected, true, time.Hour)
	v.offers(t, policy.Permit("use"), policy.Permit("use", policy.ActiveMember()))
	v.clock.turn(61 * time.Minute)
	if _, err := v.space.authority.Issuer().SignTrustList(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	n, err := v.consumer.Negotiate(t.Context(), proposes(v.desk.id, policy.Permit("use", policy.ActiveMember())))
	if err != nil {
		t.Fatal(err)
	}
	n, err = v.consumer.AwaitNegotiation(t.Context(), n.ID, patience, func(n negotiation.Negotiation) bool { return n.LastError != nil })
	if err != nil || n.LastError.Code != "http-401" || n.AgreementID != "" {
		t.Fatalf("the request is %+v: %v", n, err)
	}
	refused := v.desk.Refusals(v.consumer.id)
	if len(refused) == 0 {
		t.Fatal("nobody was refused")
	}
	t.Logf("refused: %s %s", refused[0].Check, refused[0].Reason)
	if all, err := v.desk.Negotiations(t.Context(), negotiation.Filter{}); err != nil || len(all) != 0 {
		t.Errorf("there are %d negotiations: %v", len(all), err)
	}
	v.holdsOnly(t, time.Hour)
	v.clock.turn(2 * time.Minute) // when it tries again, however often it has
	v.consumer.awaitNegotiation(t, n.ID, "FINALIZED")
}

// TestRevokedAfterTheAgreement: the next pull is refused and not a byte comes,
// though nothing was running; so is the next transfer.
func TestRevokedAfterTheAgreement(t *testing.T) {
	t.Parallel()
	v := newVenue(t, injected, true, 0)
	v.offers(t, policy.Permit("use"), policy.Permit("use", policy.ActiveMember()))
	n := v.consumer.negotiate(t, proposes(v.desk.id, policy.Permit("use", policy.ActiveMember())), "FINALIZED")
	p := v.consumer.request(t, n.AgreementID, "STARTED")
	mark(t, v.space.authority.Issuer().Revoke, v.space.membershipOf(t, v.consumer.id))
	v.clock.turn(3 * time.Second)
	got := fetch(t, *p.DataAddress)
	if got.status != 403 || !strings.Contains(got.body, `"code":"policy-denied"`) && !strings.Contains(got.body, `"code":"transfer-ended"`) || v.source.asked.Load() != 0 {
		t.Errorf("the next pull gets %d %.300s; the source was asked %d times", got.status, got.body, v.source.asked.Load())
	}
	v.consumer.awaitTransfer(t, p.ID, "TERMINATED", nil)
	again, err := v.consumer.Request(t.Context(), transfer.RequestArgs{Agreement: n.AgreementID, Format: pull})
	if err != nil {
		t.Fatal(err)
	}
	again, err = v.consumer.AwaitTransfer(t.Context(), again.ID, patience, func(p transfer.Process) bool { return p.LastError != nil })
	if err != nil || again.LastError.Code != "http-401" || v.desk.Refusals(v.consumer.id)[0].Check != "V80" {
		t.Errorf("the next transfer is %+v: %v", again, err)
	}
}

// TestRevokedBeforeItIsAgreed: a person who decides long after the request
// agrees with nobody whose membership was revoked since.
func TestRevokedBeforeItIsAgreed(t *testing.T) {
	t.Parallel()
	v := newVenue(t, injected, true, 0)
	usage := policy.Permit("use", policy.ActiveMember())
	v.offers(t, policy.Permit("use"), usage, catalog.Rule{Do: catalog.Approve})
	n := v.consumer.negotiate(t, proposes(v.desk.id, usage), "REQUESTED")
	v.desk.awaitPerson(t, n.PeerPID, "REQUESTED")
	mark(t, v.space.authority.Issuer().Revoke, v.space.membershipOf(t, v.consumer.id))
	v.clock.turn(2 * time.Minute)
	if _, err := v.desk.Approve(t.Context(), n.PeerPID); err == nil || !strings.Contains(err.Error(), "V80") {
		t.Errorf("it is approved: %v", err)
	}
	if all, err := v.desk.Agreements(t.Context(), negotiation.AgreementQuery{}); err != nil || len(all) != 0 {
		t.Errorf("there are %d agreements: %v", len(all), err)
	}
}

// TestClosedBeforeItIsAgreed: an offer that was closed to the consumer while its
// request waited for a person is not agreed to, and the consumer is not told why.
func TestClosedBeforeItIsAgreed(t *testing.T) {
	provider, consumer := pair(t)
	provider.offersOn(t, forCFP(), catalog.Rule{Do: catalog.Approve})
	n := consumer.negotiate(t, proposes(provider.id, forCFP(), policy.PurposeCFPAggregation), "REQUESTED")
	provider.awaitPerson(t, n.PeerPID, "REQUESTED")
	err := provider.Publish(t.Context(), nil, []catalog.Offer{{
		ID: offerID, Assets: catalog.Selector{IDs: []string{dataset}}, Access: policy.Permit("use", policy.DirectCustomer()), Usage: forCFP(),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Approve(t.Context(), n.PeerPID); err == nil || !strings.Contains(err.Error(), "supplyRelation") {
		t.Errorf("it is approved: %v", err)
	}
	if all, err := provider.Agreements(t.Context(), negotiation.AgreementQuery{}); err != nil || len(all) != 0 {
		t.Errorf("there are %d agreements: %v", len(all), err)
	}
}
