// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
)

// TestManyParticipants: participants of one process trade with each other as
// with anybody, and none reaches what is another's, by any route.
func TestManyParticipants(t *testing.T) {
	t.Parallel()
	onEachStore(t, func(t *testing.T, store func(string) string) {
		c, err := connector.New(settings(store("all"), "supplier", "maker", "third"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { stop(t, c) })
		if err := c.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		provider, consumer, third := nodeOf(t, c, "supplier"), nodeOf(t, c, "maker"), nodeOf(t, c, "third")
		introduce(t, provider, consumer)
		introduce(t, provider, third)
		introduce(t, consumer, third)
		file := filepath.Join(t.TempDir(), "secret.txt")
		if err := os.WriteFile(file, []byte("between two"), 0o600); err != nil {
			t.Fatal(err)
		}
		provider.publish(t, catalog.Source{Type: catalog.SourceFile, Path: file})
		n := consumer.negotiate(t, proposalOf(provider.id), "FINALIZED")
		p := consumer.request(t, n.AgreementID, "STARTED")
		if got := consumer.pulled(t, p.ID); got != "between two" {
			t.Fatalf("pulled %q", got)
		}
		t.Run("negotiation", func(t *testing.T) { routes(t, provider, consumer, third, "/negotiations/", n.PeerPID) })
		t.Run("transfer", func(t *testing.T) { routes(t, provider, consumer, third, "/transfers/", p.PeerPID) })
		handles(t, third, n, p.ID)
		address := consumer.awaitTransfer(t, p.ID, "STARTED", nil).DataAddress
		address.Endpoint = strings.Replace(address.Endpoint, "/supplier/", "/third/", 1)
		if got := fetch(t, *address); got.status/100 != 4 {
			t.Errorf("the data at another participant's route gives %d %q", got.status, got.body)
		}
	})
}

// routes proves that a process of the provider is shown to its counterparty
// alone, at the provider's routes alone.
func routes(t *testing.T, provider, consumer, third *node, collection, pid string) {
	t.Helper()
	good := string(tokenOf("maker", "supplier"))
	if a := call(t, http.MethodGet, provider.url+collection+pid, good, ""); a.status != http.StatusOK {
		t.Fatalf("its counterparty gets %d", a.status)
	}
	for who, target := range map[string]struct{ url, token string }{
		"another peer of the same participant":     {provider.url + collection + pid, string(tokenOf("third", "supplier"))},
		"the counterparty at another's routes":     {third.url + collection + pid, string(tokenOf("maker", "third"))},
		"a peer of the counterparty at its routes": {consumer.url + collection + pid, string(tokenOf("third", "maker"))},
		"the owner at the counterparty's routes":   {consumer.url + collection + pid, string(tokenOf("supplier", "maker"))},
		"an id that nobody has":                    {provider.url + collection + "urn:uuid:1", good},
	} {
		if a := call(t, http.MethodGet, target.url, target.token, ""); a.status != http.StatusNotFound || !strings.Contains(a.body, "not-found") {
			t.Errorf("%s gets %d %s", who, a.status, a.body)
		}
	}
	for _, token := range []string{"", "Bearer", string(tokenOf("supplier", "maker")), string(tokenOf("maker", "third"))} {
		if a := call(t, http.MethodGet, provider.url+collection+pid, token, ""); a.status != http.StatusUnauthorized {
			t.Errorf("the token %q gets %d", token, a.status)
		}
	}
}

// handles proves that a Participant finds nothing of another's.
func handles(t *testing.T, third *node, n negotiation.Negotiation, transferID string) {
	t.Helper()
	ctx := t.Context()
	end := negotiation.Decision{Act: negotiation.Terminate}
	for what, call := range map[string]func() error{
		"negotiation":                 func() error { _, err := third.Negotiation(ctx, n.ID); return err },
		"act":                         func() error { _, err := third.Act(ctx, n.ID, end); return err },
		"approve":                     func() error { _, err := third.Approve(ctx, n.ID); return err },
		"transfer":                    func() error { _, err := third.Transfer(ctx, transferID); return err },
		"act in a transfer":           func() error { _, err := third.ActTransfer(ctx, transferID, end); return err },
		"pull":                        func() error { _, err := third.Pull(ctx, transferID); return err },
		"a negotiation as a transfer": func() error { _, err := third.Transfer(ctx, n.ID); return err },
	} {
		if err := call(); !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("%s of another: %v", what, err)
		}
	}
	if _, err := third.Agreement(ctx, n.AgreementID); !errors.Is(err, negotiation.ErrNoAgreement) {
		t.Errorf("agreement of another: %v", err)
	}
	list, err := third.Negotiations(ctx, negotiation.Filter{})
	if err != nil || len(list) > 0 {
		t.Errorf("negotiations of others: %+v: %v", list, err)
	}
}

// TestSecretsAtRest: what is secret is not in the database as it is.
func TestSecretsAtRest(t *testing.T) {
	dir := t.TempDir()
	n := startNode(t, "sqlite:"+filepath.Join(dir, "a.db"), "maker")
	err := n.PutPeer(t.Context(), connector.PeerConfig{ID: "urn:example:x", URL: "http://127.0.0.1:1/x", Inbound: "Bearer inbound-secret", Outbound: "Bearer outbound-secret"})
	if err != nil {
		t.Fatal(err)
	}
	err = n.Publish(t.Context(), []catalog.Asset{{ID: dataset, Source: catalog.Source{
		Type: catalog.SourceHTTP, URL: "http://127.0.0.1:1/x", Headers: map[string]string{"X-Key": "source-secret"},
	}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	stop(t, n.Connector)
	files, err := filepath.Glob(filepath.Join(dir, "a.db*"))
	if err != nil || len(files) < 2 {
		t.Fatalf("files %v: %v", files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{"inbound-secret", "outbound-secret", "source-secret"} {
			if bytes.Contains(text, []byte(s)) {
				t.Errorf("%s holds %s", filepath.Base(f), s)
			}
		}
	}
}
