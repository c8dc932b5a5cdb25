// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package verifier

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/status"
)

// judge decides anew, at each message, what may have changed since credentials
// were presented: dates, whom we trust, status, and what the credentials say
// to us. maxAge is how old status lists may be; 0: as the settings say.
func (p *Profile) judge(ctx context.Context, from party, list []trust.Credential, maxAge time.Duration) error {
	if maxAge == 0 {
		// Off is no age at all, and zero would be the default.
		maxAge = max(time.Duration(from.settings.StatusCache), time.Nanosecond)
	}
	now := p.cfg.Now()
	domain := trust.Domain{Dataspace: from.settings.Dataspace, Now: now, Samples: from.settings.Samples}
	_, said := p.judgedNow(from, list)
	for _, c := range list {
		if err := inForce(c, now); err != nil {
			return err
		}
		conformance, err := p.believes(ctx, from.own, c)
		if err != nil {
			return err
		}
		if !said {
			if err := domain.Check(c); err != nil {
				return err
			}
		}
		if len(c.Status) == 0 {
			continue
		}
		err = p.cfg.Status.Check(ctx, status.Entry{
			Credential: c.ID, Issuer: c.Issuer, Entries: c.Status, Conformance: conformance, MaxAge: maxAge,
		})
		if err != nil {
			return err
		}
	}
	if said {
		return nil
	}
	if err := domain.Together(from.id, list); err != nil {
		return err
	}
	p.wasJudged(from, list, false)
	return nil
}

// inForce judges the dates of a credential: V71, V72.
func inForce(c trust.Credential, now time.Time) error {
	if !c.ValidUntil.IsZero() && !now.Before(c.ValidUntil.Add(dcp.Leeway)) {
		return trust.Refuse("V71", "the credential has expired").Of(c.ID)
	}
	if c.ValidFrom.After(now.Add(dcp.Leeway)) {
		return trust.Refuse("V72", "the credential is not valid yet").Of(c.ID)
	}
	return nil
}

// believes judges whether the issuer of a credential is trusted for each of
// its types, under each of which it might be used: V68, C16. The conformance is
// lenient only if it is so for all of them.
func (p *Profile) believes(ctx context.Context, own trust.Participant, c trust.Credential) (trust.Conformance, error) {
	conformance, asked := trust.Lenient, false
	for _, name := range c.Types {
		if name == "VerifiableCredential" {
			continue
		}
		asked = true
		how, err := p.trusted(ctx, own, c.Issuer, name)
		if refusal, ok := errors.AsType[*trust.Refusal](err); ok {
			return trust.Strict, refusal.Of(c.ID)
		}
		if err != nil {
			return trust.Strict, err
		}
		if !how.Lenient() {
			conformance = trust.Strict
		}
	}
	if !asked { // nobody was asked, so nobody is believed
		return trust.Strict, trust.Refuse("V68", "the credential has no type for which an issuer could be trusted").Of(c.ID)
	}
	return conformance, nil
}

// trusted asks how strictly an issuer that we believe is judged. Where we do
// not, the error is a *trust.Refusal: C16 for an issuer that we believe for
// memberships, V68 for any other.
func (p *Profile) trusted(ctx context.Context, own trust.Participant, issuer, credentialType string) (trust.Conformance, error) {
	trusted, conformance, _, err := p.cfg.Trust.Trusts(ctx, own.Context, issuer, credentialType)
	if err != nil {
		return trust.Strict, unavailable("whom we trust", err)
	}
	if trusted {
		return conformance, nil
	}
	member, _, _, err := p.cfg.Trust.Trusts(ctx, own.Context, issuer, trust.MembershipCredential)
	if err != nil {
		return trust.Strict, unavailable("whom we trust", err)
	}
	if member {
		return trust.Strict, trust.Refuse("C16", "the issuer %s is trusted for memberships, not for %.128q", issuer, credentialType)
	}
	return trust.Strict, trust.Refuse("V68", "the issuer %s is not trusted for %.128q", issuer, credentialType)
}

// bind judges whether the counterparty is the company that it was (C13). One
// that is another suddenly is shut out until a person has looked.
func (p *Profile) bind(ctx context.Context, from party, c trust.Claims) error {
	if j, ok := p.judgedNow(from, c.Credentials); ok && j.bound {
		return nil
	}
	now, ok := c.Primary()
	if !ok {
		return nil
	}
	before, err := p.cfg.Bindings.Bind(ctx, from.own.Context, from.id, now, p.cfg.Now())
	if err != nil {
		return unavailable("under which identifier the caller is known", err)
	}
	if before == now {
		p.wasJudged(from, c.Credentials, true)
		return nil
	}
	p.cfg.Log.Warn("a counterparty is quarantined: it presents another corporate identifier",
		slog.String("participant", from.own.Context), slog.String("peer", from.id),
		slog.String("known", before.String()), slog.String("presented", now.String()))
	return trust.Refuse("C13", "the caller is known under the corporate identifier %s and presents %s", before, now)
}
