// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestStatusURL(t *testing.T) {
	const base = "https://issuer.example/a"
	for location, want := range map[string][2]string{
		"https://issuer.example/a/requests/1":          {"https://issuer.example/a/requests/1", "1"},
		"https://issuer.example/a/requests/1/":         {"https://issuer.example/a/requests/1/", "1"},
		"https://issuer.example/a/requests/1#x":        {"https://issuer.example/a/requests/1", "1"},
		"/a/requests/1":                                {"https://issuer.example/a/requests/1", "1"},
		"requests/1":                                   {"https://issuer.example/a/requests/1", "1"},
		"/requests/1":                                  {"https://issuer.example/a/requests/1", "1"}, // of the base
		"https://other.example/a/requests/1":           {"https://issuer.example/a/requests/1", "1"},
		"http://issuer.example/a/requests/1":           {"https://issuer.example/a/requests/1", "1"},
		"https://issuer.example:444/a/requests/1":      {"https://issuer.example/a/requests/1", "1"},
		"https://u:p@issuer.example/a/requests/1":      {"https://issuer.example/a/requests/1", "1"},
		"https://issuer.example/ab/1":                  {"https://issuer.example/a/requests/1", "1"},
		"https://issuer.example/a/../b/1":              {"https://issuer.example/a/requests/1", "1"},
		"//other.example/1":                            {"https://issuer.example/a/requests/1", "1"},
		"":                                             {"", ""},
		"https://other.example":                        {"", ""},
		"https://other.example/":                       {"", ""},
		"https://other.example/x/..":                   {"", ""},
		"https://issuer.example/a/requests/urn:uuid:1": {"https://issuer.example/a/requests/urn:uuid:1", "urn:uuid:1"},
		"https://issuer.example/a/requests/x%2Fy":      {"https://issuer.example/a/requests/x%2Fy", "x%2Fy"},
		"::":                  {"", ""},
		"javascript:alert(1)": {"", ""},
		"https://other.example/requests/1?x=/etc":       {"https://issuer.example/a/requests/1", "1"},
		"https://issuer.example/a/requests/1?x=1&y=/..": {"https://issuer.example/a/requests/1?x=1&y=/..", "1"},
	} {
		address, id := statusURL(base, location)
		if got := [2]string{address, id}; got != want {
			t.Errorf("%s: %q, want %q", location, got, want)
		}
	}
}

// A token of ours never goes elsewhere than to the issuer's service.
func TestStatusURLStaysAtTheIssuer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		location := rapid.StringMatching(`(https?:)?(//)?[a-z.:@%/\\?#-]{0,30}`).Draw(t, "location")
		address, _ := statusURL("https://issuer.example/a", location)
		if address != "" && !strings.HasPrefix(address, "https://issuer.example/a/") {
			t.Fatalf("%q leads to %q", location, address)
		}
	})
}

// Renewal comes in the second half of what is left, before the end, and and
// not of what lasts for minutes only.
func TestRenewAt(t *testing.T) {
	now := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		age := time.Duration(rapid.Int64Range(0, int64(1000*day)).Draw(t, "age"))
		left := time.Duration(rapid.Int64Range(-int64(day), int64(3000*day)).Draw(t, "left"))
		end := now.Add(left)
		at := renewAt(now, now.Add(-age), end)
		if left < minRemaining {
			if !at.IsZero() {
				t.Fatalf("renewed at %v with %v left", at, left)
			}
			return
		}
		if at.Before(now.Add(left/2)) || !at.Before(end) {
			t.Fatalf("renewed %v after now with %v left", at.Sub(now), left)
		}
		if lead := end.Sub(at); lead > maxRenewLead || lead < min(day, left/2)-time.Second && lead < left/2-time.Second {
			t.Fatalf("renewed %v before the end with %v left", lead, left)
		}
	})
	if at := renewAt(now, now.Add(-time.Hour), time.Time{}); !at.IsZero() {
		t.Errorf("without an end: %v", at)
	}
	if lead := now.Add(365 * day).Sub(renewAt(now, now, now.Add(365*day))); lead != maxRenewLead {
		t.Errorf("of a year: %v before the end", lead)
	}
	if at := renewAt(now, now, now.Add(5*time.Minute)); !at.IsZero() {
		t.Errorf("of five minutes: %v", at)
	}
	if lead := now.Add(time.Hour).Sub(renewAt(now, now, now.Add(time.Hour))); lead != 30*time.Minute {
		t.Errorf("of an hour: %v before the end", lead)
	}
}

func TestClip(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "abc": "abc", "abcde": "abcd", "a\nb\x00c": "a b ", "\x7fa": " a", "\u009ba": " a", "日本語の理由": "日本語の", "a\xffb": "a b",
	} {
		if got := clip(text, 4); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
