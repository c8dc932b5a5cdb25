// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/trust"
)

func answering(status int, location string) func(*world) {
	return func(w *world) {
		w.answer = func(rw http.ResponseWriter, _ *http.Request) {
			if location != "" {
				rw.Header().Set("Location", location)
			}
			rw.WriteHeader(status)
			_, _ = rw.Write([]byte("no list"))
		}
	}
}

func TestV82_NoList(t *testing.T) {
	body := func(s string) func(*world) { return func(w *world) { w.body = s } }
	pair(t, "V82", []trial{
		{"404", answering(http.StatusNotFound, "")},
		{"403", answering(http.StatusForbidden, "")},
		{"204", answering(http.StatusNoContent, "")},
		{"304 that nobody asked for", answering(http.StatusNotModified, "")},
		{"a page", body("<!doctype html>")},
		{"broken JSON", body(`{"issuer":`)},
		{"two parts", body("e30.e30")},
		{"a claim vc that is no object", func(w *world) { w.claim = func(c map[string]any) { c["vc"] = "x" } }},
		{"no URL", func(w *world) { w.entry.Entries[0].List = "" }},
	}, []trial{{"as published", as}})
}

func TestV83_Proof(t *testing.T) {
	unsigned := func(w *world) { w.bare = true }
	pair(t, "V83", []trial{
		{"unsigned", unsigned},
		{"alg none", func(w *world) {
			payload, _ := json.Marshal(w.list.claims())
			enc := base64.RawURLEncoding.EncodeToString
			w.body = enc([]byte(`{"alg":"none","kid":"`+keyID+`"}`)) + "." + enc(payload) + ".AA"
		}},
		{"another key", func(w *world) { w.signer = newKey(w.t, keyID) }},
		{"a bit changed after signing", func(w *world) {
			token := w.render()
			Set(w.list.Bits, 9, true)
			w.body = token[:strings.LastIndexByte(token, '.')]
			other := w.list.claims()
			other["vc"] = w.list.credential(w.kind, false, encodeAs)
			payload, _ := json.Marshal(other)
			parts := strings.Split(token, ".")
			w.body = parts[0] + "." + base64.RawURLEncoding.EncodeToString(payload) + "." + parts[2]
		}},
		{"key of another DID", func(w *world) { w.signer.ID = stranger + "#key-1" }},
		{"key of a DID that looks alike", func(w *world) { w.signer.ID = issuer + ".evil#key-1" }},
		{"key that is not named in full", func(w *world) { w.signer.ID = "#key-1" }},
		{"unknown key", func(w *world) { w.signer.ID = issuer + "#key-2" }},
		{"key for another use", func(w *world) { w.doc.Keys[0].Relations = []did.Relation{did.Authentication} }},
		{"document without uses", func(w *world) { w.doc.Keys[0].Relations = nil }},
		{"document of another", func(w *world) { w.docs[issuer] = `{"id":"did:web:other.example"}` }},
		{"a token of another type", func(w *world) {
			w.plain = true
			token := w.render()
			head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256","kid":"` + keyID + `","typ":"vp+jwt"}`))
			w.body = head + token[strings.IndexByte(token, '.'):]
		}},
	}, []trial{
		{"signed", as},
		{"signed, data model 2.0", func(w *world) { w.plain = true }},
		{"unsigned, leniently", func(w *world) { unsigned(w); w.entry.Conformance = trust.Lenient }},
		{"unsigned Bitstring, leniently", func(w *world) { w.bitstring(); unsigned(w); w.entry.Conformance = trust.Lenient }},
		{"unsigned as older issuers serve it, leniently", func(w *world) {
			w.bitstring()
			unsigned(w)
			lenient(w)
			w.list.Bits, w.list.ID = make([]byte, 2048), "7d6fd3a2-7a3b-4d23-9a42-6a55c0f4a1f3"
			w.edit = func(c map[string]any) { c["expirationDate"], c["credentialStatus"] = nil, nil; delete(c, "validUntil") }
		}},
		{"document without uses, leniently", func(w *world) { w.doc.Keys[0].Relations = nil; w.entry.Conformance = trust.Lenient }},
	})
}

func encoded(f func(w *world) string) func(*world) {
	return func(w *world) {
		list := f(w)
		w.edit = func(c map[string]any) { subject(c)["encodedList"] = list }
	}
}

func both(changes ...func(*world)) func(*world) {
	return func(w *world) {
		for _, change := range changes {
			change(w)
		}
	}
}

func lenient(w *world) { w.entry.Conformance = trust.Lenient }

func TestV88_NotAList(t *testing.T) {
	raw := func(w *world) []byte {
		b, _ := base64.RawURLEncoding.DecodeString(Encode(w.list.Bits))
		return b
	}
	std := encoded(func(w *world) string { return base64.StdEncoding.EncodeToString(raw(w)) })
	url := encoded(func(w *world) string { return base64.URLEncoding.EncodeToString(raw(w)) })
	multi := encoded(func(w *world) string { return "u" + Encode(w.list.Bits) })
	bare := encoded(func(w *world) string { return Encode(w.list.Bits) })
	z := encoded(func(w *world) string { return "z" + Encode(w.list.Bits) })
	types := func(credential, subjectType any) func(*world) {
		return func(w *world) {
			w.edit = func(c map[string]any) { c["type"] = credential; subject(c)["type"] = subjectType }
		}
	}
	pair(t, "V88", []trial{
		{"no list credential", types([]string{"VerifiableCredential"}, "StatusList2021")},
		{"no list", types([]string{"VerifiableCredential", "StatusList2021Credential"}, "Membership")},
		{"mixed", types([]string{"StatusList2021Credential"}, "BitstringStatusList")},
		{"for entries of the other kind", func(w *world) { w.kind = Bitstring }},
		{"two subjects", func(w *world) {
			w.edit = func(c map[string]any) { c["credentialSubject"] = []any{subject(c), subject(c)} }
		}},
		{"no subject", func(w *world) { w.edit = func(c map[string]any) { delete(c, "credentialSubject") } }},
		{"no encodedList", func(w *world) { w.edit = func(c map[string]any) { delete(subject(c), "encodedList") } }},
		{"Bitstring without u", both((*world).bitstring, bare)},
		{"Bitstring in base58", both((*world).bitstring, z)},
		{"Bitstring in base64", both((*world).bitstring, std)},
		{"not base64", encoded(func(*world) string { return "H4sI*" })},
		{"line break", encoded(func(w *world) string { e := Encode(w.list.Bits); return e[:8] + "\n" + e[8:] })},
		{"not GZIP", encoded(func(w *world) string { return base64.RawURLEncoding.EncodeToString(w.list.Bits) })},
		{"GZIP cut short", encoded(func(w *world) string { return base64.RawURLEncoding.EncodeToString(raw(w)[:30]) })},
		{"GZIP with a wrong sum", encoded(func(w *world) string {
			b := raw(w)
			b[len(b)-6] ^= 1
			return base64.RawURLEncoding.EncodeToString(b)
		})},
		{"rubbish after the GZIP", encoded(func(w *world) string { return base64.RawURLEncoding.EncodeToString(append(raw(w), 1, 2, 3)) })},
		{"nothing in the GZIP", encoded(func(*world) string { return Encode(nil) })},
	}, []trial{
		{"StatusList2021", as},
		{"StatusList2021 in base64", std},
		{"StatusList2021 in base64url with padding", url},
		{"StatusList2021 with u", multi},
		{"one subject in an array", func(w *world) {
			w.edit = func(c map[string]any) { c["credentialSubject"] = []any{subject(c)} }
		}},
		{"Bitstring", (*world).bitstring},
		{"Bitstring without u, leniently", both((*world).bitstring, bare, lenient)},
		{"Bitstring in base64, leniently", both((*world).bitstring, std, lenient)},
	})
}

// bomb is GZIP of n zero bytes: several of its streams in a row, which are read
// as one (RFC 1952 section 2.2).
func bomb(n int) string {
	var b bytes.Buffer
	for left, member := n, mebibyte(); left > 0; left -= 1 << 20 {
		if left < 1<<20 {
			member = gzipped(left)
		}
		_, _ = b.Write(member)
	}
	return base64.RawURLEncoding.EncodeToString(b.Bytes())
}

// mebibyte is made once: the race detector makes compressing slow.
var mebibyte = sync.OnceValue(func() []byte { return gzipped(1 << 20) })

func gzipped(n int) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(make([]byte, n))
	_ = z.Close()
	return b.Bytes()
}

func TestV89_Bomb(t *testing.T) {
	of := func(n int) func(*world) { return encoded(func(*world) string { return bomb(n) }) }
	pair(t, "V89", []trial{
		{"a byte too much", of(maxBytes + 1)},
		{"64 MiB", of(64 << 20)},
		{"in one stream", encoded(func(*world) string { return base64.RawURLEncoding.EncodeToString(gzipped(maxBytes + 1)) })},
		{"Bitstring", both((*world).bitstring, encoded(func(*world) string { return "u" + bomb(maxBytes+1) }))},
		{"leniently", both(lenient, of(maxBytes+1))},
	}, []trial{{"as much as there may be", of(maxBytes)}})
}

// TestBombMemory measures what a bomb costs: no more than its base64, decoded,
// and the decompressor's window.
func TestBombMemory(t *testing.T) {
	packed := bomb(256 << 20)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := decode(packed, StatusList2021)
	runtime.ReadMemStats(&after)
	got := after.TotalAlloc - before.TotalAlloc
	t.Logf("%d bytes of base64 for 256 MiB: %d bytes allocated", len(packed), got)
	if !errors.Is(err, errBomb) || got > 1<<20 {
		t.Errorf("%d bytes allocated, %v", got, err)
	}
}

func TestV94_Limits(t *testing.T) {
	clients, err := safehttp.New(safehttp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(clients.CloseIdle)
	at := func(url string) func(*world) {
		return func(w *world) { w.http = clients.Foreign; w.entry.Entries[0].List = url }
	}
	pair(t, "V94", []trial{
		{"private address", at("https://10.0.0.1/status/1")},
		{"this machine", at("https://localhost/status/1")},
		{"metadata service", at("https://169.254.169.254/latest/meta-data")},
		{"http", at("http://registrar.example/status/1")},
		{"file", at("file:///etc/passwd")},
		{"mail server", at("https://registrar.example:25/")},
		{"password", at("https://a:b@registrar.example/")},
		{"no URL", at("https://registrar.example/\x7f")},
		{"relative", at("/status/1")},
		{"a redirect, refused by the client", func(w *world) {
			w.http = doer(func(*http.Request) (*http.Response, error) { return nil, fmt.Errorf("x: %w", safehttp.ErrRedirect) })
		}},
		{"a redirect", answering(http.StatusFound, "https://10.0.0.1/")},
		{"too large", func(w *world) { w.body = strings.Repeat(" ", maxBody+1) }},
	}, []trial{
		{"within the limits", as},
		{"just as large as it may be", func(w *world) { token := w.render(); w.body = strings.Repeat(" ", maxBody-len(token)) + token }},
	})
}
