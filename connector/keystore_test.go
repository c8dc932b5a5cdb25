// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/trust"
)

// elsewhere keeps one key outside of the store, as a key management service.
type elsewhere struct{ key *ecdsa.PrivateKey }

func (e elsewhere) SigningKey(context.Context, string, string) (trust.Key, error) {
	return trust.Key{ID: "kms-1", Signer: e.key}, nil
}

func (e elsewhere) VerificationKey(context.Context, string, string) (crypto.PublicKey, error) {
	return e.key.Public(), nil
}

func (e elsewhere) PublicKeys(_ context.Context, _, use string) ([]trust.PublicKey, error) {
	return []trust.PublicKey{{ID: "kms-1", Use: use, Key: e.key.Public()}}, nil
}

// TestKeyStoreOfTheEmbedder: with a key store of its own an embedder's keys
// are published, and none is taken into the connector's store.
func TestKeyStoreOfTheEmbedder(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	n := startDCP(t, "memory:", "acme", membersOnly, connector.WithKeyStore(elsewhere{key}))
	root := strings.TrimSuffix(n.url, "/dsp/2025-1")
	if got := call(t, http.MethodGet, root+"/did.json", "", ""); got.status != http.StatusOK || !strings.Contains(got.body, n.id+"#kms-1") {
		t.Errorf("the DID document: %d %s", got.status, got.body)
	}
	token := n.token(t, "did:web:peer.example")
	if header := tokenHeader(t, token); !strings.Contains(header, `"kid":"`+n.id+`#kms-1"`) {
		t.Errorf("a token is signed by %s", header)
	}
	_, err = n.AddParticipant(t.Context(), connector.ParticipantConfig{
		Context: "other", Keys: map[string]connector.KeyConfig{trust.UseIdentity: {PEM: "x"}},
	})
	if !errors.Is(err, connector.ErrConfig) || !strings.Contains(err.Error(), "key store of the embedder") {
		t.Errorf("a key in the configuration: %v", err)
	}
}
