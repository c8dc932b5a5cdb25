// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// TestCredentialOfAnEarlierDIDIsNotPresented: a participant that moved keeps
// the credentials of its old DID, which prove nothing for the new one.
func TestCredentialOfAnEarlierDIDIsNotPresented(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for subject, want := range map[string]bool{
		`{"id":"did:web:new.example","x":1}`: true,
		`{"id":"did:web:old.example","x":1}`: false,
	} {
		raw, err := vc.Issue(vc.Draft{
			ID: "urn:uuid:1", Issuer: "did:web:issuer.example", Types: []string{"MembershipCredential"}, Subject: json.RawMessage(subject),
			ValidFrom: time.Unix(1, 0), ValidUntil: time.Unix(1<<31, 0),
		}, vc.VC11, jose.Key{ID: "did:web:issuer.example#k", Signer: key})
		if err != nil {
			t.Fatal(err)
		}
		if got := about(Stored{Raw: raw}, "did:web:new.example"); got != want {
			t.Errorf("%s: presented %v, want %v", subject, got, want)
		}
	}
	if about(Stored{Raw: "no token"}, "did:web:new.example") {
		t.Error("what cannot be read is presented")
	}
}
