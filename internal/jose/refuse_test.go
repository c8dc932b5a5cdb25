// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
)

var b64 = base64.RawURLEncoding

const goodHeader = `{"alg":"ES256","kid":"key-1","typ":"data+jwt"}`

// forge signs any header and payload by hand with the P-256 key, so that only
// the fault under test stands between the token and acceptance.
func forge(t testing.TB, header, payload string) string {
	t.Helper()
	input := b64.EncodeToString([]byte(header)) + "." + b64.EncodeToString([]byte(payload))
	digest := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, signers()[jose.ES256].(*ecdsa.PrivateKey), digest[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	return input + "." + b64.EncodeToString(signature)
}

func goodPayload(t testing.TB) string {
	t.Helper()
	raw, err := json.Marshal(good())
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func refused(t *testing.T, token string, want error) {
	t.Helper()
	claims, err := jose.Verify(token, only(keyFor(jose.ES256)), expectGood())
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
	if claims.Has("iss") {
		t.Error("a refused token yielded claims")
	}
}

func TestForgedTwinIsAccepted(t *testing.T) {
	if _, err := jose.Verify(forge(t, goodHeader, goodPayload(t)), only(keyFor(jose.ES256)), expectGood()); err != nil {
		t.Fatal(err)
	}
}

func TestRefusesForm(t *testing.T) {
	token := forge(t, goodHeader, goodPayload(t))
	part := strings.Split(token, ".")
	for name, bad := range map[string]string{
		"empty":               "",
		"two parts":           part[0] + "." + part[1],
		"four parts":          token + ".",
		"five parts (JWE)":    token + ".a.b",
		"no signature":        part[0] + "." + part[1] + ".",
		"no payload":          part[0] + ".." + part[2],
		"JSON serialisation":  `{"payload":"` + part[1] + `","protected":"` + part[0] + `","signature":"` + part[2] + `"}`,
		"JSON in three parts": `{"payload":"a.b.c"}`,
		"padding":             part[0] + "." + part[1] + "." + part[2] + "==",
		"base64, not base64url": strings.NewReplacer("-", "+", "_", "/").Replace(token) +
			"+",
		"line break":  part[0] + "." + part[1] + "." + part[2][:4] + "\n" + part[2][4:],
		"inner space": part[0] + ". " + part[1] + "." + part[2],
		"stray bits":  stray(token),
	} {
		t.Run(name, func(t *testing.T) { refused(t, bad, jose.ErrForm) })
	}
}

func TestRefusesSpace(t *testing.T) {
	token := forge(t, goodHeader, goodPayload(t))
	for _, bad := range []string{" " + token, token + "\n", "\t" + token, token + "\r\n", token + "\u00a0", "\u3000" + token, " "} {
		refused(t, bad, jose.ErrSpace)
	}
}

// stray changes bits of the last character that carry no data: 64 bytes leave
// four of them in the 86th character.
func stray(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, token[len(token)-1])
	return token[:len(token)-1] + string(alphabet[last|1])
}

func TestRefusesSize(t *testing.T) {
	key := keyFor(jose.ES256)
	big := good()
	big["padding"] = strings.Repeat("x", jose.DefaultMaxSize)
	token := sign(t, big, key)
	refused(t, token, jose.ErrTooLarge)
	refused(t, sign(t, good(), key)+strings.Repeat("A", 1<<20), jose.ErrTooLarge)
	refused(t, strings.Repeat(".", 1<<20), jose.ErrTooLarge)
	refused(t, strings.Repeat(" ", 1<<20), jose.ErrTooLarge)
	refused(t, strings.Repeat(".", 1<<10), jose.ErrForm)

	expect := expectGood()
	expect.MaxSize = 2 * jose.DefaultMaxSize
	if _, err := jose.Verify(token, only(key), expect); err != nil {
		t.Errorf("with a larger limit: %v", err)
	}
}

func TestRefusesHeader(t *testing.T) {
	for name, tc := range map[string]struct {
		header string
		want   error
	}{
		"not JSON":              {`x`, jose.ErrHeader},
		"a list":                {`["ES256"]`, jose.ErrHeader},
		"null":                  {`null`, jose.ErrHeader},
		"member twice":          {`{"alg":"ES256","alg":"ES256","kid":"key-1","typ":"data+jwt"}`, jose.ErrDuplicate},
		"member twice escaped":  {`{"alg":"ES256","\u0061lg":"ES256","kid":"key-1","typ":"data+jwt"}`, jose.ErrDuplicate},
		"member twice in depth": {`{"alg":"ES256","kid":"key-1","typ":"data+jwt","x":[{"a":1,"a":1}]}`, jose.ErrDuplicate},
		"text behind":           {goodHeader + `{}`, jose.ErrHeader},
		"too deep":              {`{"alg":"ES256","kid":"key-1","x":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`, jose.ErrHeader},
		"alg a list":            {`{"alg":["ES256"],"kid":"key-1"}`, jose.ErrHeader},
		"kid a number":          {`{"alg":"ES256","kid":1}`, jose.ErrHeader},
		"kid null":              {`{"alg":"ES256","kid":null}`, jose.ErrHeader},
		"crit unknown":          {`{"alg":"ES256","kid":"key-1","typ":"data+jwt","crit":["x"],"x":1}`, jose.ErrCritical},
		"crit empty":            {`{"alg":"ES256","kid":"key-1","typ":"data+jwt","crit":[]}`, jose.ErrCritical},
		"b64":                   {`{"alg":"ES256","kid":"key-1","typ":"data+jwt","b64":false}`, jose.ErrCritical},
		"zip":                   {`{"alg":"ES256","kid":"key-1","typ":"data+jwt","zip":"DEF"}`, jose.ErrCritical},
		"no alg":                {`{"kid":"key-1","typ":"data+jwt"}`, jose.ErrAlgorithm},
		"alg none":              {`{"alg":"none","kid":"key-1","typ":"data+jwt"}`, jose.ErrAlgorithm},
		"alg None":              {`{"alg":"None","kid":"key-1","typ":"data+jwt"}`, jose.ErrAlgorithm},
		"alg lower case":        {`{"alg":"es256","kid":"key-1","typ":"data+jwt"}`, jose.ErrAlgorithm},
		"alg HS256":             {`{"alg":"HS256","kid":"key-1","typ":"data+jwt"}`, jose.ErrAlgorithm},
		"alg ES512":             {`{"alg":"ES512","kid":"key-1","typ":"data+jwt"}`, jose.ErrAlgorithm},
		"alg ES256K":            {`{"alg":"ES256K","kid":"key-1","typ":"data+jwt"}`, jose.ErrAlgorithm},
		"alg by other case":     {`{"ALG":"ES256","kid":"key-1","typ":"data+jwt"}`, jose.ErrAlgorithm},
		"another typ":           {`{"alg":"ES256","kid":"key-1","typ":"JWT"}`, jose.ErrType},
		"no typ":                {`{"alg":"ES256","kid":"key-1"}`, jose.ErrType},
		"no kid":                {`{"alg":"ES256","typ":"data+jwt"}`, jose.ErrKeyID},
		"another kid":           {`{"alg":"ES256","kid":"key-2","typ":"data+jwt"}`, jose.ErrUnknownKey},
		"alg of another key":    {`{"alg":"ES384","kid":"key-1","typ":"data+jwt"}`, jose.ErrKeyAlgorithm},
		"alg RS256 for EC":      {`{"alg":"RS256","kid":"key-1","typ":"data+jwt"}`, jose.ErrKeyAlgorithm},
		"alg EdDSA for EC":      {`{"alg":"EdDSA","kid":"key-1","typ":"data+jwt"}`, jose.ErrKeyAlgorithm},
	} {
		t.Run(name, func(t *testing.T) { refused(t, forge(t, tc.header, goodPayload(t)), tc.want) })
	}
}

func TestTypeIsAMediaType(t *testing.T) {
	for _, typ := range []string{"data+jwt", "DATA+JWT", "application/data+jwt"} {
		token := forge(t, `{"alg":"ES256","kid":"key-1","typ":"`+typ+`"}`, goodPayload(t))
		if _, err := jose.Verify(token, only(keyFor(jose.ES256)), expectGood()); err != nil {
			t.Errorf("%s: %v", typ, err)
		}
	}
}

// TestKeysInHeaderAreNotUsed offers the forger's own key in each of the ways
// RFC 7515 knows; the same members in an honest token do no harm.
func TestKeysInHeaderAreNotUsed(t *testing.T) {
	const offers = `"jwk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},"jku":"https://forger.example/keys",` +
		`"x5u":"https://forger.example/chain","x5c":["AAAA"]`
	header := strings.TrimSuffix(goodHeader, "}") + "," + offers + "}"
	token := forge(t, header, goodPayload(t))
	if _, err := jose.Verify(token, only(keyFor(jose.ES256)), expectGood()); err != nil {
		t.Errorf("honest: %v", err)
	}
	other, err := jose.GenerateES256(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jose.Verify(token, only(jose.Key{ID: "key-1", Signer: other}), expectGood()); !errors.Is(err, jose.ErrSignature) {
		t.Errorf("forged: %v", err)
	}
}

func TestRefusesSignature(t *testing.T) {
	token := forge(t, goodHeader, goodPayload(t))
	part := strings.Split(token, ".")
	zero := b64.EncodeToString(make([]byte, 64))
	other := good()
	other["sub"] = "transfer-2"
	raw, err := json.Marshal(other)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"payload changed": part[0] + "." + b64.EncodeToString(raw) + "." + part[2],
		"header changed":  b64.EncodeToString([]byte(goodHeader+" ")) + "." + part[1] + "." + part[2],
		"all zero":        part[0] + "." + part[1] + "." + zero,
		"too short":       part[0] + "." + part[1] + "." + part[2][:80],
	} {
		t.Run(name, func(t *testing.T) { refused(t, bad, jose.ErrSignature) })
	}
}

// TestRefusesPublicKeyAsSecret is the confusion of RFC 8725 section 2.1.
func TestRefusesPublicKeyAsSecret(t *testing.T) {
	public, err := x509.MarshalPKIXPublicKey(signers()[jose.RS256].Public())
	if err != nil {
		t.Fatal(err)
	}
	input := b64.EncodeToString([]byte(`{"alg":"HS256","kid":"key-1","typ":"data+jwt"}`)) + "." + b64.EncodeToString([]byte(goodPayload(t)))
	mac := hmac.New(sha256.New, public)
	mac.Write([]byte(input))
	refused(t, input+"."+b64.EncodeToString(mac.Sum(nil)), jose.ErrAlgorithm)
}

func TestRefusesKey(t *testing.T) {
	weak := &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 1023, 1), E: 65537}
	slow := new(big.Int).SetBit(big.NewInt(1), 8191, 1)
	off := &ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(1), Y: big.NewInt(1)} //nolint:staticcheck // the checked constructors would not make it
	for name, tc := range map[string]struct {
		alg  string
		key  crypto.PublicKey
		want error
	}{
		"none":              {jose.ES256, nil, jose.ErrUnknownKey},
		"typed nil":         {jose.ES256, (*ecdsa.PublicKey)(nil), jose.ErrUnknownKey},
		"a secret":          {jose.ES256, []byte("secret"), jose.ErrKeyAlgorithm},
		"a private key":     {jose.ES256, signers()[jose.ES256], jose.ErrKeyAlgorithm},
		"not on the curve":  {jose.ES256, off, jose.ErrWeakKey},
		"RSA of 1024 bits":  {jose.RS256, weak, jose.ErrWeakKey},
		"RSA exponent 1":    {jose.RS256, &rsa.PublicKey{N: signers()[jose.RS256].Public().(*rsa.PublicKey).N, E: 1}, jose.ErrWeakKey},
		"P-384 under ES256": {jose.ES256, signers()[jose.ES384].Public(), jose.ErrKeyAlgorithm},
		// Whoever names a key may not keep us busy with it.
		"RSA of 8192 bits":        {jose.RS256, &rsa.PublicKey{N: slow, E: 65537}, jose.ErrWeakKey},
		"RSA exponent of 31 bits": {jose.RS256, &rsa.PublicKey{N: signers()[jose.RS256].Public().(*rsa.PublicKey).N, E: 1<<31 - 1}, jose.ErrWeakKey},
	} {
		t.Run(name, func(t *testing.T) {
			token := forge(t, `{"alg":"`+tc.alg+`","kid":"key-1","typ":"data+jwt"}`, goodPayload(t))
			keys := func(string) (crypto.PublicKey, error) { return tc.key, nil }
			if _, err := jose.Verify(token, keys, expectGood()); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestResolverErrorIsNoVerdict(t *testing.T) {
	unreachable := errors.New("did document out of reach")
	keys := func(string) (crypto.PublicKey, error) { return nil, unreachable }
	_, err := jose.Verify(forge(t, goodHeader, goodPayload(t)), keys, expectGood())
	if !errors.Is(err, unreachable) || jose.Code(err) != "" {
		t.Errorf("got %v with code %q", err, jose.Code(err))
	}
}

func TestRefusesClaims(t *testing.T) {
	key := keyFor(jose.ES256)
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	for name, tc := range map[string]struct {
		change map[string]any // nil removes the claim
		want   error
	}{
		"iss a number":     {map[string]any{"iss": 1}, jose.ErrClaims},
		"sub a list":       {map[string]any{"sub": []string{"a"}}, jose.ErrClaims},
		"exp a string":     {map[string]any{"exp": "2000000000"}, jose.ErrClaims},
		"exp null":         {map[string]any{"exp": json.RawMessage("null")}, jose.ErrClaims},
		"exp negative":     {map[string]any{"exp": -1}, jose.ErrClaims},
		"exp beyond time":  {map[string]any{"exp": 1e300}, jose.ErrClaims},
		"nbf a bool":       {map[string]any{"nbf": true}, jose.ErrClaims},
		"iat an object":    {map[string]any{"iat": map[string]any{}}, jose.ErrClaims},
		"aud null":         {map[string]any{"aud": json.RawMessage("null")}, jose.ErrClaims},
		"aud empty list":   {map[string]any{"aud": []string{}}, jose.ErrClaims},
		"aud with number":  {map[string]any{"aud": []any{"data", 1}}, jose.ErrClaims},
		"no exp":           {map[string]any{"exp": nil}, jose.ErrMissing},
		"no iat":           {map[string]any{"iat": nil}, jose.ErrMissing},
		"no jti":           {map[string]any{"jti": nil}, jose.ErrMissing},
		"another issuer":   {map[string]any{"iss": "Provider"}, jose.ErrIssuer},
		"another audience": {map[string]any{"aud": []string{"data2", ""}}, jose.ErrAudience},
		"no audience":      {map[string]any{"aud": nil}, jose.ErrAudience},
		"expired now":      {map[string]any{"exp": at(0)}, jose.ErrExpired},
		"not before later": {map[string]any{"nbf": at(time.Second)}, jose.ErrNotYet},
		"issued later":     {map[string]any{"iat": at(time.Second)}, jose.ErrFuture},
		"issued long ago":  {map[string]any{"iat": at(-2 * time.Hour)}, jose.ErrTooOld},
	} {
		t.Run(name, func(t *testing.T) {
			claims := good()
			maps.Copy(claims, tc.change)
			maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
			refused(t, sign(t, claims, key), tc.want)
		})
	}
	t.Run("not an object", func(t *testing.T) { refused(t, forge(t, goodHeader, `[]`), jose.ErrClaims) })
	t.Run("claim twice", func(t *testing.T) {
		refused(t, forge(t, goodHeader, `{"iss":"x",`+goodPayload(t)[1:]), jose.ErrDuplicate)
	})
	t.Run("claim twice in depth", func(t *testing.T) {
		refused(t, forge(t, goodHeader, `{"vp":{"a":1,"a":2},`+goodPayload(t)[1:]), jose.ErrDuplicate)
	})
}

func TestUnexpectedAudience(t *testing.T) {
	expect := expectGood()
	expect.Audience = ""
	if _, err := jose.Verify(sign(t, good(), keyFor(jose.ES256)), only(keyFor(jose.ES256)), expect); !errors.Is(err, jose.ErrAudience) {
		t.Errorf("got %v", err)
	}
}

func TestLeeway(t *testing.T) {
	key := keyFor(jose.ES256)
	for name, change := range map[string]map[string]any{
		"exp": {"exp": now.Add(-4 * time.Second).Unix()},
		"nbf": {"nbf": now.Add(4 * time.Second).Unix()},
		"iat": {"iat": now.Add(4 * time.Second).Unix()},
		"age": {"iat": now.Add(-time.Hour - 4*time.Second).Unix()},
	} {
		claims, expect := good(), expectGood()
		maps.Copy(claims, change)
		expect.Leeway = 5 * time.Second
		if _, err := jose.Verify(sign(t, claims, key), only(key), expect); err != nil {
			t.Errorf("%s within leeway: %v", name, err)
		}
		expect.Leeway = 3 * time.Second
		if _, err := jose.Verify(sign(t, claims, key), only(key), expect); err == nil {
			t.Errorf("%s beyond leeway was accepted", name)
		}
	}
}

func TestVerifyNeedsATime(t *testing.T) {
	key := keyFor(jose.ES256)
	expect := expectGood()
	expect.Now = time.Time{}
	if _, err := jose.Verify(sign(t, good(), key), only(key), expect); !errors.Is(err, jose.ErrExpect) {
		t.Errorf("got %v", err)
	}
	if _, err := jose.Verify(sign(t, good(), key), nil, expectGood()); !errors.Is(err, jose.ErrExpect) {
		t.Errorf("no resolver: got %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	f.Add(forge(f, goodHeader, goodPayload(f)))
	f.Add(forge(f, `{"alg":"RS256","kid":"key-1"}`, `{"exp":1e9,"aud":["a",{}]}`))
	f.Add("e30.e30.AA")
	f.Add("..")
	key := keyFor(jose.ES256)
	f.Fuzz(func(t *testing.T, token string) {
		claims, err := jose.Verify(token, only(key), expectGood())
		if err != nil && jose.Code(err) == "" {
			t.Errorf("a refusal without a code: %v", err)
		}
		if err == nil && (claims.Issuer != "provider" || strings.Count(token, ".") != 2) {
			t.Errorf("accepted %q", token)
		}
	})
}

// FuzzPayload puts any payload under a good signature, to reach the claims.
func FuzzPayload(f *testing.F) {
	f.Add(goodPayload(f))
	f.Add(`{"exp":1e9,"iat":0.5,"aud":["data"],"nbf":null}`)
	f.Fuzz(func(t *testing.T, payload string) {
		claims, err := jose.Verify(forge(t, goodHeader, payload), only(keyFor(jose.ES256)), expectGood())
		if err == nil && !claims.Expires.After(now) {
			t.Errorf("accepted %q", payload)
		}
	})
}
