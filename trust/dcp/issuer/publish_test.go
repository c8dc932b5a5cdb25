// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
	"github.com/musubi-ods/musubi/trust/dcp/status"
)

// issued has credentials issued and returns them, as they were delivered.
func (s *scene) issued(t *testing.T, ids ...string) []string {
	t.Helper()
	s.ask("pid "+strings.Join(ids, " "), ids...)
	s.work()
	return payloads(s.wallet.messages[len(s.wallet.messages)-1])
}

// idOf is the id of a credential.
func (s *scene) idOf(t *testing.T, raw string) string {
	t.Helper()
	c, err := s.proved(raw)
	if err != nil {
		t.Fatal(err)
	}
	return c.ID
}

func (s *scene) wantStatus(t *testing.T, raw, check string) {
	t.Helper()
	err := s.statusOf(raw)
	refusal, _ := errors.AsType[*trust.Refusal](err)
	if check == "" && err != nil || check != "" && (refusal == nil || refusal.Check != check) {
		t.Errorf("status: %v; want %q", err, check)
	}
}

func TestStatus_RevokedSuspendedRestored(t *testing.T) {
	for _, object := range []string{membership11, membership20} {
		t.Run(object, func(t *testing.T) {
			s := newScene(t, approving)
			raw := s.issued(t, object)[0]
			other := s.issued(t, object)[0]
			ctx, own, id := t.Context(), s.issuer.Context, s.idOf(t, raw)
			s.wantStatus(t, raw, "")
			for _, step := range []struct {
				do    func() (issuer.Credential, error)
				state string
				check string
			}{
				{func() (issuer.Credential, error) { return s.service.Suspend(ctx, own, id, "looked into") }, issuer.Suspended, "V81"},
				{func() (issuer.Credential, error) { return s.service.Restore(ctx, own, id, "all is well") }, issuer.Active, ""},
				{func() (issuer.Credential, error) { return s.service.Suspend(ctx, own, id, "again") }, issuer.Suspended, "V81"},
				{func() (issuer.Credential, error) { return s.service.Revoke(ctx, own, id, "left") }, issuer.Revoked, "V80"},
				{func() (issuer.Credential, error) { return s.service.Revoke(ctx, own, id, "left") }, issuer.Revoked, "V80"},
			} {
				c, err := step.do()
				if err != nil || c.State != step.state {
					t.Fatalf("%+v, %v; want %s", c, err, step.state)
				}
				s.wantStatus(t, raw, step.check) // at once
				s.wantStatus(t, other, "")
			}
			_, restored := s.service.Restore(ctx, own, id, "x")
			_, suspended := s.service.Suspend(ctx, own, id, "x")
			if !errors.Is(restored, issuer.ErrRevoked) || !errors.Is(suspended, issuer.ErrRevoked) {
				t.Errorf("%v and %v, want ErrRevoked", restored, suspended)
			}
			kept, err := s.service.IssuedCredential(ctx, own, id)
			if err != nil || kept.State != issuer.Revoked || kept.Reason != "left" {
				t.Errorf("%+v, %v", kept, err)
			}
		})
	}
}

func TestStatus_OnlyMembershipsAreSuspended(t *testing.T) {
	s := newScene(t, approving)
	raw := s.issued(t, sensitive11)[0]
	if _, err := s.service.Suspend(t.Context(), s.issuer.Context, s.idOf(t, raw), "x"); !errors.Is(err, issuer.ErrNoSuspension) {
		t.Errorf("%v, want ErrNoSuspension", err)
	}
	if _, err := s.service.Revoke(t.Context(), s.issuer.Context, "urn:uuid:unknown", "x"); !errors.Is(err, issuer.ErrNotFound) {
		t.Errorf("%v, want ErrNotFound", err)
	}
	s.wantStatus(t, raw, "")
	if _, err := s.service.Revoke(t.Context(), s.issuer.Context, s.idOf(t, raw), "x"); err != nil {
		t.Error(err)
	}
	s.wantStatus(t, raw, "V80")
}

// Another replica revokes; the list of this one is signed
// anew after half of its lifetime, and no token outlives the whole.
func TestStatus_RevokedByAnotherReplica(t *testing.T) {
	s := newScene(t, approving)
	raw := s.issued(t, membership11)[0]
	s.wantStatus(t, raw, "")
	other := issuer.New(s.config)
	if _, err := other.Revoke(t.Context(), s.issuer.Context, s.idOf(t, raw), "left"); err != nil {
		t.Fatal(err)
	}
	s.world.Clock.Advance(29 * time.Second)
	s.wantStatus(t, raw, "") // still from memory
	s.world.Clock.Advance(time.Second)
	s.wantStatus(t, raw, "V80")
}

func (s *scene) list(t *testing.T, name, accept string) (dcp.Answer, error) {
	t.Helper()
	serve, param := s.route(http.MethodGet, "/status/"+name)
	return serve(t.Context(), dcp.Call{Own: s.issuer.Participant(), Param: param, Accept: accept})
}

func TestStatusList_Forms(t *testing.T) {
	s := newScene(t, approving)
	s.issued(t, membership11)
	for _, c := range []struct {
		name, accept string
		dev          bool
		status       int // of a fault
		contentType  string
	}{
		{"1-revocation-sl2021", "", false, 0, "application/vc+jwt"},
		{"1-revocation-sl2021", "*/*", false, 0, "application/vc+jwt"},
		{"1-suspension-bssl", "application/vc+jwt", false, 0, "application/vc+jwt"},
		{"1-revocation-bssl20", "application/*;q=0.5", false, 0, "application/vc+jwt"},
		{"1-revocation-bssl", "application/json, */*", false, 0, "application/vc+jwt"},
		{"1-revocation-bssl", "application/json, application/vc+jwt", true, 0, "application/vc+jwt"},
		{"1-revocation-bssl", "application/json", false, http.StatusNotAcceptable, ""},
		{"1-revocation-bssl", "application/json", true, 0, "application/json"},
		{"1-revocation-sl2021", "Application/JSON; charset=utf-8, */*", true, 0, "application/json"},
		{"1-revocation-bssl", "text/html", true, http.StatusNotAcceptable, ""},
		{"1-revocation-bssl", "*/*;q=0", false, http.StatusNotAcceptable, ""},
		{"1-revocation-bssl", ",,", false, http.StatusNotAcceptable, ""},
		{"2-revocation-sl2021", "*/*", false, http.StatusNotFound, ""},
		{"0-revocation-sl2021", "*/*", false, http.StatusNotFound, ""},
		{"01-revocation-sl2021", "*/*", false, http.StatusNotFound, ""},
		{"1-refresh-sl2021", "*/*", false, http.StatusNotFound, ""},
		{"1-revocation-other", "*/*", false, http.StatusNotFound, ""},
		{"9999999999-revocation-bssl", "*/*", false, http.StatusNotFound, ""},
		{"", "*/*", false, http.StatusNotFound, ""},
		{"1-revocation-bssl/..", "*/*", false, http.StatusNotFound, ""},
	} {
		t.Run(c.name+" for "+c.accept, func(t *testing.T) {
			s.config.DevMode = c.dev
			s.service = issuer.New(s.config)
			a, err := s.list(t, c.name, c.accept)
			if c.status != 0 {
				fault(t, err, c.status)
				return
			}
			if err != nil || a.Status != http.StatusOK || a.ContentType != c.contentType {
				t.Fatalf("%+v, %v; want %s", a, err, c.contentType)
			}
			if c.contentType == "application/json" {
				var body struct {
					ID string `json:"id"`
				}
				if err := json.Unmarshal(a.Body, &body); err != nil || body.ID != "https://registrar.example/status/"+c.name {
					t.Errorf("%s, %v", a.Body, err)
				}
				return
			}
			parsed, err := jose.Parse(string(a.Body), 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			claims, err := parsed.Verify(s.issuer.Issuer.Signer.Public())
			if err != nil {
				t.Fatal(err)
			}
			if plain := strings.HasSuffix(c.name, "bssl20"); claims.Has("vc") == plain {
				t.Errorf("claim vc: %t", claims.Has("vc"))
			}
		})
	}
}

// The three forms of a list say the same.
func TestStatusList_PlainForm(t *testing.T) {
	s := newScene(t, approving)
	raw := s.issued(t, membership20)[0]
	c, err := s.proved(raw)
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.Status {
		c.Status[i].List += "20" // where the plain form is
	}
	judge := func() error {
		checker := status.New(status.Config{HTTP: s.world.Network, DIDs: s.world.DIDs, Now: s.world.Clock.Now, MaxAge: -1})
		return checker.Check(t.Context(), status.Entry{Credential: c.ID, Issuer: c.Issuer, Entries: c.Status})
	}
	if err := judge(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.service.Revoke(t.Context(), s.issuer.Context, c.ID, "left"); err != nil {
		t.Fatal(err)
	}
	if refusal, ok := errors.AsType[*trust.Refusal](judge()); !ok || refusal.Check != "V80" {
		t.Errorf("%v, want V80", refusal)
	}
}

func TestStatusList_SignedAnewAfterHalfOfItsLifetime(t *testing.T) {
	s := newScene(t, approving, func(d *dcp.Settings) { d.Issues.StatusLifetime = dcp.Duration(20 * time.Second) })
	raw := s.issued(t, membership11)[0]
	get := func() string {
		a, err := s.list(t, "1-revocation-sl2021", "*/*")
		if err != nil {
			t.Fatal(err)
		}
		return string(a.Body)
	}
	first := get()
	s.world.Clock.Advance(10*time.Second - time.Millisecond)
	if get() != first {
		t.Error("signed anew within half of its lifetime")
	}
	s.world.Clock.Advance(time.Millisecond)
	second := get()
	if second == first {
		t.Error("not signed anew after half of its lifetime")
	}
	if _, err := s.service.Suspend(t.Context(), s.issuer.Context, s.idOf(t, raw), "x"); err != nil {
		t.Fatal(err)
	}
	if get() == second {
		t.Error("not signed anew after a change")
	}
	parsed, err := jose.Parse(first, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := parsed.Unproved()
	if err != nil {
		t.Fatal(err)
	}
	var body struct {
		VC struct {
			Until time.Time `json:"expirationDate"`
		} `json:"vc"`
	}
	if err := claims.Decode(&body); err != nil {
		t.Fatal(err)
	}
	if want := s.world.Clock.Now().Add(10 * time.Second); !claims.Expires.Equal(want) || !body.VC.Until.IsZero() && !body.VC.Until.Equal(want) {
		t.Errorf("the first list ends %s and %s, want %s", claims.Expires, body.VC.Until, want)
	}
}

// hookedKeys is called between reading what is marked and signing it.
type hookedKeys struct {
	trust.KeyStore
	hook func()
}

func (k *hookedKeys) SigningKey(ctx context.Context, contextID, use string) (trust.Key, error) {
	if hook := k.hook; hook != nil && use == trust.UseIssuer {
		k.hook = nil
		hook()
	}
	return k.KeyStore.SigningKey(ctx, contextID, use)
}

// A list that was read before a change and signed after it is not kept.
func TestStatusList_AChangeWhileItIsSigned(t *testing.T) {
	s := newScene(t, approving)
	keys := &hookedKeys{KeyStore: s.world.Keys}
	s.config.Keys = keys
	s.service = issuer.New(s.config)
	raw := s.issued(t, membership11)[0]
	id := s.idOf(t, raw)
	keys.hook = func() {
		if _, err := s.service.Revoke(t.Context(), s.issuer.Context, id, "left"); err != nil {
			t.Error(err)
		}
	}
	s.wantStatus(t, raw, "") // what was read was true then
	s.wantStatus(t, raw, "V80")
}

// A list that is fetched right before a change is dropped by it.
func TestStatusList_FetchedRightBeforeAChange(t *testing.T) {
	s := newScene(t, approving)
	raw := s.issued(t, membership11)[0]
	once := true
	s.store.before = func(method string) error {
		if method == "SetCredentialState" && once {
			once = false
			s.wantStatus(t, raw, "")
		}
		return nil
	}
	if _, err := s.service.Revoke(t.Context(), s.issuer.Context, s.idOf(t, raw), "left"); err != nil {
		t.Fatal(err)
	}
	s.wantStatus(t, raw, "V80")
}

func TestStatusList_Failures(t *testing.T) {
	s := newScene(t, approving)
	s.issued(t, membership11)
	down := errors.New("no connection")
	for _, method := range []string{"ListUse", "Marked"} {
		s.store.before = func(m string) error {
			if m == method {
				return down
			}
			return nil
		}
		if _, err := s.list(t, "1-revocation-sl2021", "*/*"); !errors.Is(err, down) {
			t.Errorf("%s: %v", method, err)
		}
	}
	s.store.before = nil
	s.world.Keys.Err = errors.New("device gone")
	if _, err := s.list(t, "1-revocation-sl2021", "*/*"); !errors.Is(err, s.world.Keys.Err) {
		t.Errorf("%v", err)
	}
}
