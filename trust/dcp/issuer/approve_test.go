// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

// claims are good ones, by type.
func (s *scene) claims(t testing.TB, types ...string) map[string]json.RawMessage {
	t.Helper()
	out := map[string]json.RawMessage{}
	for _, name := range types {
		subject := s.holder.Subject(name)
		delete(subject, "id")
		raw, err := json.Marshal(subject)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = raw
	}
	return out
}

func TestApprove_IssuesAndDelivers(t *testing.T) {
	s := newScene(t)
	id := s.ask("pid-1", membership11, corporate20)
	r := s.approve(id, map[string]json.RawMessage{
		trust.MembershipCredential:        member,
		trust.CorporateIdentityCredential: s.claims(t, trust.CorporateIdentityCredential)[trust.CorporateIdentityCredential],
	})
	if r.State != issuer.Approved || r.Decided != "an officer" || len(r.Evidence) == 0 {
		t.Errorf("%+v", r)
	}
	if got := s.state(id).Status; got != dcp.Received {
		t.Errorf("status %s before the delivery", got)
	}
	select {
	case <-s.service.Wake():
	default:
		t.Error("no wake-up")
	}
	s.work()
	m := s.wallet.one()
	if len(m.Credentials) != 2 || m.Credentials[0].Type != trust.MembershipCredential || m.Credentials[1].Format != "vc20-bssl/jwt" {
		t.Fatalf("%+v", m)
	}
	for _, c := range m.Credentials {
		proved, err := s.proved(c.Payload)
		if err != nil {
			t.Fatalf("%s: %v", c.Type, err)
		}
		if err := (trust.Domain{Dataspace: dcptest.Dataspace, Now: s.world.Clock.Now()}).Check(proved.Credential); err != nil {
			t.Errorf("%s: %v", c.Type, err)
		}
		if err := s.statusOf(c.Payload); err != nil {
			t.Errorf("%s: %v", c.Type, err)
		}
		if want := s.world.Clock.Now().Add(365 * 24 * time.Hour); !proved.ValidUntil.Equal(want) {
			t.Errorf("%s ends %s, want %s", c.Type, proved.ValidUntil, want)
		}
		if purposes := len(proved.Status); purposes != map[bool]int{true: 2, false: 1}[c.Type == trust.MembershipCredential] {
			t.Errorf("%s has %d status entries", c.Type, purposes)
		}
	}
	if got := s.state(id).Status; got != dcp.Issued {
		t.Errorf("status %s", got)
	}
}

func TestApprove_FillsInWhatFollows(t *testing.T) {
	s := newScene(t)
	id := s.ask("pid-1", membership11)
	s.approve(id, map[string]json.RawMessage{trust.MembershipCredential: member})
	var got map[string]any
	if err := json.Unmarshal(s.kept(id).Claims[trust.MembershipCredential], &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"id": s.holder.DID, "type": "DataspaceMember", "dataspace": dcptest.Dataspace,
		"membershipStartDate": s.world.Clock.Now().Format(time.RFC3339), "membershipNumber": "M-1",
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
}

func TestApprove_RefusesClaims(t *testing.T) {
	s := newScene(t)
	corporation := func(number string) map[string]json.RawMessage {
		raw, err := json.Marshal(s.holder.Corporation(number))
		if err != nil {
			t.Fatal(err)
		}
		return map[string]json.RawMessage{trust.CorporateIdentityCredential: raw}
	}
	one := func(raw string) map[string]json.RawMessage {
		return map[string]json.RawMessage{trust.MembershipCredential: json.RawMessage(raw)}
	}
	for _, c := range []struct {
		name   string
		id     string
		claims map[string]json.RawMessage
		check  string
	}{
		{"none", membership11, nil, ""},
		{"of another type", membership11, corporation(dcptest.Number), ""},
		{"of one type more", membership11, map[string]json.RawMessage{trust.MembershipCredential: member, "X": member}, ""},
		{"no object", membership11, one(`"x"`), ""},
		{"null", membership11, one(`null`), ""},
		{"a member twice", membership11, one(`{"role":["provider"],"role":["issuer"],"membershipNumber":"1"}`), ""},
		{"another's id", membership11, one(`{"id":"did:web:other.example","membershipNumber":"1","role":["provider"]}`), ""},
		{"too large", membership11, one(`{"membershipNumber":"1","role":["provider"],"x":"` + strings.Repeat("x", 25<<10) + `"}`), ""},
		{"another dataspace", membership11, one(`{"dataspace":"https://other.example/ds","membershipNumber":"1","role":["provider"]}`), "C01"},
		{"unknown role", membership11, one(`{"membershipNumber":"1","role":["king"]}`), "C02"},
		{"no role", membership11, one(`{"membershipNumber":"1"}`), "C02"},
		{"a wrong corporate number", corporate20, corporation("7123456789013"), "C04"},
		{"an evaluation that has ended", "SecurityEvaluationCredential-vc20", s.evaluation(t, "2020-01-01"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := s.ask("pid "+c.name, c.id)
			_, err := s.service.Approve(t.Context(), s.issuer.Context, id, "an officer", c.claims, nil)
			if !errors.Is(err, issuer.ErrClaims) {
				t.Fatalf("%v, want ErrClaims", err)
			}
			if faults, ok := errors.AsType[trust.Faults](err); c.check != "" && (!ok || faults[0].Check != c.check) {
				t.Errorf("%v, want a fault by %s", err, c.check)
			}
			if r := s.kept(id); r.State != issuer.Received || r.Version != 1 {
				t.Errorf("the request was changed: %+v", r)
			}
		})
	}
	t.Run("evidence that is no JSON", func(t *testing.T) {
		id := s.ask("pid", membership11)
		_, err := s.service.Approve(t.Context(), s.issuer.Context, id, "an officer", one(string(member)), json.RawMessage(`{`))
		if !errors.Is(err, issuer.ErrClaims) {
			t.Errorf("%v, want ErrClaims", err)
		}
	})
}

func (s *scene) evaluation(t testing.TB, assessed string) map[string]json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(map[string]any{
		"securityScheme": trust.SCS, "schemeVersion": "2026-03-27", "level": 3, "assessmentType": trust.SelfWithExpert,
		"assessedAt": assessed, "registrationNumber": "SCS-TEST-1", "evaluationScope": "head office (fictional)",
	})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]json.RawMessage{trust.SecurityEvaluationCredential: raw}
}

func TestApprove_AnEvaluationEndsWithItsTerm(t *testing.T) {
	s := newScene(t)
	id := s.ask("pid-1", "SecurityEvaluationCredential-vc20")
	claims := s.evaluation(t, s.world.Clock.Now().AddDate(0, -6, 0).Format(time.DateOnly))
	s.approve(id, claims)
	s.work()
	proved, err := s.proved(s.wallet.one().Credentials[0].Payload)
	if err != nil {
		t.Fatal(err)
	}
	if latest := trust.LatestEnd(trust.SecurityEvaluationCredential, proved.Subject, proved.ValidFrom); proved.ValidUntil.After(latest) || proved.ValidUntil.Before(latest.Add(-time.Hour)) {
		t.Errorf("it ends %s, its term %s", proved.ValidUntil, latest)
	}
}

func TestValidity_AsConfigured(t *testing.T) {
	s := newScene(t, approving, func(d *dcp.Settings) { d.Issues.Validity = dcp.Duration(time.Hour) })
	s.ask("pid-1", membership11)
	s.work()
	proved, err := s.proved(s.wallet.one().Credentials[0].Payload)
	if want := s.world.Clock.Now().Add(time.Hour); err != nil || !proved.ValidUntil.Equal(want) {
		t.Errorf("it ends %s, %v; want %s", proved.ValidUntil, err, want)
	}
}
