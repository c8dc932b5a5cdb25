// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
)

// keyEd25519 is the key of RFC 8037 appendix A.2 (RFC 8032 section 7.1, test
// 1).
const keyEd25519 = "z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw"

func resolver() *did.Web {
	return did.NewWeb(did.WebConfig{Now: func() time.Time { return start }})
}

var start = time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)

func TestDIDKey(t *testing.T) {
	raw, err := hex.DecodeString("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
	if err != nil {
		t.Fatal(err)
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for prefix, key := range map[string]crypto.PublicKey{
		"did:key:" + keyEd25519: ed25519.PublicKey(raw), "did:key:zDn": p256.Public(), "did:key:z82": p384.Public(),
	} {
		id, err := did.FromKey(key)
		if err != nil || !strings.HasPrefix(id, prefix) {
			t.Fatalf("got %s, %v; want %s", id, err, prefix)
		}
		d, err := resolver().Resolve(t.Context(), id)
		if err != nil {
			t.Fatal(id, err)
		}
		for _, use := range []did.Relation{did.Authentication, did.AssertionMethod, did.CapabilityInvocation} {
			got, err := d.Key(id+"#"+strings.TrimPrefix(id, "did:key:"), use, false)
			if err != nil || !key.(interface{ Equal(crypto.PublicKey) bool }).Equal(got) {
				t.Errorf("%s: got %v, %v", id, got, err)
			}
		}
		if d.ID != id || !d.Fetched.Equal(start) || d.Hash == "" {
			t.Errorf("got %+v", d)
		}
	}
}

func TestDIDKeyRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		id   string
		want error
	}{
		"no multibase":          {"did:key:" + keyEd25519[1:], did.ErrKey},
		"another multibase":     {"did:key:u" + keyEd25519[1:], did.ErrKey},
		"a letter too few":      {"did:key:" + keyEd25519[:len(keyEd25519)-1], did.ErrKey},
		"a letter too many":     {"did:key:" + keyEd25519 + "1", did.ErrKey},
		"a zero in front":       {"did:key:z1" + keyEd25519[1:], did.ErrKey},
		"not in the alphabet":   {"did:key:z0" + keyEd25519[2:], did.ErrKey},
		"nothing":               {"did:key:z", did.ErrKey},
		"only a code":           {"did:key:z6", did.ErrKey},
		"secp256k1":             {"did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme", did.ErrKey},
		"an encryption key":     {"did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F", did.ErrKey},
		"very long":             {"did:key:z" + strings.Repeat("6", 900), did.ErrKey},
		"with a fragment":       {"did:key:" + keyEd25519 + "#" + keyEd25519, did.ErrSyntax},
		"with a colon":          {"did:key:" + keyEd25519 + ":x", did.ErrKey},
		"another method":        {"did:jwk:e30", did.ErrMethod},
		"no DID":                {"https://a.example", did.ErrSyntax},
		"Ed25519, small order":  {multikey("\xed\x01", append([]byte{1}, make([]byte, 31)...)), did.ErrKey},
		"P-256, not compressed": {multikey("\x80\x24", append([]byte{4}, make([]byte, 64)...)), did.ErrKey},
		"P-256, not on curve":   {multikey("\x80\x24", append([]byte{2}, make([]byte, 31)...)), did.ErrKey},
		"P-256, beyond p":       {multikey("\x80\x24", append([]byte{2}, []byte(strings.Repeat("\xff", 32))...)), did.ErrKey},
	} {
		t.Run(name, func(t *testing.T) {
			if d, err := resolver().Resolve(t.Context(), tc.id); !errors.Is(err, tc.want) || d != nil {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
	// The conversion takes time by the square of the length.
	long := parse(t, doc(t, obj{"verificationMethod": []any{vm("#key-1", obj{"publicKeyJwk": nil, "publicKeyMultibase": "z" + strings.Repeat("6", 60<<10)})}}))
	if _, err := long.Key("#key-1", did.Authentication, false); !errors.Is(err, did.ErrKey) || !strings.Contains(err.Error(), "too long") {
		t.Errorf("60 KiB: %v", err)
	}
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []crypto.PublicKey{p521.Public(), p521, nil, []byte("x")} {
		if id, err := did.FromKey(key); !errors.Is(err, did.ErrKey) || id != "" {
			t.Errorf("%T: %s, %v", key, id, err)
		}
	}
}

// multikey writes a did:key without looking at the key. Digits of base 58 by
// long division, in another way than the product's.
func multikey(code string, raw []byte) string {
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	number, text := append([]byte(code), raw...), ""
	for len(number) > 0 {
		rest, quotient := 0, []byte(nil)
		for _, b := range number {
			rest = rest<<8 | int(b)
			if digit := byte(rest / 58); len(quotient) > 0 || digit > 0 {
				quotient = append(quotient, digit)
			}
			rest %= 58
		}
		text, number = string(alphabet[rest])+text, quotient
	}
	return "did:key:z" + text
}

func FuzzDIDKey(f *testing.F) {
	f.Add(keyEd25519)
	f.Add("zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169")
	f.Add("z")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := resolver().Resolve(t.Context(), "did:key:"+text)
		if err != nil {
			return
		}
		key, err := d.Key("", did.Authentication, false)
		if err != nil {
			t.Fatal(err)
		}
		if id, err := did.FromKey(key); err != nil || id != "did:key:"+text {
			t.Errorf("%q is written %q, %v", text, id, err)
		}
	})
}
