// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// Credentials that were not asked for are left out, whatever they are, and
// nobody is called for them.
func TestTypesAskedFor(t *testing.T) {
	byProfile(t, func(t *testing.T, p vc.Profile) {
		other := say("type", []string{"VerifiableCredential", "OtherCredential"})
		extras := []string{
			issue(t, p, other, signedBy(keys[otherDID]()), say("issuer", otherDID), set("iss", nil)),
			issue(t, p, other, say(ends[p], stamp(-time.Hour))),
			issue(t, p, other, signedBy(keys[otherDID]())),
		}
		good := issue(t, p)
		w := newWorld(t)
		w.failures[otherDID] = did.ErrUnreachable
		w.want.Types = []string{"CorporateIdentityCredential", "MembershipCredential"}
		list, err := w.checker.Presentation(t.Context(), quote(present(t, p, append(extras, good))), w.want)
		if err != nil || len(list) != 1 || list[0].Raw != good {
			t.Errorf("%d credentials, %v", len(list), err)
		}
		for _, id := range w.resolved {
			if id == otherDID {
				t.Error("the issuer of a credential was resolved that was not asked for")
			}
		}

		list, err = w.checker.Presentation(t.Context(), quote(present(t, p, extras)), w.want)
		if err != nil || len(list) != 0 {
			t.Errorf("of extras alone: %d credentials, %v", len(list), err)
		}

		refused(t, "V71", w.judge(t, present(t, p, append(extras, issue(t, p, say(ends[p], stamp(-time.Hour)))))))
		refused(t, "V64", w.judge(t, present(t, p, []string{good, "x"})))
		wrong := map[vc.Profile]vc.Profile{vc.VC11: vc.VC20, vc.VC20: vc.VC11}[p]
		refused(t, "V62", w.judge(t, present(t, p, []string{good, issue(t, wrong, other)})))

		// One that was asked for is judged for its other types as well.
		both := say("type", []string{"VerifiableCredential", "MembershipCredential", "OtherCredential"})
		refused(t, "V68", w.judge(t, present(t, p, []string{issue(t, p, both)})))
	})
}

// A verdict names whom and what it is about.
func TestRefusalNames(t *testing.T) {
	byProfile(t, func(t *testing.T, p vc.Profile) {
		w := newWorld(t)
		err := w.judge(t, present(t, p, []string{issue(t, p), issue(t, p, say(ends[p], stamp(-time.Hour)))}))
		refusal, ok := errors.AsType[*trust.Refusal](err)
		if !ok || refusal.Subject != holderDID || refusal.Credential != draft().ID || !errors.Is(err, trust.ErrUnauthenticated) {
			t.Errorf("got %+v", err)
		}
		err = w.judge(t, present(t, p, []string{issue(t, p)}, set("exp", 1)))
		if refusal, ok := errors.AsType[*trust.Refusal](err); !ok || refusal.Credential != "" {
			t.Errorf("got %+v", err)
		}
		w.want.Issuers = func(context.Context, string, string) (bool, trust.Conformance, error) {
			return false, "", trust.Refuse("C16", "for memberships only")
		}
		refused(t, "C16", w.judgeCredential(t, issue(t, p)))
	})
}

// Sizes are bounded before anything is read.
func TestSizes(t *testing.T) {
	byProfile(t, func(t *testing.T, p vc.Profile) {
		w := newWorld(t)
		padding := func(n int) func(*claims) { return set("padding", strings.Repeat("x", n)) }
		refused(t, "V05", w.judge(t, present(t, p, []string{issue(t, p)}, padding(vc.MaxPresentation))))
		refused(t, "V64", w.judgeCredential(t, issue(t, p, padding(vc.MaxCredential*3/4))))
		if len(w.resolved) != 0 {
			t.Errorf("resolved %v", w.resolved)
		}
		accepted(t, w.judgeCredential(t, issue(t, p, padding(vc.MaxCredential/2))))
		half := issue(t, p, padding(vc.MaxCredential/4))
		accepted(t, w.judge(t, present(t, p, []string{half, half, half})))
	})
}
