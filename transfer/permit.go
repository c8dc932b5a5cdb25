// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"maps"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// PolicyPoint judges transfers of a provider, when they start and while they
// run: by the usage policy that was agreed, which no edit changes, and by the
// access policy that the offer has now. An offer that was withdrawn leaves the
// agreement as it is.
type PolicyPoint struct {
	Judge      *policy.Judge
	Agreements negotiation.AgreementStore
	Meters     Meters
	// Began, if set, is told that a transfer begins here.
	Began func()
}

// judged is a transfer before its policies.
type judged struct {
	usage, access *policy.Compiled // access: nil where the offer was withdrawn
	facts         *policy.Facts
}

// verdict is the one that decides. The way to it is worked out for a denial
// only: most requests are permitted, and nobody reads why.
func (j judged) verdict() policy.Verdict {
	switch {
	case !j.facts.Permits(j.usage):
		return j.facts.Explain(j.usage)
	case j.access != nil && !j.facts.Permits(j.access):
		return j.facts.Explain(j.access).Closed()
	}
	return policy.Verdict{Permit: true, Point: j.facts.Point, Action: policy.Use, At: j.facts.Now}
}

// bytes tells whether bytes have to be counted, and how many there may be.
func (j judged) bytes() (metered bool, limit int64) {
	if _, metered = j.usage.Metered(); !metered {
		return false, policy.Unlimited
	}
	return true, j.usage.ByteLimit(*j.facts)
}

// judge evaluates both policies. usage replaces what the meters count.
func (p *PolicyPoint) judge(ctx context.Context, a negotiation.Agreement, d data, at policy.Point, usage *policy.Usage) (judged, error) {
	k := policy.Case{
		Context: a.Context, Point: at, Claims: d.Claims, Declared: declared(a, d),
		Agreement: a.ID, Agreed: a.Concluded, Usage: usage,
	}
	var j judged
	var err error
	if j.usage, err = p.Judge.CompileStored(a.PolicyHash, a.Policy); err != nil {
		return j, err
	}
	if j.access, _, err = p.Judge.OpenAccess(ctx, a.Context, a.Offer); err != nil {
		return j, err
	}
	policies := []*policy.Compiled{j.usage}
	if j.access != nil {
		policies = append(policies, j.access)
	}
	j.facts, err = p.Judge.Facts(ctx, k, policies...)
	return j, err
}

// declared are the values of the agreement and, before them, those of the
// request for this transfer.
func declared(a negotiation.Agreement, d data) map[string]policy.Declared {
	all := policy.ReadDeclared(a.Declared)
	maps.Copy(all, policy.ReadDeclared(d.Declared))
	return all
}

// Explanation is what the two policies of a transfer come to.
type Explanation struct {
	Usage  policy.Verdict
	Access *policy.Verdict // nil: the offer was withdrawn, and access is not judged
	// Verdict is the one that decides.
	Verdict policy.Verdict
}

// Explain judges a transfer that would start now under an agreement, by the
// code by which one that starts is judged, for a consumer who has proved
// claims and declares values beside those of the agreement. The agreement may
// be one that is only thought of: then used is what would have been used of
// it, with this transfer; nil: it is asked for.
func (p *PolicyPoint) Explain(ctx context.Context, a negotiation.Agreement, claims trust.Claims, declared map[string]json.RawMessage, used *policy.Usage) (Explanation, error) {
	if used == nil {
		now, err := p.used(ctx, a)
		if err != nil {
			return Explanation{}, err
		}
		now.Started++
		used = &now
	}
	j, err := p.judge(ctx, a, data{Claims: claims, Declared: declared}, policy.AtTransfer, used)
	if err != nil {
		return Explanation{}, err
	}
	e := Explanation{Usage: j.facts.Explain(j.usage)}
	e.Verdict = e.Usage
	if j.access != nil {
		access := j.facts.Explain(j.access).Closed()
		e.Access = &access
		if e.Usage.Permit && !access.Permit {
			e.Verdict = access
		}
	}
	return e, nil
}

// VerdictOf is the verdict that is kept on a transfer's record; nil: there is
// none.
func VerdictOf(r engine.Record) *policy.Verdict {
	if r.Kind != engine.Transfer {
		return nil
	}
	p, err := view(r)
	if err != nil {
		return nil
	}
	return p.Verdict
}

// starting judges a transfer that is about to start, as if it were counted.
func (p *PolicyPoint) starting(ctx context.Context, r engine.Record, d data) (policy.Verdict, error) {
	a, err := p.Agreements.Agreement(ctx, r.Context, r.Subject)
	if err != nil {
		return policy.Verdict{}, err
	}
	used, err := p.used(ctx, a)
	if err != nil {
		return policy.Verdict{}, err
	}
	if d.Flow == "" { // else it was counted when it started
		used.Started++
	}
	j, err := p.judge(ctx, a, d, policy.AtTransfer, &used)
	if err != nil {
		return policy.Verdict{}, err
	}
	return j.verdict(), nil
}

func (p *PolicyPoint) used(ctx context.Context, a negotiation.Agreement) (policy.Usage, error) {
	if p.Meters == nil {
		return policy.Usage{}, nil
	}
	u, err := p.Meters.Usage(ctx, a.Context, a.ID)
	return policy.Usage{Started: u.Started, Bytes: u.Bytes}, err
}

// claim is the last look before the first byte: it counts the start, which two
// transfers may compete for, and judges with that count. The format is the
// consumer's choice: where bytes are limited its plane has to count them.
func (p *PolicyPoint) claim(ctx context.Context, r engine.Record, d data, plane DataPlane) error {
	a, err := p.Agreements.Agreement(ctx, r.Context, r.Subject)
	switch {
	case errors.Is(err, negotiation.ErrNoAgreement), err == nil && !a.InForce():
		return engine.Refusef("agreement-ended", "the agreement is not in force")
	case err != nil:
		return err
	}
	used, err := p.used(ctx, a)
	if err != nil {
		return err
	}
	used.Started = 1
	j, err := p.judge(ctx, a, d, policy.AtTransfer, &used)
	if err != nil {
		return err
	}
	if v := j.verdict(); !v.Permit {
		return engine.Refusef("policy-denied", "%s", v.Safe)
	}
	if p.Began != nil {
		p.Began()
	}
	count, bytes := j.usage.Metered()
	switch {
	case bytes && !metersBytes(plane):
		return engine.Refusef("policy-denied", "the policy limits bytes, and in the format %.80q nothing here counts them", d.Format)
	case !count:
		return nil
	}
	return p.claimStart(ctx, r, a, d, j.usage.StartLimit(*j.facts))
}

func (p *PolicyPoint) claimStart(ctx context.Context, r engine.Record, a negotiation.Agreement, d data, limit int64) error {
	if p.Meters == nil {
		return engine.Refusef("policy-denied", "nothing here counts transfers")
	}
	started, err := p.Meters.ClaimStart(ctx, r.Context, a.ID, r.ID, limit)
	if !errors.Is(err, ErrExhausted) {
		return err
	}
	j, err := p.judge(ctx, a, d, policy.AtTransfer, &policy.Usage{Started: started + 1})
	if err != nil {
		return err
	}
	return engine.Refusef("policy-denied", "as many transfers were started as the agreement permits: %s", j.verdict().Safe)
}

// release gives back the start of a transfer that never began.
func (p *PolicyPoint) release(ctx context.Context, r engine.Record) error {
	a, err := p.Agreements.Agreement(ctx, r.Context, r.Subject)
	if err != nil || p.Meters == nil {
		if errors.Is(err, negotiation.ErrNoAgreement) {
			return nil
		}
		return err
	}
	usage, err := p.Judge.CompileStored(a.PolicyHash, a.Policy)
	if err != nil {
		return err
	}
	if count, _ := usage.Metered(); !count {
		return nil
	}
	return p.Meters.ReleaseStart(ctx, r.Context, a.ID, r.ID)
}
