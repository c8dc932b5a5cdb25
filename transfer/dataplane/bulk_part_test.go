// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"strings"
	"testing"
)

func TestContentRange(t *testing.T) {
	for value, want := range map[string]struct {
		start, total int64
		ok           bool
	}{
		"bytes 0-0/1":                   {0, 1, true},
		"bytes 7-99/100":                {7, 100, true},
		"bytes 7-99/*":                  {7, -1, true},
		"bytes 7-99/99":                 {7, 99, false}, // past its end
		"bytes 9-7/100":                 {9, 100, false},
		"bytes */100":                   {},
		"bytes -1-5/100":                {},
		"bytes +1-5/100":                {},
		"items 7-99/100":                {},
		"bytes 7-99":                    {},
		"bytes 7-9223372036854775808/*": {},
		"":                              {},
	} {
		start, total, ok := contentRange(value)
		if ok != want.ok || ok && (start != want.start || total != want.total) {
			t.Errorf("%q: %d %d %v, want %+v", value, start, total, ok, want)
		}
	}
}

func TestDigestField(t *testing.T) {
	sum := strings.Repeat("ab", 32)
	field := digestField(sum)
	for value, want := range map[string]string{
		field: sum, "sha-512=:AAAA:, " + field: sum, "sha-256=:AAAA:": "", "sha-256=" + field: "", "SHA-256" + field[7:]: "",
		strings.TrimSuffix(field, ":"): "", "": "", strings.Repeat(field+",", 200): "",
	} {
		if got := digestOf(value); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
	if got := digestField("not hex"); got != "" {
		t.Errorf("%q", got)
	}
}

func TestStrongTags(t *testing.T) {
	for tag, want := range map[string]string{`"a"`: `"a"`, `""`: `""`, `W/"a"`: "", `a`: "", `"`: "", `"` + strings.Repeat("x", 300) + `"`: ""} {
		if got := strong(tag); got != want {
			t.Errorf("%q: %q, want %q", tag, got, want)
		}
	}
}

func FuzzPart(f *testing.F) {
	f.Add("bytes 7-99/100", "sha-256=:"+strings.Repeat("A", 43)+"=:")
	f.Add("bytes 7-99/*", "sha-512=:x:, sha-256=:")
	f.Fuzz(func(t *testing.T, span, digest string) {
		if start, total, ok := contentRange(span); ok && (start < 0 || total == 0 || total > 0 && start >= total) {
			t.Errorf("%q is from %d of %d", span, start, total)
		}
		if sum := digestOf(digest); sum != "" && digestOf(digestField(sum)) != sum {
			t.Errorf("%q is %s", digest, sum)
		}
		wantsDigest(digest)
	})
}
