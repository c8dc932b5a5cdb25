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
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust/policy"
)

func approval() connector.Option { return connector.WithNegotiationDecider(negotiation.Approval{}) }

// distribute are terms that this connector does not offer by itself: a right
// that goes beyond use, without a condition that somebody would have to check.
func distribute() policy.Policy { return policy.Permit("distribute") }

// awaitPerson waits until a negotiation is in the approval queue.
func (n *node) awaitPerson(t *testing.T, id, state string) negotiation.Negotiation {
	t.Helper()
	got, err := n.AwaitNegotiation(t.Context(), id, patience, func(g negotiation.Negotiation) bool {
		return g.WaitingFor == "person" && g.State == state
	})
	if err != nil {
		t.Fatalf("%s: %s waits for %q in %s: %v", n.name, id, got.WaitingFor, got.State, err)
	}
	return got
}

// TestProposal: the provider begins, and a person at the consumer approves.
func TestProposal(t *testing.T) {
	onEachStore(t, func(t *testing.T, store func(string) string) {
		provider, consumer := pairOn(t, store, nil, []connector.Option{approval()})
		provider.publish(t, catalog.Source{})
		made, err := provider.Propose(t.Context(), negotiation.Proposal{
			Peer: consumer.id, Dataset: dataset, Terms: negotiation.Terms{OfferID: offerID},
		})
		if err != nil {
			t.Fatal(err)
		}
		made = provider.awaitNegotiation(t, made.ID, "OFFERED")
		waits := consumer.awaitPerson(t, made.PeerPID, "OFFERED")
		if waits.Role != "consumer" || waits.Offered.OfferID != offerID || !policy.Equal(waits.Offered.Policy, policy.Permit("use")) {
			t.Errorf("the person sees %+v", waits.Offered)
		}
		if _, err := consumer.Approve(t.Context(), waits.ID); err != nil {
			t.Fatal(err)
		}
		done := consumer.awaitNegotiation(t, waits.ID, "FINALIZED")
		provider.awaitNegotiation(t, made.ID, "FINALIZED")
		sameAgreement(t, provider, consumer, done.AgreementID)
	})
}

// TestApprovalQueue: a person at the provider agrees, or does not.
func TestApprovalQueue(t *testing.T) {
	provider, consumer := pair(t)
	provider.publish(t, catalog.Source{}, catalog.Rule{Do: catalog.Approve})
	for _, yes := range []bool{true, false} {
		n := consumer.negotiate(t, proposalOf(provider.id), "REQUESTED")
		waits := provider.awaitPerson(t, n.PeerPID, "REQUESTED")
		if yes {
			if _, err := provider.Approve(t.Context(), waits.ID); err != nil {
				t.Fatal(err)
			}
			n = consumer.awaitNegotiation(t, n.ID, "FINALIZED")
			provider.awaitNegotiation(t, n.PeerPID, "FINALIZED")
			continue
		}
		no := negotiation.Decision{Act: negotiation.Terminate, Reason: "not this year"}
		if _, err := provider.Act(t.Context(), waits.ID, no); err != nil {
			t.Fatal(err)
		}
		provider.awaitNegotiation(t, n.PeerPID, "TERMINATED")
		if n = consumer.awaitNegotiation(t, n.ID, "TERMINATED"); !strings.Contains(n.TerminatedFor, "not this year") {
			t.Errorf("the consumer reads %q", n.TerminatedFor)
		}
	}
}

// TestRuleCounters: a rule of the provider answers with other terms. The
// consumer's built-in rules leave them to a person.
func TestRuleCounters(t *testing.T) {
	provider, consumer := pair(t)
	// The counter-offer has a right more, which only an unenforced agreement
	// of the provider could carry: so it is its own terms that differ.
	asked := distribute()
	use := policy.Permit("use")
	provider.publish(t, catalog.Source{}, catalog.Rule{Do: catalog.Counter, Counter: &use})
	p := proposalOf(provider.id)
	p.Terms.Policy, p.AcceptUnenforced = asked, true
	n, err := consumer.Negotiate(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	waits := consumer.awaitPerson(t, n.ID, "OFFERED")
	if !policy.Equal(waits.Offered.Policy, use) || waits.OfferedBy != "provider" {
		t.Fatalf("the counter-offer is %+v by the %s", waits.Offered, waits.OfferedBy)
	}
	if _, err := consumer.Approve(t.Context(), n.ID); err != nil {
		t.Fatal(err)
	}
	done := consumer.awaitNegotiation(t, n.ID, "FINALIZED")
	provider.awaitNegotiation(t, done.PeerPID, "FINALIZED")
	sameAgreement(t, provider, consumer, done.AgreementID)
}

// TestConsumerCounters: the consumer does not take a counter-offer and makes
// another; the provider's person then agrees to that.
func TestConsumerCounters(t *testing.T) {
	provider, consumer := pairOn(t, func(string) string { return "memory:" }, []connector.Option{approval()}, []connector.Option{approval()})
	provider.publish(t, catalog.Source{})
	n := consumer.negotiate(t, proposalOf(provider.id), "REQUESTED")
	provider.awaitPerson(t, n.PeerPID, "REQUESTED")
	counter := func(who *node, id string, act negotiation.Act, offer string) {
		t.Helper()
		terms := negotiation.Terms{OfferID: offer, Policy: policy.Permit("use")}
		if _, err := who.Act(t.Context(), id, negotiation.Decision{Act: act, Terms: &terms}); err != nil {
			t.Fatal(err)
		}
	}
	counter(provider, n.PeerPID, negotiation.Offer, "urn:example:offer:second")
	consumer.awaitPerson(t, n.ID, "OFFERED")
	counter(consumer, n.ID, negotiation.Request, "urn:example:offer:third")
	waits := provider.awaitPerson(t, n.PeerPID, "REQUESTED")
	if waits.Offered.OfferID != "urn:example:offer:third" || waits.OfferedBy != "consumer" {
		t.Errorf("on the table is %+v by the %s", waits.Offered, waits.OfferedBy)
	}
	if _, err := provider.Approve(t.Context(), n.PeerPID); err != nil {
		t.Fatal(err)
	}
	done := consumer.awaitNegotiation(t, n.ID, "FINALIZED")
	provider.awaitNegotiation(t, n.PeerPID, "FINALIZED")
	sameAgreement(t, provider, consumer, done.AgreementID)
	var messages []string
	for _, e := range done.History {
		messages = append(messages, e.Message)
	}
	want := "ContractRequestMessage ContractOfferMessage ContractRequestMessage ContractAgreementMessage ContractAgreementVerificationMessage ContractNegotiationEventMessage:FINALIZED"
	if got := strings.Join(messages, " "); got != want {
		t.Errorf("the history is\n%s, want\n%s", got, want)
	}
}

// TestOwnDecider: an embedder's decider haggles until the third offer, from
// the history alone.
func TestOwnDecider(t *testing.T) {
	offers := func(n negotiation.Negotiation) (count int) {
		for _, e := range n.History {
			if e.Message == "ContractOfferMessage" {
				count++
			}
		}
		return count
	}
	haggle := connector.WithNegotiationDecider(negotiation.DeciderFunc(func(ctx context.Context, n negotiation.Negotiation) (negotiation.Decision, error) {
		switch {
		case n.Role == "provider" && n.State == "REQUESTED":
			terms := n.Offered
			terms.OfferID += "'"
			return negotiation.Decision{Act: negotiation.Offer, Terms: &terms}, nil
		case n.Role == "consumer" && n.State == "OFFERED" && offers(n) < 3:
			return negotiation.Decision{Act: negotiation.Request}, nil
		}
		if n.State == "ACCEPTED" && n.Role == "provider" {
			return negotiation.Decision{Act: negotiation.Agree}, nil
		}
		return negotiation.Rules{}.Decide(ctx, n)
	}))
	provider, consumer := pair(t, haggle)
	provider.publish(t, catalog.Source{})
	n := consumer.negotiate(t, proposalOf(provider.id), "FINALIZED")
	if got := offers(n); got != 3 || n.Offered.OfferID != offerID+"'''" {
		t.Errorf("%d offers, the last %q", got, n.Offered.OfferID)
	}
	provider.awaitNegotiation(t, n.PeerPID, "FINALIZED")
	sameAgreement(t, provider, consumer, n.AgreementID)
}

// TestTermination: each side can end it in each state that waits, and the
// other reads why.
func TestTermination(t *testing.T) {
	t.Parallel()
	provider, consumer := pair(t, approval())
	provider.publish(t, catalog.Source{})
	for _, c := range []struct {
		state      string
		byProvider bool
	}{{"REQUESTED", true}, {"REQUESTED", false}, {"OFFERED", true}, {"OFFERED", false}} {
		name := c.state + " by the consumer"
		if c.byProvider {
			name = c.state + " by the provider"
		}
		t.Run(name, func(t *testing.T) {
			n := consumer.negotiate(t, proposalOf(provider.id), "REQUESTED")
			provider.awaitPerson(t, n.PeerPID, "REQUESTED")
			if c.state == "OFFERED" {
				if _, err := provider.Act(t.Context(), n.PeerPID, negotiation.Decision{Act: negotiation.Offer}); err != nil {
					t.Fatal(err)
				}
				consumer.awaitPerson(t, n.ID, "OFFERED")
				provider.awaitNegotiation(t, n.PeerPID, "OFFERED")
			}
			ends, id := consumer, n.ID
			if c.byProvider {
				ends, id = provider, n.PeerPID
			}
			if _, err := ends.Act(t.Context(), id, negotiation.Decision{Act: negotiation.Terminate, Reason: "enough"}); err != nil {
				t.Fatal(err)
			}
			for who, pid := range map[*node]string{consumer: n.ID, provider: n.PeerPID} {
				if got := who.awaitNegotiation(t, pid, "TERMINATED"); !strings.Contains(got.TerminatedFor, "enough") || got.WaitingFor != "" {
					t.Errorf("%s: terminated for %q, waits for %q", who.name, got.TerminatedFor, got.WaitingFor)
				}
			}
			if _, err := ends.Approve(t.Context(), id); err == nil {
				t.Error("what has ended was approved")
			}
		})
	}
}

// TestDenied: what the peer may see and not have is refused after a 201, with
// the reason; what it may not see does not exist.
func TestDenied(t *testing.T) {
	provider, consumer := pair(t)
	provider.publish(t, catalog.Source{}, catalog.Rule{Counterparty: consumer.id, Do: catalog.Refuse, Reason: "only for dealers"})
	n := consumer.negotiate(t, proposalOf(provider.id), "TERMINATED")
	if n.PeerPID == "" {
		t.Error("the request was not taken with a 201: there is no pid of the provider")
	}
	if !strings.Contains(n.TerminatedFor, "only for dealers") || n.AgreementID != "" {
		t.Errorf("terminated for %q, agreement %q", n.TerminatedFor, n.AgreementID)
	}
	other := proposalOf(provider.id)
	other.Dataset = "urn:example:dataset:secret"
	n = consumer.negotiate(t, other, "TERMINATED")
	if n.PeerPID != "" || n.LastError == nil || !strings.Contains(n.LastError.Reason, "404") {
		t.Errorf("an unknown dataset: pid %q, last error %+v", n.PeerPID, n.LastError)
	}
	if _, err := provider.Negotiation(t.Context(), n.ID); err == nil {
		t.Error("the provider keeps the consumer's id")
	}
}

// TestUnpublishable: nothing is offered that nobody can judge.
func TestUnpublishable(t *testing.T) {
	n := startNode(t, "memory:", "supplier")
	err := n.Publish(t.Context(),
		[]catalog.Asset{{ID: dataset}},
		[]catalog.Offer{{
			ID: offerID, Assets: catalog.Selector{All: true}, Access: policy.Permit("use"),
			Usage: policy.Permit("use", policy.Atomic{Left: "dateTime", Operator: policy.Lt, Right: policy.Text("some day")}),
		}})
	if !errors.Is(err, policy.ErrUnenforceable) || !strings.Contains(err.Error(), "dateTime") {
		t.Errorf("published a constraint: %v", err)
	}
	if _, err := n.ImportAgreement(t.Context(), negotiation.Imported{
		ID: "a", Role: "consumer", Peer: "urn:example:nobody", Target: dataset, Policy: policy.Permit("use"),
	}); err == nil {
		t.Error("imported an agreement with somebody unknown")
	}
}

// TestImportedCountsFromItsConclusion: an agreement that is moved here grants no
// more time than it did where it was concluded.
func TestImportedCountsFromItsConclusion(t *testing.T) {
	provider, consumer := pair(t)
	provider.publish(t, catalog.Source{})
	within := func(id string, age time.Duration) (err error) {
		for _, side := range []struct {
			n    *node
			role string
			peer string
		}{{provider, "provider", consumer.id}, {consumer, "consumer", provider.id}} {
			_, failed := side.n.ImportAgreement(t.Context(), negotiation.Imported{
				ID: id, Role: side.role, Peer: side.peer, Target: dataset, Policy: policy.Permit("use", policy.AtMost("PT1H")), Concluded: time.Now().Add(-age),
			})
			err = errors.Join(err, failed)
		}
		return err
	}
	for id, want := range map[string]string{"urn:example:young": "STARTED", "urn:example:old": "TERMINATED"} {
		if err := within(id, map[string]time.Duration{"STARTED": time.Minute, "TERMINATED": 2 * time.Hour}[want]); err != nil {
			t.Fatal(err)
		}
		consumer.request(t, id, want)
	}
	if err := within("urn:example:to-come", -time.Hour); err == nil {
		t.Error("an agreement of tomorrow was imported")
	}
}
