// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
)

func TestV80_Revoked(t *testing.T) {
	pair(t, "V80", []trial{
		{"StatusList2021", func(w *world) { Set(w.list.Bits, 42, true) }},
		{"Bitstring", func(w *world) { w.bitstring(); Set(w.list.Bits, 42, true) }},
		{"Bitstring of data model 2.0", func(w *world) { w.bitstring(); w.plain = true; Set(w.list.Bits, 42, true) }},
		{"first entry of the list", func(w *world) { w.entry.Entries[0].Index = 0; w.list.Bits[0] = 0x80 }},
		{"last entry of the list", func(w *world) { w.entry.Entries[0].Index = MinBits - 1; w.list.Bits[MinBits/8-1] = 1 }},
		{"beside a suspension that passes", func(w *world) {
			w.edit = func(c map[string]any) { subject(c)["statusPurpose"] = []string{Revocation, Suspension} }
			other := w.status(7)
			other.Purpose = Suspension
			w.entry.Entries = append(w.entry.Entries, other)
			Set(w.list.Bits, 42, true)
		}},
	}, []trial{
		{"as issued", as},
		{"restored", func(w *world) { Set(w.list.Bits, 42, true); Set(w.list.Bits, 42, false) }},
		{"all others are revoked", func(w *world) {
			for i := range w.list.Bits {
				w.list.Bits[i] = 0xff
			}
			Set(w.list.Bits, 42, false)
		}},
		{"Bitstring", (*world).bitstring},
		{"Bitstring of data model 2.0", func(w *world) { w.bitstring(); w.plain = true }},
	})
}

func TestV81_Suspended(t *testing.T) {
	suspension := func(w *world) {
		w.list.Purpose, w.entry.Entries[0].Purpose = Suspension, Suspension
	}
	pair(t, "V81", []trial{
		{"StatusList2021", func(w *world) { suspension(w); Set(w.list.Bits, 42, true) }},
		{"Bitstring", func(w *world) { w.bitstring(); suspension(w); Set(w.list.Bits, 42, true) }},
	}, []trial{
		{"not suspended", suspension},
		{"restored", func(w *world) { suspension(w); Set(w.list.Bits, 42, true); Set(w.list.Bits, 42, false) }},
	})
}

func TestV84_ListOfAnotherIssuer(t *testing.T) {
	pair(t, "V84", []trial{
		{"signed by a stranger", func(w *world) {
			w.list.Issuer = stranger
			w.signer = newKey(w.t, stranger+"#key-1")
		}},
		{"claim iss", func(w *world) { w.claim = func(c map[string]any) { c["iss"] = stranger } }},
		{"member issuer", func(w *world) { w.edit = func(c map[string]any) { c["issuer"] = stranger } }},
		{"issuer without a name", func(w *world) { w.edit = func(c map[string]any) { c["issuer"] = map[string]any{} } }},
		{"no issuer in plain JSON", func(w *world) {
			w.bare, w.entry.Conformance = true, trust.Lenient
			w.edit = func(c map[string]any) { delete(c, "issuer") }
		}},
		{"another list of the issuer", func(w *world) { w.list.ID = "https://registrar.example/status/2" }},
	}, []trial{
		{"as issued", as},
		{"issuer as an object", func(w *world) { w.edit = func(c map[string]any) { c["issuer"] = map[string]any{"id": issuer} } }},
		{"issuer in iss alone", func(w *world) { w.edit = func(c map[string]any) { delete(c, "issuer") } }},
		{"an id that is no URL", func(w *world) { w.list.ID = "urn:uuid:7d6fd3a2-7a3b-4d23-9a42-6a55c0f4a1f3" }},
		{"an id of another URL, leniently", func(w *world) { w.list.ID += "/other"; w.entry.Conformance = trust.Lenient }},
	})
}

func TestV85_Expired(t *testing.T) {
	at := func(t time.Time) string { return t.Format(time.RFC3339) }
	pair(t, "V85", []trial{
		{"validUntil", func(w *world) {
			w.bitstring()
			w.plain = true
			w.edit = func(c map[string]any) { c["validUntil"] = at(start) }
		}},
		{"expirationDate", func(w *world) { w.edit = func(c map[string]any) { c["expirationDate"] = at(start) } }},
		{"exp", func(w *world) { w.claim = func(c map[string]any) { c["exp"] = start.Unix() } }},
		{"not valid yet", func(w *world) {
			w.edit = func(c map[string]any) { c["issuanceDate"] = at(start.Add(leeway + time.Second)) }
		}},
		{"nbf", func(w *world) {
			w.claim = func(c map[string]any) { c["nbf"] = start.Add(leeway + time.Second).Unix() }
		}},
		{"no time", func(w *world) { w.edit = func(c map[string]any) { c["expirationDate"] = "soon" } }},
		{"a number", func(w *world) { w.edit = func(c map[string]any) { c["validUntil"] = 4102444800 } }},
	}, []trial{
		{"a second before its end", func(w *world) { w.edit = func(c map[string]any) { c["expirationDate"] = at(start.Add(time.Second)) } }},
		{"no end", func(w *world) {
			w.edit = func(c map[string]any) { delete(c, "expirationDate") }
			w.claim = func(c map[string]any) { delete(c, "exp") }
		}},
		{"null", func(w *world) { w.edit = func(c map[string]any) { c["validUntil"] = nil } }},
		{"ttl is past", func(w *world) {
			w.edit = func(c map[string]any) {
				c["issuanceDate"] = at(start.Add(-time.Hour))
				subject(c)["ttl"] = 1000
			}
		}},
		{"a clock that is ahead", func(w *world) { w.edit = func(c map[string]any) { c["issuanceDate"] = at(start.Add(leeway)) } }},
	})
}

func TestV86_Purpose(t *testing.T) {
	purposes := func(p any) func(*world) {
		return func(w *world) { w.edit = func(c map[string]any) { subject(c)["statusPurpose"] = p } }
	}
	pair(t, "V86", []trial{
		{"another", purposes(Suspension)},
		{"others", purposes([]string{Suspension, "message"})},
		{"none", purposes(nil)},
		{"no strings", purposes([]any{1, nil})},
		{"an entry of unknown purpose", func(w *world) {
			purposes("message")(w)
			w.entry.Entries[0].Purpose = "message"
		}},
	}, []trial{
		{"a string", purposes(Revocation)},
		{"an array", purposes([]string{Suspension, Revocation})},
	})
}

func TestV90_Short(t *testing.T) {
	short := func(w *world) { w.list.Bits = make([]byte, MinBits/8-1) }
	pair(t, "V90", []trial{
		{"StatusList2021", short},
		{"Bitstring", func(w *world) { w.bitstring(); short(w) }},
	}, []trial{
		{"long enough", as},
		{"leniently", func(w *world) { short(w); w.entry.Conformance = trust.Lenient }},
		{"longer", func(w *world) { w.list.Bits = make([]byte, MinBits/4) }},
	})
}

func TestV92_AllMustPass(t *testing.T) {
	second := func(w *world) { w.entry.Entries = append(w.entry.Entries, w.status(43)) }
	pair(t, "V92", []trial{
		{"the second is revoked", func(w *world) { second(w); Set(w.list.Bits, 43, true) }},
		{"the first is revoked", func(w *world) { second(w); Set(w.list.Bits, 42, true) }},
		{"the second cannot be judged", func(w *world) { second(w); w.entry.Entries[1].Type = "RevocationList2020Status" }},
		{"too many", func(w *world) {
			for range maxEntries {
				second(w)
			}
		}},
	}, []trial{
		{"both pass", second},
		{"none", func(w *world) { w.entry.Entries = nil }},
	})
}

// TestRelaxationsAreTold: what only a lenient reader accepts is told each
// time, cached or not, and nothing is told of a list that is in order.
func TestRelaxationsAreTold(t *testing.T) {
	w := newWorld(t)
	w.bare, w.list.Bits, w.entry.Conformance = true, make([]byte, 2048), trust.Lenient
	c := w.checker()
	for range 2 {
		if err := c.Check(t.Context(), w.entry); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.relaxed) != 4 || len(w.asked) != 1 {
		t.Errorf("told %q, asked %d times", w.relaxed, len(w.asked))
	}
	// The same list is refused to one who is strict, without being asked for.
	strict := w.entry
	strict.Conformance = trust.Strict
	wantRefusal(t, c.Check(t.Context(), strict), "V83")
	if len(w.relaxed) != 4 || len(w.asked) != 1 {
		t.Errorf("told %q, asked %d times", w.relaxed, len(w.asked))
	}
	w = newWorld(t)
	w.entry.Conformance = trust.Lenient
	if err := w.checker().Check(t.Context(), w.entry); err != nil || len(w.relaxed) != 0 {
		t.Errorf("%v, told %q", err, w.relaxed)
	}
}

func TestRelationsRelaxed(t *testing.T) {
	w := newWorld(t)
	w.doc.Keys[0].Relations = nil
	w.entry.Conformance = trust.Lenient
	c := w.checker()
	if err := c.Check(t.Context(), w.entry); err != nil || len(w.relaxed) != 1 {
		t.Errorf("%v, told %q", err, w.relaxed)
	}
	w = newWorld(t) // a document that lists another use is clear enough
	w.doc.Keys[0].Relations = []did.Relation{did.Authentication}
	w.entry.Conformance = trust.Lenient
	wantRefusal(t, w.checker().Check(t.Context(), w.entry), "V83")
}
