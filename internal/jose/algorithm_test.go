// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/musubi-ods/musubi/internal/jose"
)

// toyKey signs by hashing: it stands for a scheme that the module has not.
type toyKey []byte

type toyPublic string

func (k toyKey) Public() crypto.PublicKey { return toyPublic(k) }

func (k toyKey) Sign(_ io.Reader, input []byte, _ crypto.SignerOpts) ([]byte, error) {
	sum := sha256.Sum256(append([]byte(k), input...))
	return bytes.Repeat(sum[:], 100), nil // signatures of such schemes are long
}

func (p toyPublic) Equal(other crypto.PublicKey) bool { return p == other }

func toy() jose.Algorithm {
	return jose.Algorithm{
		Name: "TOY", Aliases: []string{"TOY-1"}, MaxSignature: 3200,
		Fits: func(key crypto.PublicKey) (bool, error) { _, ok := key.(toyPublic); return ok, nil },
		Sign: func(input []byte, key crypto.Signer) ([]byte, error) { return key.Sign(nil, input, crypto.Hash(0)) },
		Verify: func(input, signature []byte, key crypto.PublicKey) error {
			want, err := toyKey(key.(toyPublic)).Sign(nil, input, nil)
			if err == nil && !bytes.Equal(want, signature) {
				err = errors.New("no match")
			}
			return err
		},
		Form: &jose.KeyForm{
			Kty: "TOY",
			Read: func(m jose.Members) (crypto.PublicKey, error) {
				raw, err := m.Bytes("pub", 64)
				return toyPublic(raw), err
			},
			Write: func(key crypto.PublicKey) map[string]string {
				if key, ok := key.(toyPublic); ok {
					return map[string]string{"pub": b64.EncodeToString([]byte(key))}
				}
				return nil
			},
		},
	}
}

func TestRegister(t *testing.T) {
	key := jose.Key{ID: "key-1", Signer: toyKey("toy")}
	if _, err := jose.Sign(good(), key, "data+jwt"); !errors.Is(err, jose.ErrKey) {
		t.Fatalf("an algorithm that nobody registered: %v", err)
	}
	remove, err := jose.Register(toy())
	if err != nil {
		t.Fatal(err)
	}
	token, err := jose.Sign(good(), key, "data+jwt")
	if err != nil {
		t.Fatal(err)
	}
	claims, err := jose.Verify(token, only(key), expectGood())
	if err != nil || claims.Header.Algorithm != "TOY" {
		t.Errorf("got %+v, %v", claims.Header, err)
	}
	if _, err := jose.Verify(token, only(jose.Key{ID: "key-1", Signer: toyKey("other")}), expectGood()); !errors.Is(err, jose.ErrSignature) {
		t.Errorf("another key: %v", err)
	}
	if _, err := jose.Verify(token, only(keyFor(jose.ES256)), expectGood()); !errors.Is(err, jose.ErrKeyAlgorithm) {
		t.Errorf("a key of another algorithm: %v", err)
	}
	raw, err := jose.MarshalJWK(toyPublic("toy"), "")
	if err != nil || string(raw) != `{"kty":"TOY","pub":"dG95"}` {
		t.Errorf("got %s, %v", raw, err)
	}
	if read, err := jose.ParseJWK(raw); err != nil || read != toyPublic("toy") {
		t.Errorf("got %v, %v", read, err)
	}
	if _, err := jose.Register(toy()); !errors.Is(err, jose.ErrAlgorithm) {
		t.Errorf("registered twice: %v", err)
	}
	remove()
	if _, err := jose.Verify(token, only(key), expectGood()); !errors.Is(err, jose.ErrTooLarge) && !errors.Is(err, jose.ErrAlgorithm) {
		t.Errorf("after its removal: %v", err)
	}
}

// TestSignatureLength: a row's own bound holds before its Verify is asked.
func TestSignatureLength(t *testing.T) {
	lax := toy()
	lax.MaxSignature = 100
	lax.Sign = func([]byte, crypto.Signer) ([]byte, error) { return make([]byte, 101), nil }
	lax.Verify = func([]byte, []byte, crypto.PublicKey) error { return nil }
	remove, err := jose.Register(lax)
	if err != nil {
		t.Fatal(err)
	}
	defer remove()
	key := jose.Key{ID: "key-1", Signer: toyKey("toy")}
	if _, err := jose.Verify(sign(t, good(), key), only(key), expectGood()); !errors.Is(err, jose.ErrSignature) {
		t.Errorf("got %v", err)
	}
}

func TestRegisterRefuses(t *testing.T) {
	for name, change := range map[string]func(*jose.Algorithm){
		"none":            func(a *jose.Algorithm) { a.Name = "none" },
		"a shared secret": func(a *jose.Algorithm) { a.Name = "HS256" },
		"alias of a MAC":  func(a *jose.Algorithm) { a.Aliases = []string{"HS512"} },
		"a known name":    func(a *jose.Algorithm) { a.Name = jose.ES256 },
		"a known alias":   func(a *jose.Algorithm) { a.Aliases = []string{"Ed25519"} },
		"no name":         func(a *jose.Algorithm) { a.Name = "" },
		"no verification": func(a *jose.Algorithm) { a.Verify = nil },
		"no length":       func(a *jose.Algorithm) { a.MaxSignature = 0 },
	} {
		a := toy()
		change(&a)
		if _, err := jose.Register(a); !errors.Is(err, jose.ErrAlgorithm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEd25519IsAnAlias of RFC 9864, on verification only.
func TestEd25519IsAnAlias(t *testing.T) {
	key := keyFor(jose.EdDSA)
	input := b64.EncodeToString([]byte(`{"alg":"Ed25519","kid":"key-1","typ":"data+jwt"}`)) + "." + b64.EncodeToString([]byte(goodPayload(t)))
	signature, err := key.Signer.Sign(nil, []byte(input), crypto.Hash(0))
	if err != nil {
		t.Fatal(err)
	}
	token := input + "." + b64.EncodeToString(signature)
	claims, err := jose.Verify(token, only(key), expectGood())
	if err != nil || claims.Header.Algorithm != jose.EdDSA {
		t.Errorf("got %+v, %v", claims.Header, err)
	}
	if _, err := jose.Verify(token, only(keyFor(jose.ES256)), expectGood()); !errors.Is(err, jose.ErrKeyAlgorithm) {
		t.Errorf("under another key: %v", err)
	}
	key.Algorithm = "Ed25519"
	if _, err := jose.Sign(good(), key, ""); !errors.Is(err, jose.ErrKey) {
		t.Errorf("signed by an alias: %v", err)
	}
}

func TestSignTyped(t *testing.T) {
	key := keyFor(jose.ES256)
	token, err := jose.SignTyped(good(), key, jose.Type{Typ: "vc+jwt", Cty: "vc"})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jose.Parse(token, 0)
	if err != nil {
		t.Fatal(err)
	}
	if h := parsed.Header(); h.Type != "vc+jwt" || h.ContentType != "vc" {
		t.Errorf("got %+v", h)
	}
}

// TestRawClaims: what is stored is what is signed, spaces, order, escapes and
// all.
func TestRawClaims(t *testing.T) {
	raw := json.RawMessage("{ \"z\": \"<&>\\u0041\u2028\",\n \"a\" : 1.00 }")
	key := keyFor(jose.ES256)
	token, err := jose.Sign(raw, key, "")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jose.Parse(token, 0)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := parsed.Verify(key.Signer.Public())
	if err != nil || !bytes.Equal(claims.Payload(), raw) {
		t.Errorf("got %s, %v", claims.Payload(), err)
	}
	for text, want := range map[string]error{
		``: jose.ErrClaims, `null`: jose.ErrClaims, `[]`: jose.ErrClaims, `{"a":1`: jose.ErrClaims, `{"a":1,"a":1}`: jose.ErrDuplicate,
	} {
		if _, err := jose.Sign(json.RawMessage(text), key, ""); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", text, err, want)
		}
	}
}

func TestTokenIsReadBeforeItsKey(t *testing.T) {
	key := keyFor(jose.ES256)
	parsed, err := jose.Parse(sign(t, good(), key), 0)
	if err != nil {
		t.Fatal(err)
	}
	if claims, err := parsed.Unproved(); err != nil || claims.Issuer != "provider" || claims.Header.KeyID != "key-1" {
		t.Errorf("got %+v, %v", claims, err)
	}
	if claims, err := parsed.Verify(keyFor(jose.ES384).Signer.Public()); !errors.Is(err, jose.ErrKeyAlgorithm) || claims.Has("iss") {
		t.Errorf("another kind of key: %v", err)
	}
	if claims, err := parsed.Verify(key.Signer.Public()); err != nil || claims.Subject != "transfer-1" {
		t.Errorf("got %+v, %v", claims, err)
	}
	if _, err := (jose.Token{}).Unproved(); !errors.Is(err, jose.ErrForm) {
		t.Errorf("no token: %v", err)
	}
	if _, err := (jose.Token{}).Verify(key.Signer.Public()); err == nil {
		t.Error("no token was verified")
	}
	if _, err := jose.Parse(sign(t, good(), key), 10); !errors.Is(err, jose.ErrTooLarge) {
		t.Errorf("beyond the size: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(forge(f, goodHeader, goodPayload(f)))
	f.Add(forge(f, `{"alg":"Ed25519","cty":"vc"}`, `{"vc":{"type":["a"]},"exp":1.5}`))
	f.Add(" e30.e30.AA")
	f.Add("eyJhbGciOiJFUzI1NiJ9.e30.AA")
	key := keyFor(jose.ES256).Signer.Public()
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := jose.Parse(text, 0)
		if err == nil {
			_, err = parsed.Unproved()
		}
		if err != nil && jose.Code(err) == "" {
			t.Errorf("a refusal without a code: %v", err)
		}
		if claims, err := parsed.Verify(key); err == nil && claims.Header.Algorithm != jose.ES256 {
			t.Errorf("accepted %q", text)
		}
	})
}
