// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/internal/jose"
)

var now = time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)

// good is a set of claims that expectGood accepts.
func good() map[string]any {
	return map[string]any{
		"iss": "provider", "sub": "transfer-1", "aud": "data", "jti": "urn:x:1",
		"iat": now.Add(-time.Minute).Unix(), "nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Minute).Unix(),
	}
}

func expectGood() jose.Expect {
	return jose.Expect{
		Now: now, Issuer: "provider", Audience: "data", Type: "data+jwt",
		Required: []string{"iss", "sub", "jti"}, MaxAge: time.Hour,
	}
}

// signers holds a signer of each kind, made once: RSA keys take their time.
var signers = sync.OnceValue(func() map[string]crypto.Signer {
	must := func(key crypto.Signer, err error) crypto.Signer {
		if err != nil {
			panic(err)
		}
		return key
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	rsaKey := must(rsa.GenerateKey(rand.Reader, 2048))
	return map[string]crypto.Signer{
		jose.ES256: must(jose.GenerateES256(rand.Reader)),
		jose.ES384: must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)),
		jose.EdDSA: must(ed, err),
		jose.PS256: rsaKey,
		jose.RS256: rsaKey,
	}
})

func keyFor(algorithm string) jose.Key {
	return jose.Key{ID: "key-1", Signer: signers()[algorithm], Algorithm: algorithm}
}

// only resolves key-1 to the key's public half.
func only(key jose.Key) jose.Resolver {
	return func(kid string) (crypto.PublicKey, error) {
		if kid != key.ID {
			return nil, jose.ErrUnknownKey
		}
		return key.Signer.Public(), nil
	}
}

func sign(t *testing.T, claims any, key jose.Key) string {
	t.Helper()
	token, err := jose.Sign(claims, key, "data+jwt")
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestSignedTokenVerifies(t *testing.T) {
	for algorithm := range signers() {
		t.Run(algorithm, func(t *testing.T) {
			key := keyFor(algorithm)
			claims, err := jose.Verify(sign(t, good(), key), only(key), expectGood())
			if err != nil {
				t.Fatal(err)
			}
			want := jose.Header{Algorithm: algorithm, KeyID: "key-1", Type: "data+jwt"}
			if diff := cmp.Diff(want, claims.Header); diff != "" {
				t.Error(diff)
			}
			if claims.Issuer != "provider" || claims.Subject != "transfer-1" || claims.ID != "urn:x:1" ||
				!claims.Expires.Equal(now.Add(time.Minute)) || !cmp.Equal(claims.Audience, []string{"data"}) {
				t.Errorf("claims %+v", claims)
			}
		})
	}
}

func TestAlgorithmFollowsKey(t *testing.T) {
	for algorithm, want := range map[string]string{
		jose.ES256: jose.ES256, jose.ES384: jose.ES384, jose.EdDSA: jose.EdDSA, jose.RS256: jose.PS256,
	} {
		key := keyFor(algorithm)
		key.Algorithm = ""
		claims, err := jose.Verify(sign(t, good(), key), only(key), expectGood())
		if err != nil || claims.Header.Algorithm != want {
			t.Errorf("%s: got %s, %v; want %s", algorithm, claims.Header.Algorithm, err, want)
		}
	}
}

// remote hides the private key behind the interface, as a key service does.
type remote struct{ crypto.Signer }

func (r remote) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return r.Signer.Sign(random, digest, opts)
}

func TestSignerMayLiveElsewhere(t *testing.T) {
	for algorithm, signer := range signers() {
		key := jose.Key{ID: "key-1", Signer: remote{signer}, Algorithm: algorithm}
		if _, err := jose.Verify(sign(t, good(), key), only(key), expectGood()); err != nil {
			t.Errorf("%s: %v", algorithm, err)
		}
	}
}

func TestClaims(t *testing.T) {
	key := keyFor(jose.ES256)
	all := good()
	all["scope"], all["count"] = "read", 3
	all["exp"] = float64(now.Unix()) + 0.5
	claims, err := jose.Verify(sign(t, all, key), only(key), expectGood())
	if err != nil {
		t.Fatal(err)
	}
	if got := claims.Expires; !got.Equal(now.Add(500 * time.Millisecond)) {
		t.Errorf("exp %v", got)
	}
	if got, ok := claims.Text("scope"); got != "read" || !ok {
		t.Errorf("scope %q, %v", got, ok)
	}
	if _, ok := claims.Text("count"); ok || !claims.Has("count") || claims.Has("absent") {
		t.Error("count is a number, absent is absent")
	}
	var into struct{ Count int }
	if err := claims.Decode(&into); err != nil || into.Count != 3 {
		t.Errorf("decoded %+v, %v", into, err)
	}
	claims.Payload()[0] = 'x'
	if err := claims.Decode(&into); err != nil {
		t.Errorf("Payload handed out the original: %v", err)
	}
}

func TestSignRefuses(t *testing.T) {
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		claims any
		key    jose.Key
		want   error
	}{
		"no signer":               {good(), jose.Key{ID: "a"}, jose.ErrKey},
		"no id":                   {good(), jose.Key{Signer: signers()[jose.ES256]}, jose.ErrKey},
		"curve":                   {good(), jose.Key{ID: "a", Signer: p521}, jose.ErrKey},
		"algorithm not the key's": {good(), jose.Key{ID: "a", Signer: signers()[jose.ES256], Algorithm: jose.ES384}, jose.ErrKey},
		"none":                    {good(), jose.Key{ID: "a", Signer: signers()[jose.ES256], Algorithm: "none"}, jose.ErrKey},
		"claims are a list":       {[]int{1}, keyFor(jose.ES256), jose.ErrClaims},
		"claims are null":         {nil, keyFor(jose.ES256), jose.ErrClaims},
		"claims do not encode":    {func() {}, keyFor(jose.ES256), jose.ErrClaims},
	} {
		if token, err := jose.Sign(tc.claims, tc.key, ""); !errors.Is(err, tc.want) || token != "" {
			t.Errorf("%s: got %q, %v; want %v", name, token, err, tc.want)
		}
	}
}

func TestPrivateKeyPEM(t *testing.T) {
	for algorithm, signer := range signers() {
		text, err := jose.MarshalPrivateKey(signer)
		if err != nil {
			t.Fatal(algorithm, err)
		}
		got, err := jose.ParsePrivateKey(text)
		if err != nil {
			t.Fatal(algorithm, err)
		}
		type equaler interface{ Equal(crypto.PrivateKey) bool }
		if !signer.(equaler).Equal(got) {
			t.Errorf("%s: another key came back", algorithm)
		}
		if _, err := jose.ParsePrivateKey(append(text, text...)); !errors.Is(err, jose.ErrKey) {
			t.Errorf("%s: two keys: %v", algorithm, err)
		}
	}
	for _, bad := range []string{"", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		if _, err := jose.ParsePrivateKey([]byte(bad)); !errors.Is(err, jose.ErrKey) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jose.MarshalPrivateKey(p224); !errors.Is(err, jose.ErrKey) {
		t.Errorf("P-224: %v", err)
	}
}

// counter is a source that gives 0, 1, 2, ... hashed.
type counter byte

func (c *counter) Read(p []byte) (int, error) {
	sum := sha256.Sum256([]byte{byte(*c)})
	*c++
	return copy(p, sum[:]), nil
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestGenerateES256UsesItsSource(t *testing.T) {
	first, err := jose.GenerateES256(new(counter))
	if err != nil {
		t.Fatal(err)
	}
	again, err := jose.GenerateES256(new(counter))
	if err != nil || !first.Equal(again) {
		t.Errorf("same source, other key: %v", err)
	}
	if _, err := jose.GenerateES256(zeros{}); !errors.Is(err, jose.ErrKey) {
		t.Errorf("a source of zeros: %v", err)
	}
	if _, err := jose.GenerateES256(io.LimitReader(rand.Reader, 31)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a short source: %v", err)
	}
}
