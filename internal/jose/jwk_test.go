// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/internal/jose"
)

func TestJWKRoundTrip(t *testing.T) {
	for algorithm, signer := range signers() {
		raw, err := jose.MarshalJWK(signer.Public(), "key-1")
		if err != nil {
			t.Fatal(algorithm, err)
		}
		got, err := jose.ParseJWK(raw)
		if err != nil {
			t.Fatal(algorithm, err)
		}
		type equaler interface{ Equal(crypto.PublicKey) bool }
		if !signer.Public().(equaler).Equal(got) {
			t.Errorf("%s: another key came back", algorithm)
		}
	}
}

// The published keys of RFC 7515 appendix A.3 (P-256) and RFC 8037 appendix
// A.2 (Ed25519).
const (
	jwk256     = `{"crv":"P-256","kid":"key-1","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`
	jwkEd25519 = `{"crv":"Ed25519","kid":"key-1","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
)

func TestJWKOfSpecifications(t *testing.T) {
	for _, text := range []string{jwk256, jwkEd25519} {
		key, err := jose.ParseJWK([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := jose.MarshalJWK(key, "key-1")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(text, string(raw)); diff != "" {
			t.Error(diff)
		}
	}
	without, err := jose.MarshalJWK(signers()[jose.EdDSA].Public(), "")
	if err != nil || strings.Contains(string(without), "kid") {
		t.Errorf("without a kid: %s, %v", without, err)
	}
}

// change sets members of a JWK; nil removes one.
func change(t testing.TB, jwk string, members map[string]any) []byte {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal([]byte(jwk), &all); err != nil {
		t.Fatal(err)
	}
	maps.Copy(all, members)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

type set = map[string]any

func TestJWKAccepts(t *testing.T) {
	null := json.RawMessage("null")
	for name, members := range map[string]set{
		"use sig":           {"use": "sig"},
		"its alg":           {"alg": "ES256"},
		"key_ops verify":    {"key_ops": []string{"verify"}},
		"nulls":             {"d": null, "use": null, "alg": null},
		"a certificate":     {"x5c": []string{"AAAA"}, "x5t": "AA"},
		"unknown members":   {"exp": 1, "D": "x"},
		"without a kid":     {"kid": nil},
		"a kid of any form": {"kid": 7},
	} {
		if _, err := jose.ParseJWK(change(t, jwk256, members)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := jose.ParseJWK(change(t, jwkEd25519, set{"alg": "Ed25519"})); err != nil {
		t.Errorf("the alias of EdDSA: %v", err)
	}
}

func TestJWKRefuses(t *testing.T) {
	x := strings.Repeat("A", 43)
	for name, tc := range map[string]struct {
		jwk     string
		members set
		want    error
	}{
		"d":                       {jwk256, set{"d": "AA"}, jose.ErrPrivate},
		"d empty":                 {jwk256, set{"d": ""}, jose.ErrPrivate},
		"d of an Ed25519 key":     {jwkEd25519, set{"d": x}, jose.ErrPrivate},
		"k":                       {jwk256, set{"k": "AA"}, jose.ErrPrivate},
		"priv":                    {jwk256, set{"priv": "AA"}, jose.ErrPrivate},
		"not on the curve":        {jwk256, set{"x": x}, jose.ErrWeakKey},
		"the point at infinity":   {jwk256, set{"x": x, "y": x}, jose.ErrWeakKey},
		"x too short":             {jwk256, set{"x": "AAAA"}, jose.ErrJWK},
		"x too long":              {jwk256, set{"x": x + "AAAA"}, jose.ErrJWK},
		"x padded":                {jwk256, set{"x": x + "="}, jose.ErrJWK},
		"x a number":              {jwk256, set{"x": 1}, jose.ErrJWK},
		"no y":                    {jwk256, set{"y": nil}, jose.ErrJWK},
		"no crv":                  {jwk256, set{"crv": nil}, jose.ErrJWK},
		"P-521":                   {jwk256, set{"crv": "P-521"}, jose.ErrKeyAlgorithm},
		"secp256k1":               {jwk256, set{"crv": "secp256k1"}, jose.ErrKeyAlgorithm},
		"the curve of another":    {jwk256, set{"crv": "P-384"}, jose.ErrJWK},
		"no kty":                  {jwk256, set{"kty": nil}, jose.ErrJWK},
		"a secret":                {`{"kty":"oct"}`, set{}, jose.ErrKeyAlgorithm},
		"kty in lower case":       {jwk256, set{"kty": "ec"}, jose.ErrKeyAlgorithm},
		"use enc":                 {jwk256, set{"use": "enc"}, jose.ErrKeyAlgorithm},
		"use a list":              {jwk256, set{"use": []string{"sig"}}, jose.ErrKeyAlgorithm},
		"key_ops without verify":  {jwk256, set{"key_ops": []string{"encrypt"}}, jose.ErrKeyAlgorithm},
		"key_ops a string":        {jwk256, set{"key_ops": "verify"}, jose.ErrKeyAlgorithm},
		"alg of another":          {jwk256, set{"alg": "ES384"}, jose.ErrKeyAlgorithm},
		"alg none":                {jwk256, set{"alg": "none"}, jose.ErrKeyAlgorithm},
		"alg of encryption":       {jwk256, set{"alg": "ECDH-ES"}, jose.ErrKeyAlgorithm},
		"alg a number":            {jwk256, set{"alg": 1}, jose.ErrJWK},
		"X25519":                  {jwkEd25519, set{"crv": "X25519"}, jose.ErrKeyAlgorithm},
		"Ed25519 too short":       {jwkEd25519, set{"x": "AAAA"}, jose.ErrWeakKey},
		"Ed25519 of small order":  {jwkEd25519, set{"x": "AQ" + strings.Repeat("A", 41)}, jose.ErrWeakKey},
		"Ed25519 no point":        {jwkEd25519, set{"x": "Ag" + strings.Repeat("A", 41)}, jose.ErrWeakKey},
		"RSA of 1024 bits":        {`{"kty":"RSA","e":"AQAB"}`, set{"n": modulus(1024)}, jose.ErrWeakKey},
		"RSA of 8200 bits":        {`{"kty":"RSA","e":"AQAB"}`, set{"n": modulus(8200)}, jose.ErrJWK},
		"RSA, zero in front":      {`{"kty":"RSA","e":"AQAB"}`, set{"n": "AA" + modulus(2048)}, jose.ErrJWK},
		"RSA, even modulus":       {`{"kty":"RSA","e":"AQAB"}`, set{"n": even(2048)}, jose.ErrWeakKey},
		"RSA, exponent 1":         {`{"kty":"RSA","e":"AQ"}`, set{"n": modulus(2048)}, jose.ErrWeakKey},
		"RSA, exponent too large": {`{"kty":"RSA","e":"_____w"}`, set{"n": modulus(2048)}, jose.ErrJWK},
		"RSA, no exponent":        {`{"kty":"RSA"}`, set{"n": modulus(2048)}, jose.ErrJWK},
		"too large":               {jwk256, set{"x5c": strings.Repeat("A", 16<<10)}, jose.ErrJWK},
	} {
		t.Run(name, func(t *testing.T) {
			if key, err := jose.ParseJWK(change(t, tc.jwk, tc.members)); !errors.Is(err, tc.want) || key != nil {
				t.Errorf("got %v, %v; want %v", key, err, tc.want)
			}
		})
	}
	for text, want := range map[string]error{
		``: jose.ErrJWK, `[]`: jose.ErrJWK, `null`: jose.ErrJWK, `"x"`: jose.ErrJWK, jwk256 + jwk256: jose.ErrJWK,
		`{"kty":"EC",` + jwk256[1:]: jose.ErrDuplicate,
	} {
		if _, err := jose.ParseJWK([]byte(text)); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", text, err, want)
		}
	}
}

// modulus is an odd number of so many bits in base64url.
func modulus(bits int) string {
	n := new(big.Int).SetBit(big.NewInt(1), bits-1, 1)
	return b64.EncodeToString(n.Bytes())
}

func even(bits int) string {
	return b64.EncodeToString(new(big.Int).SetBit(new(big.Int), bits-1, 1).Bytes())
}

func TestMarshalJWKRefuses(t *testing.T) {
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.PublicKey{
		"none": nil, "a private key": signers()[jose.ES256], "a secret": []byte("secret"), "P-521": p521.Public(),
		"RSA of 1024 bits": &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 1023, 1), E: 65537},
	} {
		if raw, err := jose.MarshalJWK(key, "key-1"); err == nil {
			t.Errorf("%s: %s", name, raw)
		}
	}
}

// TestEd25519Points: the eight points of small order, in each spelling, are
// those for which any signature can be made.
func TestEd25519Points(t *testing.T) {
	for _, text := range []string{
		"0100000000000000000000000000000000000000000000000000000000000000", // order 1
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // order 2
		"0000000000000000000000000000000000000000000000000000000000000000", // order 4
		"0000000000000000000000000000000000000000000000000000000000000080",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", // order 8
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // p + 1, of order 1
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // p, of order 4
	} {
		raw, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := jose.ParseEd25519(raw); !errors.Is(err, jose.ErrWeakKey) {
			t.Errorf("%s: %v", text, err)
		}
	}
	// The 19 spellings of the smallest y as y + p.
	spelled, points := func(y byte, top []byte) []byte { return append(append([]byte{y}, top[:30]...), top[30]) }, 0
	for y := range byte(19) {
		if _, err := jose.ParseEd25519(spelled(y, make([]byte, 31))); err != nil {
			continue // no point, or of small order
		}
		points++
		again := spelled(y+0xed, append(bytes.Repeat([]byte{0xff}, 30), 0x7f))
		if _, err := jose.ParseEd25519(again); !errors.Is(err, jose.ErrWeakKey) {
			t.Errorf("%x: %v", again, err)
		}
	}
	if points == 0 {
		t.Error("none of them is a point")
	}
	for range 50 {
		public, _, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := jose.ParseEd25519(public); err != nil {
			t.Errorf("%x: %v", public, err)
		}
	}
}

func FuzzParseJWK(f *testing.F) {
	f.Add([]byte(jwk256))
	f.Add([]byte(jwkEd25519))
	f.Add([]byte(`{"kty":"RSA","e":"AQAB","n":"` + modulus(2048) + `","use":"sig","key_ops":["verify"],"alg":"PS256","kid":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		key, err := jose.ParseJWK(text)
		if err != nil {
			if jose.Code(err) == "" {
				t.Errorf("a refusal without a code: %v", err)
			}
			return
		}
		raw, err := jose.MarshalJWK(key, "")
		if err != nil {
			t.Fatalf("%s was read and cannot be written: %v", text, err)
		}
		again, err := jose.ParseJWK(raw)
		if err != nil || !again.(interface{ Equal(crypto.PublicKey) bool }).Equal(key) {
			t.Errorf("%s: %v", raw, err)
		}
	})
}
