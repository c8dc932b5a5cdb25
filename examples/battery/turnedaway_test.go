// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/examples/internal/dataspace"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

// playedScene starts the tutorial's two companies, the registrar and, if wanted, the
// three outsiders, and has the two trade.
func playedScene(t *testing.T, refused bool) (*scene, *bytes.Buffer) {
	t.Helper()
	chain, err := load("tutorial")
	if err != nil {
		t.Fatal(err)
	}
	s, err := start(t.Context(), chain, t.TempDir(), options{wait: time.Hour, refused: refused})
	t.Cleanup(func() {
		if err := s.close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	out := new(bytes.Buffer)
	s.out = out
	if err := s.round(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return s, out
}

// Each of the three is refused for its own reason and no other, and is told
// nothing of it.
func TestTurnedAway(t *testing.T) {
	s, out := playedScene(t, true)
	if err := s.turnAway(t.Context()); err != nil {
		t.Fatal(err)
	}
	maker, o := s.final().Participant, s.outsiders
	for _, test := range []struct {
		m      *dataspace.Member
		check  string
		reason string
		states map[string]string // of its wallet
	}{
		{o.expired, "V47", "presents nothing", map[string]string{trust.MembershipCredential: holder.Expired, trust.CorporateIdentityCredential: holder.Expired}},
		{o.revoked, "V80", "revoked", map[string]string{trust.MembershipCredential: holder.Held, trust.CorporateIdentityCredential: holder.Held}},
		{o.mistyped, "V47", "presents nothing", map[string]string{}},
	} {
		t.Run(test.m.Slug, func(t *testing.T) {
			noted := maker.Refusals(test.m.DID)
			if len(noted) != 1 || noted[0].Check != test.check || !strings.Contains(noted[0].Reason, test.reason) {
				t.Fatalf("refused for %+v, want %s once", noted, test.check)
			}
			if named := noted[0].Credential != ""; named != (test.check == "V80") {
				t.Errorf("the credential at fault is %q", noted[0].Credential)
			}
			told := section(out.String(), test.m.Slug+": ", "it asks, and is told:\n", "\n")
			if !strings.Contains(told, "401") || !strings.Contains(told, noted[0].SupportID) || strings.Contains(told, test.check) || strings.Contains(told, test.reason) {
				t.Errorf("it was told %q", told)
			}
			held, err := test.m.Holds(t.Context())
			if err != nil || len(held) != len(test.states) {
				t.Errorf("it holds %d credentials, %v", len(held), err)
			}
			for name, c := range held {
				// Its own wallet looks at the status once a day only.
				if c.State != test.states[name] {
					t.Errorf("%s is %s", name, c.State)
				}
			}
		})
	}
	if all := maker.Refusals(""); len(all) != 3 {
		t.Errorf("%d refusals: %+v", len(all), all)
	}
	if reason := section(out.String(), "mistyped: ", "REJECTED\n", "\n"); !strings.Contains(reason, "check digit is wrong") || !strings.HasSuffix(reason, "(C04)") {
		t.Errorf("its application was refused for %q", reason)
	}
}

// section is what stands after some texts, each after the one before, up to the
// last.
func section(text string, marks ...string) string {
	for _, mark := range marks[:len(marks)-1] {
		_, text, _ = strings.Cut(text, mark)
	}
	text, _, _ = strings.Cut(text, marks[len(marks)-1])
	return text
}

// A customer and its supplier know each other's corporate number, from the
// credentials that are kept with their agreement.
func TestCompaniesKnowEachOther(t *testing.T) {
	s, out := playedScene(t, false)
	if s.outsiders != nil {
		t.Error("there are outsiders")
	}
	a, b := s.byID["a"], s.byID["b"]
	agreement := a.agreements["part-a1"]
	for who, other := range map[*company]*company{a: b, b: a} {
		got, err := who.Proved(t.Context(), agreement)
		if want := (trust.Identifier{Scheme: trust.CorporateNumber, Value: other.CorporateNumber}); err != nil || got != want {
			t.Errorf("%s deals with %s, want %s: %v", who.ID, got, want, err)
		}
		if noted := who.Participant.Refusals(""); len(noted) > 0 {
			t.Errorf("%s refused %+v", who.ID, noted)
		}
	}
	if !strings.Contains(out.String(), "(new) with the company 2999900000007 (fictional)\n") {
		t.Errorf("it does not say with whom:\n%s", out)
	}
	if _, err := a.Proved(t.Context(), "urn:uuid:none"); err == nil {
		t.Error("an agreement that is not there is with somebody")
	}
}

// Who is not known to the registrar and shows no credentials is nobody, though
// it knows where to ask. Once admitted it may.
func TestStranger(t *testing.T) {
	s, _ := playedScene(t, false)
	m, err := enter(t.Context(), t.TempDir(), revokedFirm, s.registrar.Identity(), connector.WithClock(time.Now))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	if err := m.Meet(t.Context(), s.final().Member); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Participant.Catalog(t.Context(), s.final().DID); err == nil {
		t.Error("a stranger saw the catalogue")
	}
	if err := s.registrar.Admit(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Participant.Catalog(t.Context(), s.final().DID); err != nil {
		t.Errorf("a member does not see the catalogue: %v", err)
	}
}
