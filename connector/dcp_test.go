// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

// TestMembersTrade: two companies get their credentials from an authority and
// trade, each message proved both ways.
func TestMembersTrade(t *testing.T) {
	s := newSpace(t)
	supplier, maker := s.member(t, "supplier"), s.member(t, "maker")
	know(t, supplier, maker)
	upstream := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("one seat")) }))
	supplier.publish(t, catalog.Source{Type: catalog.SourceHTTP, URL: upstream})

	found, err := maker.Catalog(t.Context(), supplier.id)
	if err != nil || len(found.Datasets) != 1 {
		t.Fatalf("the catalogue has %d datasets: %v", len(found.Datasets), err)
	}
	n := maker.negotiate(t, proposalOf(supplier.id), "FINALIZED")
	transferred := maker.request(t, n.AgreementID, "STARTED")
	if got := maker.pulled(t, transferred.ID); got != "one seat" {
		t.Errorf("pulled %q", got)
	}

	for who, other := range map[*node]*node{maker: supplier, supplier: maker} {
		a, err := who.Agreement(t.Context(), n.AgreementID)
		if err != nil {
			t.Fatal(err)
		}
		if a.Claims.Participant != other.id || len(a.Claims.Credentials) != 2 {
			t.Errorf("%s keeps with the agreement: %s, %d credentials", who.name, a.Claims.Participant, len(a.Claims.Credentials))
		}
		if id, ok := a.Claims.Primary(); !ok || id.Scheme != trust.CorporateNumber {
			t.Errorf("%s does not know the corporate number of %s: %v", who.name, other.name, id)
		}
	}
}

// TestStrangersAreRefused: without credentials nothing is shown, and the
// refusal names the check to us and nothing to them.
func TestStrangersAreRefused(t *testing.T) {
	s := newSpace(t)
	supplier, stranger := s.member(t, "supplier"), s.stranger(t, "stranger")
	know(t, supplier, stranger)
	if _, err := stranger.Catalog(t.Context(), supplier.id); err == nil {
		t.Fatal("a stranger saw the catalogue")
	}
	refused := supplier.Refusals(stranger.id)
	if len(refused) != 1 || refused[0].Check != "V47" || refused[0].SupportID == "" {
		t.Errorf("refusals: %+v", refused)
	}
	without := call(t, http.MethodPost, supplier.url+"/catalog/request", "", catalogRequest)
	if without.status != http.StatusUnauthorized || !strings.Contains(without.body, "support id") || strings.Contains(without.body, "V01") {
		t.Errorf("without a token: %d %s", without.status, without.body)
	}
}

const catalogRequest = `{"@context":["https://w3id.org/dspace/2025/1/context.jsonld"],"@type":"CatalogRequestMessage"}`

// TestV42_AnotherParty: a member that acts on the negotiation or the transfer
// of two others finds nothing there, and its counterparty is told who tried.
func TestV42_AnotherParty(t *testing.T) {
	s := newSpace(t)
	supplier, maker, third := s.member(t, "supplier"), s.member(t, "maker"), s.member(t, "third")
	know(t, supplier, maker)
	know(t, supplier, third)
	upstream := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("one seat")) }))
	supplier.publish(t, catalog.Source{Type: catalog.SourceHTTP, URL: upstream})
	n := maker.negotiate(t, proposalOf(supplier.id), "FINALIZED")
	moved := maker.request(t, n.AgreementID, "STARTED")

	negotiated, transferred := supplier.url+"/negotiations/"+n.PeerPID, supplier.url+"/transfers/"+moved.PeerPID
	termination := func(message, consumerPID, providerPID string) string {
		return `{"@context":["https://w3id.org/dspace/2025/1/context.jsonld"],"@type":"` + message + `","consumerPid":"` + consumerPID +
			`","providerPid":"` + providerPID + `","code":"1"}`
	}
	calls := map[string][3]string{
		"a negotiation is looked at":  {http.MethodGet, negotiated, ""},
		"a transfer is looked at":     {http.MethodGet, transferred, ""},
		"a negotiation is terminated": {http.MethodPost, negotiated + "/termination", termination("ContractNegotiationTerminationMessage", n.ID, n.PeerPID)},
		"a transfer is terminated":    {http.MethodPost, transferred + "/termination", termination("TransferTerminationMessage", moved.ID, moved.PeerPID)},
	}
	t.Run("refused", func(t *testing.T) {
		for name, c := range calls {
			before := len(supplier.Refusals(third.id))
			got := call(t, c[0], c[1], third.token(t, supplier.id), c[2])
			refused := supplier.Refusals(third.id)
			if got.status != http.StatusNotFound || strings.Contains(got.body, "V42") || len(refused) != before+1 || refused[0].Check != "V42" {
				t.Errorf("%s: %d %s; %+v", name, got.status, got.body, refused)
			}
		}
	})
	t.Run("accepted", func(t *testing.T) {
		for _, name := range []string{"a negotiation is looked at", "a transfer is looked at", "a transfer is terminated"} {
			c := calls[name]
			if got := call(t, c[0], c[1], maker.token(t, supplier.id), c[2]); got.status != http.StatusOK {
				t.Errorf("%s: %d %s", name, got.status, got.body)
			}
		}
		if refused := supplier.Refusals(maker.id); len(refused) != 0 {
			t.Errorf("refused: %+v", refused)
		}
	})
}

// TestOneTokenOneMessage: a token that came with one message is worth nothing
// with the same again, with another, or with a look.
func TestOneTokenOneMessage(t *testing.T) {
	s := newSpace(t)
	supplier, maker := s.member(t, "supplier"), s.member(t, "maker")
	know(t, supplier, maker)
	upstream := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("one seat")) }))
	supplier.publish(t, catalog.Source{Type: catalog.SourceHTTP, URL: upstream})
	n := maker.negotiate(t, proposalOf(supplier.id), "FINALIZED")
	one, two := maker.request(t, n.AgreementID, "STARTED"), maker.request(t, n.AgreementID, "STARTED")
	terminate := func(p transfer.Process, token string) (status int) {
		return call(t, http.MethodPost, supplier.url+"/transfers/"+p.PeerPID+"/termination", token,
			`{"@context":["https://w3id.org/dspace/2025/1/context.jsonld"],"@type":"TransferTerminationMessage","consumerPid":"`+p.ID+
				`","providerPid":"`+p.PeerPID+`","code":"1"}`).status
	}
	token := maker.token(t, supplier.id)
	statuses := make([]int, 8)
	var group sync.WaitGroup
	for i := range statuses {
		group.Go(func() { statuses[i] = terminate(one, token) })
	}
	group.Wait()
	slices.Sort(statuses)
	if statuses[0] != http.StatusOK || statuses[1] != http.StatusUnauthorized || statuses[7] != http.StatusUnauthorized {
		t.Errorf("the same message eight times with one token: %v", statuses)
	}
	if got := terminate(two, token); got != http.StatusUnauthorized {
		t.Errorf("another message: %d", got)
	}
	look := supplier.url + "/transfers/" + two.PeerPID
	if got := call(t, http.MethodGet, look, token, ""); got.status != http.StatusUnauthorized {
		t.Errorf("a look: %d %s", got.status, got.body)
	}
	if got := call(t, http.MethodGet, look, maker.token(t, supplier.id), ""); got.status != http.StatusOK || !strings.Contains(got.body, "STARTED") {
		t.Errorf("after it: %d %s", got.status, got.body)
	}
	if refused := supplier.Refusals(maker.id); len(refused) != 9 || refused[0].Check != "V38" {
		t.Errorf("refused: %+v", refused)
	}
}

// TestRevocation: the next message of a company whose membership is revoked,
// or suspended, is refused; a restored one works again.
func TestRevocation(t *testing.T) {
	s := newSpace(t)
	supplier, maker := s.member(t, "supplier"), s.member(t, "maker")
	know(t, supplier, maker)
	supplier.publish(t, catalog.Source{})
	works := func(want bool, check string) {
		t.Helper()
		before := len(supplier.Refusals(maker.id))
		_, err := maker.Catalog(t.Context(), supplier.id)
		if (err == nil) != want {
			t.Fatalf("works: %v, want %v", err, want)
		}
		if refused := supplier.Refusals(maker.id); !want && (len(refused) != before+1 || refused[0].Check != check) {
			t.Errorf("refused: %+v, want %s", refused, check)
		}
	}
	membership := s.membershipOf(t, maker.id)
	works(true, "")
	mark(t, s.authority.Issuer().Suspend, membership)
	works(false, "V81")
	mark(t, s.authority.Issuer().Restore, membership)
	works(true, "")
	mark(t, s.authority.Issuer().Revoke, membership)
	works(false, "V80")
	if _, err := s.authority.Issuer().Restore(t.Context(), membership[0], "a mistake"); err == nil {
		t.Error("a revoked credential was restored")
	}
}

// membershipOf are the ids of a company's memberships, one in each profile.
func (s *space) membershipOf(t testing.TB, who string) []string {
	t.Helper()
	issued, err := s.authority.Issuer().Credentials(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, c := range issued {
		if c.Type == trust.MembershipCredential && c.State == issuer.Active {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// mark changes the status of credentials.
func mark(t testing.TB, act func(ctx context.Context, id, reason string) (issuer.Credential, error), ids []string) {
	t.Helper()
	for _, id := range ids {
		if _, err := act(t.Context(), id, "the test wants it"); err != nil {
			t.Fatal(err)
		}
	}
}
