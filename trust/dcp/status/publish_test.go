// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
)

var forms = []struct {
	name  string
	kind  string
	plain bool
	bare  bool
}{
	{"StatusList2021", StatusList2021, false, false},
	{"Bitstring", Bitstring, false, false},
	{"Bitstring of data model 2.0", Bitstring, true, false},
	{"StatusList2021 unsigned", StatusList2021, false, true},
	{"Bitstring unsigned", Bitstring, false, true},
}

// TestRoundTrip: whatever bits are published, in each form, a checker sees
// exactly those.
func TestRoundTrip(t *testing.T) {
	w := newWorld(t)
	w.entry.Conformance = trust.Lenient // for the unsigned ones
	c := w.checker()
	rapid.Check(t, func(rt *rapid.T) {
		form := rapid.SampledFrom(forms).Draw(rt, "form")
		w.list.Bits = make([]byte, rapid.IntRange(MinBits/8, MinBits/8+64).Draw(rt, "bytes"))
		set := map[uint64]bool{}
		for _, i := range rapid.SliceOf(rapid.Uint64Range(0, uint64(len(w.list.Bits)*8-1))).Draw(rt, "set") {
			set[i] = Set(w.list.Bits, i, true)
		}
		w.body = publish(t, w.list, form.kind, form.plain, form.bare, w.signer)
		w.answer = nil
		w.publish()
		w.now = w.now.Add(time.Millisecond)
		probe := rapid.SliceOf(rapid.Uint64Range(0, uint64(len(w.list.Bits)*8-1))).Draw(rt, "probe")
		for i := range set {
			probe = append(probe, i)
		}
		entry := w.entry
		entry.MaxAge = time.Nanosecond
		for _, i := range probe {
			entry.Entries = []trust.StatusEntry{{Type: form.kind, Purpose: Revocation, List: listURL, Index: i}}
			if err := c.Check(t.Context(), entry); (err != nil) != set[i] {
				rt.Fatalf("%s, index %d of %d: set %v, got %v", form.name, i, len(w.list.Bits)*8, set[i], err)
			}
			entry.MaxAge = 0
		}
	})
}

func publish(t testing.TB, l List, kind string, plain, bare bool, key jose.Key) string {
	t.Helper()
	if bare {
		raw, err := JSON(l, kind)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	token, err := Sign(l, kind, plain, key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// TestForm holds what deployed verifiers need.
func TestForm(t *testing.T) {
	w := newWorld(t)
	for _, form := range forms {
		text := publish(t, w.list, form.kind, form.plain, form.bare, w.signer)
		credential := json.RawMessage(text)
		if !form.bare {
			token, err := jose.Parse(text, maxBody)
			if err != nil {
				t.Fatal(err)
			}
			claims, err := token.Verify(w.signer.Signer.Public())
			if err != nil || claims.Issuer != issuer || claims.ID != listURL || claims.Header.KeyID != keyID || !claims.Expires.Equal(w.list.ValidUntil) {
				t.Errorf("%s: %v, %+v", form.name, err, claims)
			}
			if want := map[bool]string{true: "vc+jwt", false: "JWT"}[form.plain]; claims.Header.Type != want || claims.Has("vc") == form.plain {
				t.Errorf("%s: typ %q", form.name, claims.Header.Type)
			}
			credential = claims.Payload()
			if !form.plain {
				m, _ := members(credential)
				credential = m["vc"]
			}
		}
		var got struct {
			Context []string `json:"@context"`
			Type    []string
			Subject struct {
				Type, StatusPurpose, EncodedList string
			} `json:"credentialSubject"`
		}
		if err := json.Unmarshal(credential, &got); err != nil {
			t.Errorf("%s: %v", form.name, err)
		}
		if got.Subject.StatusPurpose != Revocation || got.Type[0] != "VerifiableCredential" || !strings.HasPrefix(got.Context[0], "https://www.w3.org/") {
			t.Errorf("%s: %+v", form.name, got)
		}
		if strings.HasPrefix(got.Subject.EncodedList, "u") != (form.kind == Bitstring) {
			t.Errorf("%s: encodedList %.20s", form.name, got.Subject.EncodedList)
		}
	}
}

// An unsigned list of the older kind is in the alphabet of base64 itself: an
// empty one has a slash in it. All others are base64url.
func TestAlphabet(t *testing.T) {
	w := newWorld(t)
	for _, form := range forms {
		text := publish(t, w.list, form.kind, form.plain, form.bare, w.signer)
		if !form.bare {
			token, err := jose.Parse(text, maxBody)
			if err != nil {
				t.Fatal(err)
			}
			claims, err := token.Verify(w.signer.Signer.Public())
			if err != nil {
				t.Fatal(err)
			}
			text = string(claims.Payload())
		}
		_, list, _ := strings.Cut(text, `"encodedList":"`)
		list, _, _ = strings.Cut(list, `"`)
		plain := form.bare && form.kind == StatusList2021
		if strings.ContainsAny(list, "/+") != plain || strings.ContainsAny(list, "_-") == plain {
			t.Errorf("%s: encodedList %.40s", form.name, list)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(*List){
		"no id":        func(l *List) { l.ID = "" },
		"no issuer":    func(l *List) { l.Issuer = "" },
		"no purpose":   func(l *List) { l.Purpose = "" },
		"message":      func(l *List) { l.Purpose = "message" },
		"no end":       func(l *List) { l.ValidUntil = time.Time{} },
		"no beginning": func(l *List) { l.ValidFrom = time.Time{} },
		"too short":    func(l *List) { l.Bits = l.Bits[1:] },
	} {
		l := w.list
		change(&l)
		if token, err := Sign(l, Bitstring, false, w.signer); !errors.Is(err, ErrList) || token != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Sign(w.list, "RevocationList2020Status", false, w.signer); !errors.Is(err, ErrList) {
		t.Errorf("unknown kind: %v", err)
	}
	if _, err := JSON(w.list, ""); !errors.Is(err, ErrList) {
		t.Errorf("unknown kind: %v", err)
	}
	if Set(w.list.Bits, MinBits, true) {
		t.Error("an index beyond the list was set")
	}
}

func BenchmarkCheckWarm(b *testing.B) {
	w := newWorld(b)
	c := w.checker()
	for b.Loop() {
		if err := c.Check(b.Context(), w.entry); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	for name, share := range map[string]uint64{"empty": 0, "1 in 100": 100, "every other at random": 2} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b)
			chance := rand.New(rand.NewPCG(1, 2))
			for i := uint64(0); share > 0 && i < MinBits; i++ {
				Set(w.list.Bits, i, chance.Uint64N(share) == 0)
			}
			var token string
			for b.Loop() {
				var err error
				if token, err = Sign(w.list, Bitstring, false, w.signer); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(token)), "bytes")
		})
	}
}

func FuzzList(f *testing.F) {
	w := newWorld(f)
	for _, form := range forms {
		f.Add(publish(f, w.list, form.kind, form.plain, form.bare, w.signer))
	}
	f.Add(`{"issuer":{"id":"` + issuer + `"},"type":"StatusList2021Credential","credentialSubject":[{"type":"StatusList2021","encodedList":"` + bomb(1<<20) + `"}]}`)
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	w.entry.Conformance = trust.Lenient
	w.publish()
	f.Fuzz(func(t *testing.T, body string) {
		w := *w
		w.t, w.asked, w.relaxed, w.body, w.answer = t, nil, nil, body, nil
		err := w.checker().Check(t.Context(), w.entry)
		if refusal, ok := errors.AsType[*trust.Refusal](err); err != nil && (!ok || refusal.Check < "V80" || refusal.Check > "V94") {
			t.Fatalf("%q: %v", body, err)
		}
	})
}
