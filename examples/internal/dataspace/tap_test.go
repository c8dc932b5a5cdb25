// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataspace

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// signed looks like a token of an issuer about a subject.
func signed(issuer, subject, more string) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"ES256","typ":"JWT"}`)) + "." + part([]byte(`{"iss":"`+issuer+`","sub":"`+subject+`","more":"`+more+`"}`)) + "." + part([]byte("not a signature"))
}

// What is answered to another member is not kept; what is answered to nobody in
// particular, and under an address that was given out, is.
func TestTapKeeps(t *testing.T) {
	for name, c := range map[string]struct {
		authorization string
		kept          bool
	}{
		"the member":      {"Bearer " + signed("did:web:me", "did:web:me", ""), true},
		"another":         {"Bearer " + signed("did:web:other", "did:web:other", ""), false},
		"nobody":          {"", true},
		"no token":        {"Bearer a.b.c", true},
		"a data address":  {"Bearer " + signed("did:web:other", "urn:uuid:transfer", ""), true},
		"one not yet met": {"Bearer " + signed("did:web:late", "did:web:late", ""), true},
	} {
		t.Run(name, func(t *testing.T) {
			tap := NewTap()
			tap.NotMe("did:web:other")
			door := tap.Asked(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Answer", "in the header")
				_, _ = io.WriteString(w, "in the body")
			}))
			r := httptest.NewRequest(http.MethodGet, "/path", nil)
			r.Header.Set("Authorization", c.authorization)
			w := httptest.NewRecorder()
			door.ServeHTTP(w, r)
			content, messages := tap.Received()
			for _, text := range []string{"/path", "in the header", "in the body"} {
				if bytes.Contains(content, []byte(text)) != c.kept || (messages == 1) != c.kept {
					t.Errorf("%d messages:\n%s", messages, content)
				}
			}
			if w.Body.String() != "in the body" {
				t.Errorf("the caller got %q", w.Body)
			}
		})
	}
}

// What is asked of the member is kept, and still reaches it.
func TestTapMine(t *testing.T) {
	tap := NewTap()
	got := ""
	door := tap.Mine(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = string(body)
	}))
	door.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/callback?x=1", strings.NewReader("a message")))
	content, _ := tap.Received()
	if got != "a message" || !strings.Contains(string(content), "POST /callback?x=1") || !strings.Contains(string(content), "a message") {
		t.Errorf("it got %q, kept is\n%s", got, content)
	}
}

// A token in a token is read, and a signature is not.
func TestReadable(t *testing.T) {
	inner := signed("did:web:a", "did:web:b", "deep inside")
	text := string(Readable([]byte("before " + signed("did:web:c", "did:web:d", inner) + " after")))
	for _, want := range []string{"before ", " after", "did:web:c", "did:web:a", "deep inside"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in %s", want, text)
		}
	}
	if strings.Contains(text, base64.RawURLEncoding.EncodeToString([]byte("not a signature"))) {
		t.Errorf("a signature is in %s", text)
	}
}

// Whatever comes in is read without harm, and what is no token stays as it is.
func FuzzReadable(f *testing.F) {
	f.Add([]byte("before " + signed("did:web:c", "did:web:d", signed("a", "b", "c")) + " after"))
	f.Add([]byte("....."))
	f.Fuzz(func(t *testing.T, content []byte) {
		text := Readable(content)
		if len(text) > 2*len(content) {
			t.Errorf("%d bytes became %d", len(content), len(text))
		}
		if !bytes.Contains(content, []byte(".")) && !bytes.Equal(text, content) {
			t.Errorf("%q became %q", content, text)
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", string(content))
		caller(r)
	})
}
