// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcptest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

// Party is a company of the world: a participant of ours, or a counterparty.
type Party struct {
	World *World
	// Context is its name; its DID is did:web:<name>.example, its routes are
	// below https://<name>.example.
	Context string
	DID     string
	Key     jose.Key // signs tokens and presentations; its ID is the whole kid
	Issuer  jose.Key // signs credentials, lists and trust lists
	// Settings are those of Participant, as JSON; nil: defaults.
	Settings json.RawMessage
}

// Document is a DID document as a test may spoil it.
type Document map[string]any

// Party adds a company with keys and a published DID document. services are
// types of services with their endpoints, in pairs; none: a CredentialService
// at https://<name>.example/dcp.
func (w *World) Party(name string, services ...string) *Party {
	w.T.Helper()
	p := &Party{World: w, Context: name, DID: "did:web:" + name + ".example"}
	p.Key = p.newKey("identity-1")
	p.Issuer = p.newKey("issuer-1")
	w.Keys.Put(name, trust.UseIdentity, trust.Key{ID: "identity-1", Signer: p.Key.Signer})
	w.Keys.Put(name, trust.UseIssuer, trust.Key{ID: "issuer-1", Signer: p.Issuer.Signer})
	if len(services) == 0 {
		services = []string{"CredentialService", p.URL() + "/dcp"}
	}
	w.DIDs.Put(p.DID, p.Document(services...))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.party[name] = p
	return p
}

func (p *Party) newKey(fragment string) jose.Key {
	key, err := jose.GenerateES256(p.World.random)
	if err != nil {
		p.World.T.Fatal(err)
	}
	return jose.Key{ID: p.DID + "#" + fragment, Signer: key}
}

// URL is the root of the party's routes.
func (p *Party) URL() string { return "https://" + p.Host() }

// Host is where the Network finds the party.
func (p *Party) Host() string { return p.Context + ".example" }

// Participant is the party as one of ours.
func (p *Party) Participant() trust.Participant {
	return trust.Participant{
		Context: p.Context, ID: p.DID, Name: p.Context, PublicURL: p.URL(), Profile: "dcp", Settings: p.Settings,
	}
}

// Document returns a new DID document of the party, with services in pairs of
// type and endpoint.
func (p *Party) Document(services ...string) Document {
	doc := Document{
		"@context":             []any{"https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1"},
		"id":                   p.DID,
		"verificationMethod":   []any{p.Method(p.Key), p.Method(p.Issuer)},
		"authentication":       []any{p.Key.ID},
		"capabilityInvocation": []any{p.Key.ID},
		"assertionMethod":      []any{p.Issuer.ID},
	}
	list := []any{}
	for i := 0; i+1 < len(services); i += 2 {
		list = append(list, map[string]any{
			"id": p.DID + "#" + services[i], "type": services[i], "serviceEndpoint": services[i+1],
		})
	}
	doc["service"] = list
	return doc
}

// Method returns a key as a verification method of the party.
func (p *Party) Method(key jose.Key) map[string]any {
	return map[string]any{
		"id": key.ID, "type": "JsonWebKey2020", "controller": p.DID, "publicKeyJwk": JWK(p.World, key.Signer.Public()),
	}
}

// JWK returns a public key as the members of a JSON Web Key. It is written
// here once more, so that the tests do not rest on the product's own writer.
func JWK(w *World, key crypto.PublicKey) map[string]any {
	text := base64.RawURLEncoding.EncodeToString
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			w.T.Fatal(err)
		}
		half := len(point) / 2
		return map[string]any{"kty": "EC", "crv": key.Curve.Params().Name, "x": text(point[1 : 1+half]), "y": text(point[1+half:])}
	case ed25519.PublicKey:
		return map[string]any{"kty": "OKP", "crv": "Ed25519", "x": text(key)}
	case *rsa.PublicKey:
		return map[string]any{"kty": "RSA", "n": text(key.N.Bytes()), "e": text(big.NewInt(int64(key.E)).Bytes())}
	}
	w.T.Fatalf("no JWK for a %T", key)
	return nil
}
