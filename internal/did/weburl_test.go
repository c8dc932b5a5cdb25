// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/internal/did"
)

func TestWebURL(t *testing.T) {
	label63 := strings.Repeat("a", 63)
	for id, want := range map[string]string{
		// did:web section 3.2
		"did:web:w3c-ccg.github.io":             "https://w3c-ccg.github.io/.well-known/did.json",
		"did:web:w3c-ccg.github.io:user:alice":  "https://w3c-ccg.github.io/user/alice/did.json",
		"did:web:example.com%3A3000:user:alice": "https://example.com:3000/user/alice/did.json",
		"did:web:example.com%3A3000":            "https://example.com:3000/.well-known/did.json",
		"did:web:localhost%3A28483:consumer":    "https://localhost:28483/consumer/did.json",
		"did:web:tck_host%3A65535:a":            "https://tck_host:65535/a/did.json",
		"did:web:Example.com:A":                 "https://Example.com/A/did.json",
		"did:web:xn--bcher-kva.example":         "https://xn--bcher-kva.example/.well-known/did.json",
		"did:web:1.2.3.4.example":               "https://1.2.3.4.example/.well-known/did.json",
		"did:web:0x1.example":                   "https://0x1.example/.well-known/did.json",
		"did:web:a.example:_x.-y":               "https://a.example/_x.-y/did.json",
		"did:web:" + label63 + ".example":       "https://" + label63 + ".example/.well-known/did.json",
	} {
		got, err := did.WebURL(id, false)
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", id, got, err, want)
		}
		plain, err := did.WebURL(id, true)
		if err != nil || plain != "http"+strings.TrimPrefix(want, "https") {
			t.Errorf("%s, plain: %q, %v", id, plain, err)
		}
	}
}

// malformed are the ways to write a did:web that some resolver takes for
// another place than the rest.
var malformed = []string{
	"", "did:web", "did:web:", "did:web::", "did:web:a.example:", "did:web:a.example::x", "did:web::x", "did:web:a.example:x:",
	"did:web:a.example/x", "did:web:a.example?x", "did:web:a.example#x", "did:web:a.example:x/y", "did:web:a.example:x?y=z", "did:web:a.example:x#y",
	"did:WEB:a.example", "did:Web:a.example", "DID:web:a.example", "web:a.example", " did:web:a.example", "did:web:a.example ", "did:web:a.example\n",
	"did:web:127.0.0.1", "did:web:10.1.2.3%3A8443:x", "did:web:127.1", "did:web:2130706433", "did:web:0x7f000001", "did:web:0x7f.1", "did:web:0X7F.0X1",
	"did:web:a.0x1", "did:web:017700000001", "did:web:a.example.1", "did:web:[::1]", "did:web:[::1]%3A80", "did:web:%5B::1%5D", "did:web:%5B%3A%3A1%5D",
	"did:web:a.example%3a8443", "did:web:a.example%3A", "did:web:a.example%3A0", "did:web:a.example%3A65536", "did:web:a.example%3A080", "did:web:a.example%3A+80",
	"did:web:a.example%3A80%3A80", "did:web:a.example%3Ax", "did:web:a.example%3A99999999999999999999", "did:web:%3A80", "did:web:a.example:x%3Ay", "did:web:a.example:x%2Fy",
	"did:web:a.example:x%23", "did:web:a.example:%2e%2e", "did:web:a%2Eexample", "did:web:a.example%2Fx", "did:web:u%40a.example", "did:web:u@a.example", "did:web:a.example%",
	"did:web:a.example%3", "did:web:a.example:.", "did:web:a.example:..", "did:web:a.example:..:b", "did:web:a.example.", "did:web:.a.example", "did:web:a..example", "did:web:.",
	"did:web:-a.example", "did:web:a-.example", "did:web:bücher.example", "did:web:a.example:ü", "did:web:a.example:x~y", "did:web:a.example:x+y", "did:web:a.example:x y",
	"did:web:a\u3002example", "did:web:a.example:x\\y", "did:web:a.example\x00", "did:web:" + strings.Repeat("a", 64) + ".example",
	"did:web:" + strings.Repeat("a.", 130) + "example", "did:web:a.example:" + strings.Repeat("x", 1024),
}

func TestWebURLRefuses(t *testing.T) {
	for _, id := range malformed {
		if got, err := did.WebURL(id, false); !errors.Is(err, did.ErrSyntax) || got != "" {
			t.Errorf("%q: got %q, %v", id, got, err)
		}
	}
	for _, id := range []string{"did:key:z6Mk", "did:webvh:a.example", "did:jwk:e30", "did:example:123"} {
		if got, err := did.WebURL(id, false); !errors.Is(err, did.ErrMethod) || got != "" {
			t.Errorf("%q: got %q, %v", id, got, err)
		}
	}
}

func TestFromURL(t *testing.T) {
	for base, want := range map[string]string{
		"https://h.example:8443/a/b":   "did:web:h.example%3A8443:a:b",
		"https://h.example/a":          "did:web:h.example:a",
		"https://h.example/a/":         "did:web:h.example:a",
		"https://H.Example/A":          "did:web:h.example:A",
		"https://h.example":            "did:web:h.example",
		"https://h.example/":           "did:web:h.example",
		"https://h.example:443/a":      "did:web:h.example:a",
		"http://h.example:80/a":        "did:web:h.example:a",
		"http://h.example:443/a":       "did:web:h.example%3A443:a",
		"http://localhost:28080/acme":  "did:web:localhost%3A28080:acme",
		"https://h.example/a//b":       "",
		"https://h.example//":          "",
		"https://h.example/a/../b":     "",
		"https://h.example/a%2Fb":      "",
		"https://h.example/a%20b":      "",
		"https://h.example/a:b":        "",
		"https://h.example/ü":          "",
		"https://127.0.0.1:8080/a":     "",
		"https://[::1]:8080/a":         "",
		"https://2130706433/a":         "",
		"https://h.example/a?b":        "",
		"https://h.example/a?":         "",
		"https://h.example/a#b":        "",
		"https://u@h.example/a":        "",
		"https://h.example:/a":         "did:web:h.example:a",
		"https://h.example:0/a":        "",
		"ftp://h.example/a":            "",
		"h.example/a":                  "",
		"/a":                           "",
		"":                             "",
		"https://":                     "",
		"https://bücher.example/a":     "",
		"https://h.example\n/a":        "",
		"https://h.example/a/did.json": "did:web:h.example:a:did.json",
	} {
		got, err := did.FromURL(base)
		if got != want || errors.Is(err, did.ErrSyntax) != (want == "") {
			t.Errorf("%s: got %q, %v; want %q", base, got, err, want)
		}
	}
}

// TestURLRoundTrip: the document of FromURL's DID is where the base says.
func TestURLRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		host := rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?(\.[a-z0-9]{1,8}){0,3}\.[a-z]{2,5}`).Draw(t, "host")
		port := rapid.SampledFrom([]string{"", ":1", ":80", ":8443", ":65535"}).Draw(t, "port")
		path := rapid.StringMatching(`(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,9}){1,4}`).Draw(t, "path")
		base := "https://" + host + port + path
		id, err := did.FromURL(base)
		if err != nil {
			t.Fatalf("%s: %v", base, err)
		}
		got, err := did.WebURL(id, false)
		if err != nil || got != base+"/did.json" {
			t.Fatalf("%s: %s gives %s, %v", base, id, got, err)
		}
	})
}

func FuzzWebURL(f *testing.F) {
	for _, id := range malformed {
		f.Add(id)
	}
	f.Add("did:web:localhost%3A28483:consumer")
	f.Fuzz(func(t *testing.T, id string) {
		address, err := did.WebURL(id, false)
		if err != nil || strings.HasSuffix(id, ":.well-known") { // the one place that has two names
			return
		}
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != u.EscapedPath() {
			t.Fatalf("%q gives %q, %v", id, address, err)
		}
		base, found := strings.CutSuffix(strings.TrimSuffix(address, "/.well-known/did.json"), "/did.json")
		if !found && strings.Contains(strings.TrimPrefix(base, "https://"), "/") {
			t.Fatalf("%q gives %q", id, address)
		}
		// But for capitals in the host and a port that may be left out, there
		// is one DID for a place.
		back, err := did.FromURL(base)
		if err != nil || !strings.EqualFold(strings.Replace(back, "%3A443", "", 1), strings.Replace(id, "%3A443", "", 1)) {
			t.Fatalf("%q gives %q gives %q, %v", id, address, back, err)
		}
	})
}
