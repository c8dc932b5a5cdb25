// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

func pkcs8(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func privateKeys(t *testing.T) map[string]crypto.Signer {
	t.Helper()
	p256, err1 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p384, err2 := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	_, ed, err3 := ed25519.GenerateKey(rand.Reader)
	rsaKey, err4 := rsa.GenerateKey(rand.Reader, 2048)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{"P-256": p256, "P-384": p384, "Ed25519": ed, "RSA": rsaKey}
}

func TestImport(t *testing.T) {
	for name, key := range privateKeys(t) {
		b := newKeyBox(t)
		made := b.signer(b.a, trust.UseIdentity)
		text := pkcs8(t, key)
		imported, err := b.a.Import(t.Context(), keyContext, trust.UseIdentity, text, b.now.Add(time.Minute))
		if err != nil {
			t.Fatal(name, err)
		}
		if b.signer(b.a, trust.UseIdentity) != made || len(b.published(b.a, trust.UseIdentity)) != 2 {
			t.Errorf("%s: it signs before its time or is not published", name)
		}
		b.now = imported.Active
		if b.signer(b.a, trust.UseIdentity) != imported.ID || b.signer(b.b, trust.UseIdentity) != imported.ID {
			t.Errorf("%s: it does not sign", name)
		}
		// At each start again, by all replicas, also after a rotation.
		next, err := b.a.Rotate(t.Context(), keyContext, trust.UseIdentity, -1)
		if err != nil {
			t.Fatal(name, err)
		}
		again, err := b.b.Import(t.Context(), keyContext, trust.UseIdentity, text, time.Time{})
		if err != nil || again.ID != imported.ID || !again.Active.Equal(imported.Active) || again.Retired.IsZero() || len(b.rows.list) != 3 {
			t.Errorf("%s, again: %+v, %v", name, again, err)
		}
		b.now = b.now.Add(keysKnown)
		if b.signer(b.b, trust.UseIdentity) != next.ID {
			t.Errorf("%s: the rotation was undone", name)
		}
		if _, err := b.a.Import(t.Context(), keyContext, trust.UseIssuer, text, b.now); !errors.Is(err, trust.ErrKeyExists) {
			t.Errorf("%s, for another use: %v", name, err)
		}
	}
}

// TestImportFirst: with nothing to overlap with, it signs at once, and no
// other key is ever made.
func TestImportFirst(t *testing.T) {
	b := newKeyBox(t)
	imported, err := b.a.Import(t.Context(), keyContext, trust.UseIdentity, pkcs8(t, privateKeys(t)["P-256"]), b.now.Add(time.Hour))
	if err != nil || !imported.Active.Equal(b.now) || b.signer(b.b, trust.UseIdentity) != imported.ID || len(b.rows.list) != 1 {
		t.Errorf("got %+v, %v", imported, err)
	}
}

// TestImportIsNotForThePast: when the key signed elsewhere, another did here.
func TestImportIsNotForThePast(t *testing.T) {
	b := newKeyBox(t)
	b.signer(b.a, trust.UseIdentity)
	for name, active := range map[string]time.Time{"P-256": {}, "P-384": b.now.Add(-time.Hour)} {
		got, err := b.a.Import(t.Context(), keyContext, trust.UseIdentity, pkcs8(t, privateKeys(t)[name]), active)
		if err != nil || !got.Active.Equal(b.now) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestImportRefuses(t *testing.T) {
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := privateKeys(t)
	sec1, err := x509.MarshalECPrivateKey(good["P-256"].(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	b := newKeyBox(t)
	for name, tc := range map[string]struct {
		use  string
		pem  []byte
		want error
	}{
		"empty":              {trust.UseIdentity, nil, jose.ErrKey},
		"no PEM":             {trust.UseIdentity, []byte("secret"), jose.ErrKey},
		"P-521":              {trust.UseIdentity, pkcs8(t, p521), jose.ErrKey},
		"SEC 1":              {trust.UseIdentity, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: sec1}), jose.ErrKey},
		"two keys":           {trust.UseIdentity, append(pkcs8(t, good["P-256"]), pkcs8(t, good["P-384"])...), jose.ErrKey},
		"unknown use":        {"encryption", pkcs8(t, good["P-256"]), errKeyUse},
		"journal by Ed25519": {trust.UseJournal, pkcs8(t, good["Ed25519"]), errKeyUse},
		"journal by P-384":   {trust.UseJournal, pkcs8(t, good["P-384"]), errKeyUse},
	} {
		if _, err := b.a.Import(t.Context(), keyContext, tc.use, tc.pem, b.now); !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", name, err, tc.want)
		}
	}
	if len(b.rows.list) != 0 {
		t.Errorf("kept %d keys", len(b.rows.list))
	}
}
