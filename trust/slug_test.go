// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/musubi-ods/musubi/trust"
	"pgregory.net/rapid"
)

func TestValidSlug(t *testing.T) {
	want := regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}\z`)
	check := func(t interface{ Errorf(string, ...any) }, s string) {
		if got := trust.ValidSlug(s); got != want.MatchString(s) {
			t.Errorf("%q: %t", s, got)
		}
	}
	for _, s := range []string{"", "a", "-", "-a", "a-", "0", "A", "a.b", "a/b", "..", "a\n", "a\x00b", "é", "a bc", strings.Repeat("a", 63), strings.Repeat("a", 64)} {
		check(t, s)
	}
	rapid.Check(t, func(t *rapid.T) { check(t, rapid.StringMatching(`[a-zA-Z0-9./-]{0,70}`).Draw(t, "slug")) })
}
