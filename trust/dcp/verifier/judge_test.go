// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
)

// another is a second textbook number with a right check digit.
const another = "1180301018771"

func TestC13_AnotherIdentifier(t *testing.T) {
	as := func(s *scene, number string) {
		s.present(s.issuer.Credential(s.peer, membership), s.issuer.Credential(s.peer, corporate, func(d *dcptest.Draft) {
			d.VC()["credentialSubject"] = s.peer.Corporation(number)
		}))
	}
	t.Run("refused", func(t *testing.T) {
		s := newScene(t)
		s.accepted(t)
		s.Clock.Advance(2 * time.Minute) // past the cache
		as(s, another)
		s.refused(t, "C13")
		for _, text := range []string{"level=WARN", "quarantined", s.peer.DID, dcptest.Number, another} {
			if !strings.Contains(s.log.String(), text) {
				t.Errorf("the log does not say %q: %s", text, s.log)
			}
		}
		s.refused(t, "C13") // until a person has looked
		if err := s.bindings.Unbind(t.Context(), "own", s.peer.DID); err != nil {
			t.Fatal(err)
		}
		s.accepted(t)
	})
	t.Run("accepted", func(t *testing.T) {
		s := newScene(t)
		as(s, another)
		s.accepted(t)
		s.Clock.Advance(2 * time.Minute)
		as(s, another)
		s.accepted(t)
	})
}

func TestC16_IssuerOfAnotherType(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		t.Run("a type that is required", func(t *testing.T) {
			s := newScene(t)
			delete(s.trusted[s.issuer.DID], corporate)
			s.refused(t, "C16")
			_, err := s.verify(t)
			if r, _ := errors.AsType[*trust.Refusal](err); r == nil || !strings.HasPrefix(r.Credential, "urn:uuid:") {
				t.Errorf("the refusal does not name the credential: %v", err)
			}
		})
		t.Run("a second type of a required credential", func(t *testing.T) {
			s := newScene(t)
			s.present(s.issuer.Credential(s.peer, corporate), s.issuer.Credential(s.peer, membership, func(d *dcptest.Draft) {
				d.VC()["type"] = []any{"VerifiableCredential", membership, "SecurityEvaluationCredential"}
			}))
			s.refused(t, "C16")
		})
		t.Run("since a while", func(t *testing.T) { // what is cached does not help
			s := newScene(t)
			s.accepted(t)
			delete(s.trusted[s.issuer.DID], corporate)
			s.refused(t, "C16")
		})
	})
	t.Run("accepted", func(t *testing.T) { newScene(t).accepted(t) })
}

// An issuer that is trusted for nothing is another fault.
func TestIssuerNotTrustedAtAll(t *testing.T) {
	s := newScene(t)
	delete(s.trusted, s.issuer.DID)
	s.refused(t, "V68")
}

// The dates of credentials are judged at each message as well.
func TestExpiresInTheCache(t *testing.T) {
	s := newScene(t)
	s.settings(`{"presentationCache":"1h"}`)
	claims := s.accepted(t)
	s.Clock.Advance(24*time.Hour + 4*time.Second)
	err := s.profile.Recheck(t.Context(), "own", claims, time.Second)
	if err != nil {
		t.Errorf("within the leeway: %v", err)
	}
	s.Clock.Advance(time.Second)
	wantRefusal(t, s.profile.Recheck(t.Context(), "own", claims, time.Second), "V71")
}

func TestRecheck(t *testing.T) {
	s := newScene(t)
	s.withStatus()
	claims := s.accepted(t)
	recheck := func() error { return s.profile.Recheck(t.Context(), "own", claims, 3*time.Second) }
	if err := recheck(); err != nil {
		t.Fatal(err)
	}
	if last := s.statuses.asked[len(s.statuses.asked)-1]; last.MaxAge != 3*time.Second {
		t.Errorf("lists may be %s old", last.MaxAge)
	}
	s.statuses.err = trust.Refuse("V81", "suspended")
	wantRefusal(t, recheck(), "V81")
	s.statuses.err = trust.ErrUnavailable
	if err := recheck(); !errors.Is(err, trust.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
	s.statuses.err = nil
	delete(s.trusted, s.issuer.DID)
	wantRefusal(t, recheck(), "V68")
	if len(s.wallet.Calls()) != 1 {
		t.Error("the wallet was asked")
	}
}

// The dataspace's own rules are those of the settings.
func TestDomainRules(t *testing.T) {
	s := newScene(t)
	s.settings(`{"dataspace":"https://dataspace.example/other"}`)
	s.refused(t, "C01")
	s.settings(`{"dataspace":"` + dcptest.Dataspace + `"}`)
	s.accepted(t)
}
