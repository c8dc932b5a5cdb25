// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// Judge evaluates policies at every point: it fetches what a policy asks for
// and has one evaluator, so that what is shown, what is explained and what is
// done agree. Whatever cannot be fetched is an error, and nothing is permitted
// by an error. It is safe for concurrent use.
type Judge struct {
	Registry *Registry
	Now      func() time.Time
	// Relations returns the kinds of relation that our records know with a
	// counterparty. Nil: none.
	Relations func(ctx context.Context, contextID string, claims trust.Claims) ([]string, error)
	// Usage returns what was used of an agreement. Nil: nothing is counted, and
	// a policy that needs it is denied.
	Usage func(ctx context.Context, contextID, agreement string) (Usage, error)
	// Recheck judges credentials again that were proved before; of a running
	// transfer by status lists of at most maxAge. The error is a *trust.Refusal
	// that names the credential, or anything else where it cannot be told. Nil:
	// none is ever revoked.
	Recheck func(ctx context.Context, contextID string, claims trust.Claims, maxAge time.Duration) error
	// Access returns the access policy that one of our offers has now; false:
	// it was withdrawn. Nil: access is judged at the catalogue alone.
	Access func(ctx context.Context, contextID, offer string) (p Policy, found bool, err error)

	cache compiledCache
}

// Case is what is to be judged: a policy's side of Facts.
type Case struct {
	Context   string // our participant
	Point     Point
	Claims    trust.Claims
	Declared  map[string]Declared
	Agreement string    // its id, from AtTransfer on
	Agreed    time.Time // its conclusion
	// Usage replaces what Judge would fetch.
	Usage *Usage
}

// ErrNotTold: something that a policy asks for cannot be told.
var ErrNotTold = errors.New("policy cannot be judged")

// Explain judges and says why.
func (j *Judge) Explain(ctx context.Context, c *Compiled, k Case) (Verdict, error) {
	f, err := j.Facts(ctx, k, c)
	if err != nil {
		return Verdict{}, err
	}
	return f.Explain(c), nil
}

// Explain is that of the policy, and from AtNegotiation on denies also where a
// credential by which the counterparty proved who it is no longer holds,
// whatever the policy asks.
func (f *Facts) Explain(c *Compiled) Verdict {
	v := c.Explain(f)
	if !v.Permit {
		return v
	}
	if credential, why, lasting := f.lost(); why != "" {
		v.Permit, v.Deferred, v.Lasting = false, nil, lasting
		v.Reason = fmt.Sprintf("%s (credential %s)", why, credential)
		v.Safe = "a credential of the consumer is no longer good"
	}
	return v
}

// Permits is Explain without the reasons, for the path of each request.
func (f *Facts) Permits(c *Compiled) bool {
	_, why, _ := f.lost()
	return why == "" && c.Permits(f)
}

// OpenAccess is the access policy that one of our offers has now, made ready.
// None: it is not known which offer, or it was withdrawn.
func (j *Judge) OpenAccess(ctx context.Context, contextID, offer string) (c *Compiled, found bool, err error) {
	if j.Access == nil || offer == "" {
		return nil, false, nil
	}
	now, found, err := j.Access(ctx, contextID, offer)
	if err != nil || !found {
		return nil, false, err
	}
	c, err = j.Compile(now.Hash(), func() (Policy, error) { return now, nil })
	return c, true, err
}

// Closed makes a verdict of an access policy into what may be told: it names no
// term, since the consumer has seen none, and the offer can be opened again.
func (v Verdict) Closed() Verdict {
	v.Safe, v.Lasting = "the offer is no longer open to the consumer", false
	return v
}

// Facts fetches what policies ask for.
func (j *Judge) Facts(ctx context.Context, k Case, policies ...*Compiled) (*Facts, error) {
	f := &Facts{Point: k.Point, Now: j.Now(), Claims: k.Claims, Declared: k.Declared, Agreed: k.Agreed}
	var need Need
	for _, c := range policies {
		n := c.Needs()
		need.Relations, need.Usage = need.Relations || n.Relations, need.Usage || n.Usage
	}
	if need.Relations && j.Relations != nil {
		var err error
		if f.Relations, err = j.Relations(ctx, k.Context, k.Claims); err != nil {
			return nil, fmt.Errorf("%w: our relation to the counterparty: %w", ErrNotTold, err)
		}
	}
	if err := j.usage(ctx, f, k, need); err != nil {
		return nil, err
	}
	return f, j.recheck(ctx, f, k)
}

func (j *Judge) usage(ctx context.Context, f *Facts, k Case, need Need) error {
	switch {
	case k.Usage != nil:
		f.Usage = *k.Usage
	case !need.Usage || k.Point < AtTransfer:
	case j.Usage == nil:
		return fmt.Errorf("%w: nothing counts what is used", ErrNotTold)
	default:
		var err error
		if f.Usage, err = j.Usage(ctx, k.Context, k.Agreement); err != nil {
			return fmt.Errorf("%w: what was used of the agreement: %w", ErrNotTold, err)
		}
	}
	return nil
}
