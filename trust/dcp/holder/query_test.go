// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/dcp/holder"
)

func TestQueryPresents(t *testing.T) {
	f := newFixture(t)
	member, member20 := f.authority.Credential(f.own, membership), f.authority.Credential20(f.own, membership)
	other := f.authority.Credential(f.own, sensitive)
	f.deliver(member)
	f.deliver(member20)
	f.deliver(other)
	id := body(claimsOf(t, other))["id"].(string)
	all := append(read(membership, sensitive), "org.eclipse.dspace.dcp.vc.id:"+id)
	cases := map[string]struct {
		scopes []string
		want   [][]string // by presentation
	}{
		"both profiles, one presentation each": {read(membership), [][]string{{member}, {member20}}},
		"less than is granted":                 {read(sensitive), [][]string{{other}}},
		"two types":                            {read(membership, sensitive), [][]string{{other, member}, {member20}}},
		"no operation":                         {[]string{dcp.TypeAlias + ":" + sensitive}, [][]string{{other}}},
		"operation all":                        {[]string{dcp.TypeAlias + ":" + sensitive + ":all"}, [][]string{{other}}},
		"operation *":                          {[]string{dcp.TypeAlias + ":" + sensitive + ":*"}, [][]string{{other}}},
		"older alias":                          {[]string{"org.eclipse.edc.vc.type:" + sensitive + ":read"}, [][]string{{other}}},
		"another older alias":                  {[]string{"org.eclipse.tractusx.vc.type:" + sensitive + ":read"}, [][]string{{other}}},
		"by id":                                {[]string{"org.eclipse.dspace.dcp.vc.id:" + id}, [][]string{{other}}},
		"by id and operation":                  {[]string{"org.eclipse.dspace.dcp.vc.id:" + id + ":read"}, [][]string{{other}}},
		"twice the same":                       {append(read(sensitive), read(sensitive)...), [][]string{{other}}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			f.T = t
			code, answer := f.post(queryPath, f.verifier, f.grant(all...), query(test.scopes...))
			if code != http.StatusOK {
				t.Fatalf("answered %d", code)
			}
			var got [][]string
			for _, p := range presentations(t, answer) {
				if p.Audience != f.verifier.DID || p.Holder != f.own.DID {
					t.Errorf("presentation for %s of %s", p.Audience, p.Holder)
				}
				got = append(got, p.Credentials)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A verifier that reads one profile gets that alone, and the log says what was
// left out; others get all.
func TestQueryPresentsInOneProfile(t *testing.T) {
	var log bytes.Buffer
	f := newFixture(t, func(_ *fixture, c *holder.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	member, member20 := f.authority.Credential(f.own, membership), f.authority.Credential20(f.own, membership)
	f.deliver(member)
	f.deliver(member20)
	for only, want := range map[string][][]string{
		"":                {{member}, {member20}},
		"vc11-sl2021/jwt": {{member}},
		"vc20-bssl/jwt":   {{member20}},
	} {
		settings := dcp.Settings{PresentAs: map[string]string{"did:web:else.example": "vc11-sl2021/jwt"}}
		if only != "" {
			settings.PresentAs[f.verifier.DID] = only
		}
		f.settings(settings)
		log.Reset()
		code, answer := f.post(queryPath, f.verifier, f.grant(read(membership)...), query(read(membership)...))
		if code != http.StatusOK {
			t.Fatalf("answered %d", code)
		}
		var got [][]string
		for _, p := range presentations(t, answer) {
			got = append(got, p.Credentials)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", only, diff)
		}
		if strings.Contains(log.String(), "one profile alone") != (only != "") {
			t.Errorf("%q: logged %q", only, log.String())
		}
	}
}

func TestQueryIsRefused(t *testing.T) {
	f := newFixture(t)
	f.deliver(f.authority.Credential(f.own, membership))
	definition := map[string]any{"id": "d", "input_descriptors": []any{map[string]any{"id": "x"}}}
	with := func(members map[string]any) map[string]any { return message("PresentationQueryMessage", members) }
	scope := []any{read(membership)[0]}
	many := make([]any, 65)
	for i := range many {
		many[i] = scope[0]
	}
	cases := map[string]struct {
		body any
		want int
	}{
		"scope and definition":     {with(map[string]any{"scope": scope, "presentationDefinition": definition}), 400},
		"a definition":             {with(map[string]any{"presentationDefinition": definition}), 501},
		"an empty definition":      {with(map[string]any{"presentationDefinition": map[string]any{}}), 400},
		"a definition that is nil": {with(map[string]any{"presentationDefinition": nil}), 400},
		"an empty scope":           {with(map[string]any{"scope": []any{}}), 400},
		"no scope":                 {with(nil), 400},
		"a scope that is a text":   {with(map[string]any{"scope": scope[0]}), 400},
		"no context":               {map[string]any{"type": "PresentationQueryMessage", "scope": scope}, 400},
		"another type":             {message("CredentialMessage", map[string]any{"scope": scope}), 400},
		"a scope without alias":    {query("MembershipCredential"), 400},
		"65 scopes":                {with(map[string]any{"scope": many}), 400},
		"no JSON":                  {[]byte("scope=x"), 400},
		"nothing":                  {[]byte{}, 400},
		"a good one":               {query(read(membership)...), 200},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			f.T = t
			if code, _ := f.post(queryPath, f.verifier, f.grant(read(membership)...), test.body); code != test.want {
				t.Errorf("answered %d, want %d", code, test.want)
			}
		})
	}
}

func TestQueryDemandsAnAccessTokenOfOurs(t *testing.T) {
	f := newFixture(t)
	f.deliver(f.authority.Credential(f.own, membership))
	other := f.Party("other")
	scopes := []dcp.Scope{dcp.TypeScope(membership)}
	foreign, err := f.Tokens().Grant(t.Context(), other.Participant(), f.verifier.DID, scopes)
	if err != nil {
		t.Fatal(err)
	}
	toOther, err := f.Tokens().Grant(t.Context(), f.own.Participant(), other.DID, scopes)
	if err != nil {
		t.Fatal(err)
	}
	selfIssued, err := f.Tokens().Mint(t.Context(), f.own.Participant(), f.own.DID, "")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		token string
		age   time.Duration
		want  int
	}{
		"no token of ours":       {"faketoken", 0, 401},
		"minted by another":      {foreign, 0, 401},
		"granted to another":     {toOther, 0, 401},
		"a self-issued token":    {selfIssued, 0, 401},
		"none":                   {"", 0, 401},
		"granted":                {f.grant(read(membership)...), 0, 200},
		"granted and still good": {f.grant(read(membership)...), 4 * time.Minute, 200},
		"granted and over":       {f.grant(read(membership)...), 6 * time.Minute, 401},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			f.T = t
			f.Clock.Advance(test.age)
			defer f.Clock.Advance(-test.age)
			if code, _ := f.post(queryPath, f.verifier, test.token, query(read(membership)...)); code != test.want {
				t.Errorf("answered %d, want %d", code, test.want)
			}
		})
	}
}

// A query for more than its token allows gets less, or is refused where the
// participant wants that.
func TestQueryForMoreThanIsGranted(t *testing.T) {
	for _, test := range []struct {
		overscoped string
		granted    []string
		asked      []string
		code       int
		shown      []string
	}{
		{"reduce", read(membership), read(membership, sensitive), 200, []string{membership}},
		{"reduce", read(membership), read(sensitive), 200, nil},
		{"reduce", read(membership), []string{dcp.TypeAlias + ":VerifiableCredential:read"}, 200, nil},
		{"reduce", read("Membership"), read(membership), 200, nil}, // no prefix is enough
		{"reduce", []string{dcp.TypeAlias + ":" + membership + ":write"}, read(membership), 200, nil},
		{"reduce", []string{dcp.TypeAlias + ":" + membership + ":write"}, []string{dcp.TypeAlias + ":" + membership + ":write"}, 200, nil},
		{"refuse", read(membership), read(membership, sensitive), 403, nil},
		{"refuse", read(membership), read(sensitive), 403, nil},
		{"refuse", read(membership, sensitive), read(sensitive), 200, []string{sensitive}},
		{"refuse", read(membership, "Unknown"), read(membership, "Unknown"), 200, []string{membership}},
	} {
		t.Run(test.overscoped+" "+strings.Join(test.asked, " ")+" of "+strings.Join(test.granted, " "), func(t *testing.T) {
			f := newFixture(t)
			f.settings(dcp.Settings{Overscoped: test.overscoped})
			f.deliver(f.authority.Credential(f.own, membership))
			f.deliver(f.authority.Credential(f.own, sensitive))
			code, answer := f.post(queryPath, f.verifier, f.grant(test.granted...), query(test.asked...))
			if code != test.code {
				t.Fatalf("answered %d, want %d", code, test.code)
			}
			if code != http.StatusOK {
				return
			}
			var got []string
			for _, token := range shown(t, answer) {
				got = append(got, typeOf(t, token))
			}
			if diff := cmp.Diff(test.shown, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever is wrong with a credential, it is not presented, and what is right
// beside it is.
func TestOnlyGoodCredentialsArePresented(t *testing.T) {
	hour := time.Hour
	cases := map[string]struct {
		edit  func(*dcptest.Draft)
		after time.Duration // the clock moves on before the query
		err   error         // of the status check
		want  bool
	}{
		"good":                      {want: true},
		"not yet over":              {after: 23 * hour, want: true},
		"over at this second":       {after: 24 * hour},
		"over since long":           {after: 48 * hour},
		"its token is over, it not": {edit: func(d *dcptest.Draft) { d.Claims["exp"] = dcptest.Start.Add(hour).Unix() }, after: 2 * hour},
		"not valid yet":             {edit: func(d *dcptest.Draft) { begins(d, dcptest.Start.Add(hour)) }},
		"valid from now":            {edit: func(d *dcptest.Draft) { begins(d, dcptest.Start.Add(hour)) }, after: hour, want: true},
		"revoked":                   {edit: listed, err: trust.Refuse("V80", "revoked")},
		"suspended":                 {edit: listed, err: trust.Refuse("V81", "suspended")},
		"revoked, among others":     {edit: listed, err: trust.Refuse("V92", "all must").Because(trust.Refuse("V80", "revoked"))},
		"its list is out of reach":  {edit: listed, err: fmt.Errorf("%w: list", trust.ErrUnavailable), want: true},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			good := f.authority.Credential(f.own, membership, func(d *dcptest.Draft) {
				d.Claims["exp"] = dcptest.Start.Add(100 * hour).Unix()
				d.VC()["expirationDate"] = dcptest.Start.Add(100 * hour).Format(time.RFC3339)
			})
			var edits []func(*dcptest.Draft)
			if test.edit != nil {
				edits = append(edits, test.edit)
			}
			judged := f.authority.Credential(f.own, sensitive, edits...)
			f.deliver(good)
			f.deliver(judged)
			f.status.err = test.err
			f.work()
			f.Clock.Advance(test.after)
			_, answer := f.post(queryPath, f.verifier, f.grant(read(membership, sensitive)...), query(read(membership, sensitive)...))
			want := []string{good}
			if test.want {
				want = []string{judged, good}
			}
			if diff := cmp.Diff(want, shown(t, answer)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// begins sets from when a credential is valid.
func begins(d *dcptest.Draft, at time.Time) {
	d.Claims["nbf"], d.VC()["issuanceDate"] = at.Unix(), at.Format(time.RFC3339)
}

// listed gives a credential an entry in a status list.
func listed(d *dcptest.Draft) {
	d.VC()["credentialStatus"] = map[string]any{
		"id": "https://authority.example/status/1#7", "type": "StatusList2021Entry", "statusPurpose": "revocation",
		"statusListIndex": "7", "statusListCredential": "https://authority.example/status/1",
	}
}

// A presentation has a bounded size: much is presented in several.
func TestManyCredentialsGoIntoSeveralPresentations(t *testing.T) {
	f := newFixture(t)
	const count = 70
	want := map[string]bool{}
	for range count {
		token := f.authority.Credential(f.own, membership)
		f.deliver(token)
		want[token] = true
	}
	code, answer := f.post(queryPath, f.verifier, f.grant(read(membership)...), query(read(membership)...))
	if code != http.StatusOK {
		t.Fatalf("answered %d", code)
	}
	list := presentations(t, answer)
	if len(list) < 2 {
		t.Errorf("%d presentations of %d credentials", len(list), count)
	}
	for _, token := range shown(t, answer) {
		delete(want, token)
	}
	if len(want) > 0 {
		t.Errorf("%d credentials are missing", len(want))
	}
}

func TestUnknownCredentialIsAnEmptyAnswer(t *testing.T) {
	f := newFixture(t)
	code, answer := f.post(queryPath, f.verifier, f.grant(read("Unknown")...), query(read("Unknown")...))
	if code != http.StatusOK || len(presentations(t, answer)) != 0 || !strings.Contains(string(answer), `"presentation":[]`) {
		t.Errorf("answered %d %s", code, answer)
	}
}

// BenchmarkQuery is one query of a known verifier: its token and our access
// token verified, one presentation signed.
func BenchmarkQuery(b *testing.B) {
	f := newFixture(b)
	f.deliver(f.authority.Credential(f.own, membership))
	grant, asked := f.grant(read(membership)...), asJSON(b, query(read(membership)...))
	calls := make([]dcp.Call, 0, 64)
	for b.Loop() {
		if len(calls) == 0 {
			b.StopTimer()
			for range cap(calls) {
				d := f.verifier.Draft(f.own.DID)
				d.Claims["token"] = grant
				calls = append(calls, dcp.Call{Authorization: []string{d.Bearer(b)}, Body: asked})
			}
			b.StartTimer()
		}
		if code, _ := f.send(queryPath, calls[len(calls)-1]); code != http.StatusOK {
			b.Fatal(code)
		}
		calls = calls[:len(calls)-1]
	}
}
