// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/policy"
)

// TestTrade goes the whole way between two connectors over HTTP.
func TestTrade(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, store func(string) string) {
		provider, consumer := pairOn(t, store, nil, nil)
		file := filepath.Join(t.TempDir(), "seat.json")
		const data = `{"kgCO2e": "12.5"}`
		if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		provider.publish(t, catalog.Source{Type: catalog.SourceFile, Path: file})

		seen, err := consumer.Catalog(t.Context(), provider.id)
		if err != nil || len(seen.Datasets) != 1 || seen.Datasets[0].ID != dataset {
			t.Fatalf("the catalogue is %+v: %v", seen, err)
		}
		one, err := consumer.Dataset(t.Context(), provider.id, dataset)
		if err != nil || len(one.Offers) != 1 || one.Offers[0].ID != offerID {
			t.Fatalf("the dataset is %+v: %v", one, err)
		}
		n := consumer.negotiate(t, negotiation.Proposal{
			Peer: provider.id, Dataset: one.ID, Snapshot: one.Document,
			Terms: negotiation.Terms{OfferID: one.Offers[0].ID, Policy: one.Offers[0].Policy},
		}, "FINALIZED")
		provider.awaitNegotiation(t, n.PeerPID, "FINALIZED")
		sameAgreement(t, provider, consumer, n.AgreementID)

		p := consumer.request(t, n.AgreementID, "STARTED")
		if got := consumer.pulled(t, p.ID); got != data {
			t.Errorf("pulled %q, want %q", got, data)
		}
		suspendAndResume(t, provider, consumer, p, data)

		consumer.does(t, p.ID, negotiation.Complete)
		consumer.awaitTransfer(t, p.ID, "COMPLETED", nil)
		provider.awaitTransfer(t, p.PeerPID, "COMPLETED", nil)
		if _, err := consumer.Pull(t.Context(), p.ID); !errors.Is(err, connector.ErrNoAddress) {
			t.Errorf("a pull after the end: %v, want ErrNoAddress", err)
		}
	})
}

// sameAgreement proves that both hold the same contract.
func sameAgreement(t *testing.T, provider, consumer *node, id string) {
	t.Helper()
	ours, err := consumer.Agreement(t.Context(), id)
	theirs, err2 := provider.Agreement(t.Context(), id)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	switch {
	case !ours.Final || !theirs.Final:
		t.Errorf("final at the consumer: %t, at the provider: %t", ours.Final, theirs.Final)
	case ours.DocumentHash != theirs.DocumentHash || ours.PolicyHash != theirs.PolicyHash:
		t.Errorf("the two hold different agreements:\n%s\n%s", ours.Document, theirs.Document)
	case ours.Assigner != provider.id || ours.Assignee != consumer.id || ours.Target != dataset || ours.Unenforced:
		t.Errorf("the agreement is %+v", ours)
	case ours.Role != "consumer" || theirs.Role != "provider":
		t.Errorf("the roles are %s and %s", ours.Role, theirs.Role)
	}
}

// suspendAndResume proves that no byte passes while the transfer is suspended,
// and that the resumption has a new address whose token alone is good.
func suspendAndResume(t *testing.T, provider, consumer *node, p transfer.Process, data string) {
	t.Helper()
	old := *consumer.awaitTransfer(t, p.ID, "STARTED", nil).DataAddress
	if got := fetch(t, old); got.status != http.StatusOK || got.body != data {
		t.Fatalf("the address gives %d %q", got.status, got.body)
	}
	consumer.does(t, p.ID, negotiation.Suspend)
	provider.awaitTransfer(t, p.PeerPID, "SUSPENDED", nil)
	consumer.awaitTransfer(t, p.ID, "SUSPENDED", nil)
	if got := fetch(t, old); got.status/100 != 4 || strings.Contains(got.body, data) {
		t.Errorf("suspended, the address gives %d %q", got.status, got.body)
	}
	if _, err := consumer.Pull(t.Context(), p.ID); !errors.Is(err, connector.ErrNoAddress) {
		t.Errorf("a pull while suspended: %v, want ErrNoAddress", err)
	}

	consumer.does(t, p.ID, negotiation.Start)
	resumed := consumer.awaitTransfer(t, p.ID, "STARTED", func(p transfer.Process) bool { return !p.AwaitsStart && p.DataAddress != nil })
	if got := consumer.pulled(t, p.ID); got != data {
		t.Errorf("resumed, pulled %q", got)
	}
	if got := fetch(t, old); got.status/100 != 4 {
		t.Errorf("the token from before the suspension gives %d after it", got.status)
	}
	if old.Get(transfer.PropertyAuthorization) == resumed.DataAddress.Get(transfer.PropertyAuthorization) {
		t.Error("the resumption brought the old token")
	}
}

// fetch reads from a data address by hand.
func fetch(t *testing.T, a transfer.DataAddress) answer {
	t.Helper()
	token := a.Get(transfer.PropertyAuthorization)
	if !strings.Contains(token, " ") {
		token = "Bearer " + token
	}
	return call(t, http.MethodGet, a.Endpoint, token, "")
}

// TestSuspensionCutsTheBody: a body that is on its way ends without its end.
func TestSuspensionCutsTheBody(t *testing.T) {
	t.Parallel()
	for _, side := range []string{"provider", "consumer"} {
		t.Run("by the "+side, func(t *testing.T) {
			provider, consumer := pair(t)
			source := slowSource(t)
			provider.publish(t, catalog.Source{Type: catalog.SourceHTTP, URL: source})
			n := consumer.negotiate(t, proposalOf(provider.id), "FINALIZED")
			p := consumer.request(t, n.AgreementID, "STARTED")
			body, err := consumer.Pull(t.Context(), p.ID)
			if err != nil {
				t.Fatal(err)
			}
			defer body.Close()
			first := make([]byte, len("first"))
			if _, err := io.ReadFull(body, first); err != nil {
				t.Fatal(err)
			}
			if side == "provider" {
				provider.does(t, p.PeerPID, negotiation.Suspend)
			} else {
				consumer.does(t, p.ID, negotiation.Suspend)
			}
			if rest, err := io.ReadAll(body); err == nil || len(rest) > 0 {
				t.Errorf("after the suspension came %q and %v, want an aborted body", rest, err)
			}
			consumer.awaitTransfer(t, p.ID, "SUSPENDED", nil)
			provider.awaitTransfer(t, p.PeerPID, "SUSPENDED", nil)
		})
	}
}

// slowSource sends the first bytes, and no more until the request ends.
func slowSource(t *testing.T) string {
	t.Helper()
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "first")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
}

// TestTransferByEachSide: what one side may do, both sides see.
func TestTransferByEachSide(t *testing.T) {
	t.Parallel()
	provider, consumer := pair(t)
	provider.publish(t, catalog.Source{Type: catalog.SourceHTTP, URL: slowSource(t)})
	n := consumer.negotiate(t, proposalOf(provider.id), "FINALIZED")
	for _, end := range []struct {
		act   negotiation.Act
		state string
	}{{negotiation.Complete, "COMPLETED"}, {negotiation.Terminate, "TERMINATED"}} {
		for _, byProvider := range []bool{true, false} {
			p := consumer.request(t, n.AgreementID, "STARTED")
			if byProvider {
				provider.does(t, p.PeerPID, end.act)
			} else {
				consumer.does(t, p.ID, end.act)
			}
			ours := consumer.awaitTransfer(t, p.ID, end.state, nil)
			theirs := provider.awaitTransfer(t, p.PeerPID, end.state, nil)
			if end.act == negotiation.Terminate && !strings.Contains(ours.StoppedFor+theirs.StoppedFor, "the test wants it") {
				t.Errorf("the reason is %q at the consumer and %q at the provider", ours.StoppedFor, theirs.StoppedFor)
			}
		}
	}
}

// TestImportedAgreement: a transfer runs under an agreement that was concluded
// elsewhere, by its id there.
func TestImportedAgreement(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, store func(string) string) {
		provider, consumer := pairOn(t, store, nil, nil)
		file := filepath.Join(t.TempDir(), "seat.txt")
		if err := os.WriteFile(file, []byte("as agreed"), 0o600); err != nil {
			t.Fatal(err)
		}
		provider.publish(t, catalog.Source{Type: catalog.SourceFile, Path: file})
		const id = "contract no. 17/b, of another connector"
		imported := func(n *node, role, peer string) {
			t.Helper()
			i := negotiation.Imported{ID: id, Role: role, Peer: peer, Target: dataset, Policy: policy.Permit("use")}
			a, err := n.ImportAgreement(t.Context(), i)
			if err != nil || a.ID != id || !a.Imported || !a.Final {
				t.Fatalf("imported %+v: %v", a, err)
			}
			if _, err := n.ImportAgreement(t.Context(), i); !errors.Is(err, negotiation.ErrAgreementExists) {
				t.Errorf("imported twice: %v", err)
			}
		}
		imported(provider, "provider", consumer.id)
		imported(consumer, "consumer", provider.id)
		p := consumer.request(t, id, "STARTED")
		if got := consumer.pulled(t, p.ID); got != "as agreed" {
			t.Errorf("pulled %q", got)
		}
	})
}
