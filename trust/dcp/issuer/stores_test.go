// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/store"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

// The product's stores keep what the service gives them.
func TestStores(t *testing.T) {
	for name, dsn := range map[string]string{
		"memory": "memory:",
		"SQLite": "sqlite:" + filepath.Join(t.TempDir(), "musubi.db"),
	} {
		t.Run(name, func(t *testing.T) {
			block, err := aes.NewCipher(make([]byte, 32))
			if err != nil {
				t.Fatal(err)
			}
			seal, err := cipher.NewGCM(block)
			if err != nil {
				t.Fatal(err)
			}
			opened, err := store.Open(t.Context(), store.Config{DSN: dsn, Seal: seal})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = opened.Close() }()
			s := newScene(t)
			if err := opened.PutParticipant(t.Context(), s.issuer.Participant()); err != nil {
				t.Fatal(err)
			}
			s.config.Store = opened
			s.service = issuer.New(s.config)
			s.life(t, opened)
		})
	}
}

// life is that of two requests: one for a person, one that is prepared.
func (s *scene) life(t *testing.T, kept issuer.Store) {
	t.Helper()
	ctx, own := t.Context(), s.issuer.Context
	claims := map[string]json.RawMessage{trust.MembershipCredential: member}
	id := s.ask("pid-1", membership11, membership20)
	if again := s.ask("pid-1", membership20, membership11); again != id {
		t.Errorf("asked again: request %s, want %s", again, id)
	}
	s.approve(id, claims)
	s.wallet.down = 503
	s.work()
	s.wallet.down = 0
	s.world.Clock.Advance(5 * time.Second)
	s.work()
	if got := s.state(id).Status; got != dcp.Issued || s.wallet.taken() != 1 {
		t.Fatalf("status %s, %d deliveries", got, s.wallet.taken())
	}
	raw := s.wallet.messages[0].Credentials[0].Payload
	s.wantStatus(t, raw, "")
	if _, err := s.service.Revoke(ctx, own, s.idOf(t, raw), "left"); err != nil {
		t.Fatal(err)
	}
	s.wantStatus(t, raw, "V80")
	if _, err := s.service.Restore(ctx, own, s.idOf(t, raw), "back"); err == nil {
		t.Error("a revoked credential was restored")
	}
	s.wantStatus(t, s.wallet.messages[0].Credentials[1].Payload, "")

	prepared, err := s.service.Issue(ctx, own, s.holder.DID, "an officer", []string{membership20}, claims, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.ask("pid-2", membership20); got != prepared.ID {
		t.Errorf("request %s, want the prepared %s", got, prepared.ID)
	}
	s.work()
	rejected := s.ask("pid-3", membership11)
	if _, err := s.service.Reject(ctx, own, rejected, "an officer", "no"); err != nil {
		t.Fatal(err)
	}
	s.work()
	if s.wallet.taken() != 3 {
		t.Errorf("%d deliveries, want 3", s.wallet.taken())
	}
	all, err := kept.IssuedCredentials(ctx, own, s.holder.DID, "", 10)
	if err != nil || len(all) != 3 {
		t.Errorf("%d credentials, %v; want 3", len(all), err)
	}
	list, taken, err := kept.ListUse(ctx, own)
	if err != nil || list != 1 || taken != 3 {
		t.Errorf("list %d with %d taken, %v; want 1 with 3", list, taken, err)
	}
	due, err := kept.ClaimIssuerRequests(ctx, s.world.Clock.Now().Add(48*time.Hour), time.Minute, 10)
	if err != nil || len(due) != 0 {
		t.Errorf("%d requests are still owed something, %v", len(due), err)
	}
}
