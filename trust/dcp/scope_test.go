// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/musubi-ods/musubi/trust/dcp"
)

func TestParseScope(t *testing.T) {
	for text, want := range map[string]dcp.Scope{
		"org.eclipse.dspace.dcp.vc.type:MembershipCredential:read": dcp.TypeScope("MembershipCredential"),
		"org.eclipse.dspace.dcp.vc.type:MembershipCredential":      {Alias: dcp.TypeAlias, Discriminator: "MembershipCredential"},
		"org.eclipse.dspace.dcp.vc.type:A:all":                     {Alias: dcp.TypeAlias, Discriminator: "A", Operation: "all"},
		"org.eclipse.dspace.dcp.vc.type:A:*":                       {Alias: dcp.TypeAlias, Discriminator: "A", Operation: "*"},
		"org.eclipse.dspace.dcp.vc.type:A:write":                   {Alias: dcp.TypeAlias, Discriminator: "A", Operation: "write"},
		"org.eclipse.dspace.dcp.vc.type:read":                      {Alias: dcp.TypeAlias, Discriminator: "read"},
		"org.eclipse.dspace.dcp.vc.id:urn:uuid:1":                  {Alias: dcp.IDAlias, Discriminator: "urn:uuid:1"},
		"org.eclipse.dspace.dcp.vc.id:urn:uuid:1:read":             {Alias: dcp.IDAlias, Discriminator: "urn:uuid:1", Operation: "read"},
		"alias:https://a.example/v1#Type:read":                     {Alias: "alias", Discriminator: "https://a.example/v1#Type", Operation: "read"},
	} {
		got, err := dcp.ParseScope(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: %+v %q, %v", text, got, got, err)
		}
	}
	for _, text := range []string{"", "a", ":", "a:", ":b", "a:b c", "a:b\n", "a:\u00e9", "a::read", "a:" + strings.Repeat("b", 1024)} {
		if got, err := dcp.ParseScope(text); !errors.Is(err, dcp.ErrScope) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func TestScopeCovers(t *testing.T) {
	const alias, id = dcp.TypeAlias + ":", dcp.IDAlias + ":"
	for _, c := range []struct {
		granted, asked string
		want           bool
	}{
		{alias + "A:read", alias + "A:read", true},
		{alias + "A:read", alias + "A", true},
		{alias + "A", alias + "A:read", true},
		{alias + "A:all", alias + "A:*", true},
		{alias + "A:*", alias + "A:read", true},
		{alias + "A:read", "org.eclipse.edc.vc.type:A:read", true},
		{alias + "A:read", "org.eclipse.tractusx.vc.type:A:read", true},
		{alias + "A:read", alias + "https://a.example/v1#A:read", true},
		{alias + "A:read", alias + "B:read", false},
		{alias + "A:read", alias + "AB:read", false},
		{alias + "AB:read", alias + "A:read", false},
		{alias + "A:read", alias + "a:read", false},
		{alias + "*:read", alias + "A:read", false},
		{alias + "A:read", alias + "A:write", false},
		{alias + "A:write", alias + "A:read", false},
		{alias + "A:read", id + "A:read", false},
		{id + "urn:uuid:1", id + "urn:uuid:1:read", true},
		{id + "urn:uuid:1", id + "urn:uuid:2:read", false},
		{"other:A", "another:A", false},
	} {
		granted, err := dcp.ParseScope(c.granted)
		if err != nil {
			t.Fatal(err)
		}
		asked, err := dcp.ParseScope(c.asked)
		if err != nil {
			t.Fatal(err)
		}
		if got := granted.Covers(asked); got != c.want {
			t.Errorf("%s covers %s: %t", c.granted, c.asked, got)
		}
	}
}

func TestScopesInOneText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOf(rapid.Custom(func(t *rapid.T) dcp.Scope {
			return dcp.Scope{
				Alias:         rapid.StringMatching(`[a-z.]{1,8}`).Draw(t, "alias"),
				Discriminator: rapid.StringMatching(`[A-Z][A-Za-z:#/]{0,8}[A-Z]`).Draw(t, "discriminator"),
				Operation:     rapid.SampledFrom([]string{"", "read", "write", "all", "*"}).Draw(t, "operation"),
			}
		})).Draw(t, "scopes")
		got, err := dcp.ParseScopes(dcp.FormatScopes(list))
		if err != nil || len(got) != len(list) {
			t.Fatalf("%v, %v", got, err)
		}
		for i := range list {
			if got[i] != list[i] || !list[i].Covers(list[i]) {
				t.Errorf("%+v became %+v", list[i], got[i])
			}
		}
	})
}

func FuzzParseScope(f *testing.F) {
	for _, seed := range []string{"a:b", "a:b:read", "a:urn:uuid:1:*", ":", "a:read:read"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		scope, err := dcp.ParseScope(text)
		if err == nil && scope.String() != text {
			t.Errorf("%q became %q", text, scope)
		}
	})
}
