// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"context"
	"encoding/json"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// permitted turns a decision to agree, or to ask a person whether to, into a
// termination where the terms' policy denies this consumer. The peer is told
// which term does not hold; our own users also why.
func (d *domain) permitted(ctx context.Context, n Negotiation, decision Decision) (Decision, error) {
	terms, asked := n.toAgree(decision)
	if !asked {
		return decision, nil
	}
	v, err := judge(ctx, d.policies, n, terms.Policy)
	if err != nil || v.Permit {
		return decision, err
	}
	return Decision{Act: Terminate, Reason: v.Safe, verdict: &v}, nil
}

// toAgree returns the terms that a decision of the provider would conclude.
func (n Negotiation) toAgree(d Decision) (Terms, bool) {
	agrees := d.Act == Agree || d.Act == Wait && d.Person && (n.State == string(Requested) || n.State == string(Accepted))
	if n.Role != string(provider) || !agrees {
		return Terms{}, false
	}
	if d.Terms != nil {
		return *d.Terms, true
	}
	return n.Offered, true
}

// mayAgree refuses a user's act that would conclude what the policy denies. It
// returns the act with the terms that were judged: others may come meanwhile.
func (s *Service) mayAgree(ctx context.Context, r engine.Record, d Decision) (Decision, error) {
	if d.Act != Agree || r.Role != provider {
		return d, nil
	}
	n, err := view(r)
	if err != nil {
		return d, err
	}
	terms, _ := n.toAgree(d)
	v, err := judge(ctx, s.Policies, n, terms.Policy)
	if err == nil && !v.Permit {
		return d, engine.Refusef("policy-denied", "the policy does not permit it: %s", v.Reason)
	}
	d.Terms = &terms
	return d, err
}

// judge is Explain and, where the terms permit it, whether the offer is open to
// the consumer still.
func judge(ctx context.Context, policies *policy.Judge, n Negotiation, p policy.Policy) (policy.Verdict, error) {
	v, err := explain(ctx, policies, n.Context, p, n.proved, n.Declared)
	if err != nil || !v.Permit {
		return v, err
	}
	access, found, err := policies.OpenAccess(ctx, n.Context, n.offer)
	if err != nil || !found {
		return v, err
	}
	now, err := policies.Explain(ctx, access, policy.Case{Context: n.Context, Point: policy.AtNegotiation, Claims: n.proved})
	if err == nil && !now.Permit {
		return now.Closed(), nil
	}
	return v, err
}

// Explain judges terms as a negotiation that asks for them is judged before
// the provider agrees, for a consumer who has proved claims and declares
// values (as Proposal.Declare has them on the wire).
func (s *Service) Explain(ctx context.Context, contextID string, terms policy.Policy, claims trust.Claims, declared map[string]json.RawMessage) (policy.Verdict, error) {
	return explain(ctx, s.Policies, contextID, terms, claims, declared)
}

func explain(ctx context.Context, policies *policy.Judge, contextID string, p policy.Policy, claims trust.Claims, declared map[string]json.RawMessage) (policy.Verdict, error) {
	c, err := policies.Compile(p.Hash(), func() (policy.Policy, error) { return p, nil })
	if err != nil {
		return policy.Verdict{}, err
	}
	return policies.Explain(ctx, c, policy.Case{
		Context: contextID, Point: policy.AtNegotiation, Claims: claims, Declared: policy.ReadDeclared(declared),
	})
}

// VerdictOf is the verdict that is kept on a negotiation's record; nil: there
// is none.
func VerdictOf(r engine.Record) *policy.Verdict {
	d, err := read(r)
	if err != nil || r.Kind != engine.Negotiation {
		return nil
	}
	return d.Verdict
}
