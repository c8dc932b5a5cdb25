// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
	"github.com/musubi-ods/musubi/trust/dcp/status"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
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

// A membership with one status entry is revoked as any other, and suspended by
// nobody: also not once the setting is gone.
func TestStatus_RevocationOnly(t *testing.T) {
	for _, object := range []string{membership11, membership20} {
		t.Run(object, func(t *testing.T) {
			s := newScene(t, approving, func(d *dcp.Settings) { d.Issues.RevocationOnly = true })
			logged := 0
			s.config.Log = func(_, text string, _ error) {
				if strings.Contains(text, "without a suspension status") {
					logged++
				}
			}
			s.service = issuer.New(s.config)
			raw := s.issued(t, object)[0]
			if logged != 1 {
				t.Errorf("logged %d times, want once", logged)
			}
			id := s.idOf(t, raw)
			read, err := vc.Read(raw)
			if err != nil || len(read.Status) != 1 || read.Status[0].Purpose != status.Revocation {
				t.Fatalf("%+v, %v; want one entry, for revocation", read.Status, err)
			}
			s.set(approving)
			if _, err := s.service.Suspend(t.Context(), s.issuer.Context, id, "x"); !errors.Is(err, issuer.ErrNoSuspension) {
				t.Errorf("%v, want ErrNoSuspension", err)
			}
			s.wantStatus(t, raw, "")
			if _, err := s.service.Revoke(t.Context(), s.issuer.Context, id, "left"); err != nil {
				t.Error(err)
			}
			s.wantStatus(t, raw, "V80")
		})
	}
}

// A membership that was issued with both entries can be suspended after the
// issuer has gone over to one.
func TestStatus_SuspendedByWhatTheCredentialSays(t *testing.T) {
	s := newScene(t, approving)
	raw := s.issued(t, membership11)[0]
	s.set(approving, func(d *dcp.Settings) { d.Issues.RevocationOnly = true })
	if _, err := s.service.Suspend(t.Context(), s.issuer.Context, s.idOf(t, raw), "looked into"); err != nil {
		t.Error(err)
	}
	s.wantStatus(t, raw, "V81")
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
