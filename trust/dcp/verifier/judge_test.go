// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/dcptest"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
	"github.com/musubi-ods/musubi/trust/dcp/verifier"
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
	s.Clock.Set(claims.Credentials[0].ValidFrom.Add(-6 * time.Second)) // our clock was wrong
	wantRefusal(t, s.profile.Recheck(t.Context(), "own", claims, time.Second), "V72")
	if err := s.profile.Recheck(t.Context(), "nobody", claims, time.Second); !errors.Is(err, trust.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
	preshared := trust.Claims{Participant: "urn:peer", Profile: "preshared"}
	if err := s.profile.Recheck(t.Context(), "own", preshared, time.Second); err != nil {
		t.Errorf("claims without credentials: %v", err)
	}
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

// presents is a verifier.Presentations that has been talked into anything.
type presents []trust.Credential

func (p presents) Presentation(context.Context, json.RawMessage, vc.Want) ([]vc.Credential, error) {
	list := make([]vc.Credential, len(p))
	for i, c := range p {
		list[i] = vc.Credential{Credential: c}
	}
	return list, nil
}

// Credentials of two companies are never one party's.
func TestCredentialsBelongTogether(t *testing.T) {
	s := newScene(t)
	claims := s.accepted(t)
	corporation, member := claims.Credentials[0], claims.Credentials[1]
	s.config.Checker = presents{corporation, member}
	s.profile = verifier.New(s.config)
	s.accepted(t)
	corporation.Subject = []byte(strings.Replace(string(corporation.Subject), s.peer.DID, s.issuer.DID, 1))
	s.config.Checker = presents{corporation, member}
	s.profile = verifier.New(s.config)
	s.refused(t, "C12")
}

// A status list is judged leniently only where its issuer is for all of the
// credential's types.
func TestConformanceOfStatus(t *testing.T) {
	const second = "OtherCredential"
	for _, c := range []struct{ one, two, want trust.Conformance }{
		{trust.Lenient, trust.Lenient, trust.Lenient},
		{trust.Lenient, trust.Strict, trust.Strict},
		{trust.Strict, trust.Lenient, trust.Strict},
		{trust.Strict, trust.Strict, trust.Strict},
	} {
		s := newScene(t)
		s.withStatus()
		claims := s.accepted(t)
		s.trusted[s.issuer.DID] = map[string]trust.Conformance{membership: c.one, second: c.two}
		credential := claims.Credentials[1]
		credential.Types = []string{"VerifiableCredential", membership, second}
		claims.Credentials = []trust.Credential{credential}
		if err := s.profile.Recheck(t.Context(), "own", claims, 0); err != nil {
			t.Fatal(err)
		}
		if got := s.statuses.asked[len(s.statuses.asked)-1]; len(s.statuses.asked) < 3 || got.Conformance.Lenient() != c.want.Lenient() {
			t.Errorf("%q and %q: judged %q, asked %d times", c.one, c.two, got.Conformance, len(s.statuses.asked))
		}
	}
}
