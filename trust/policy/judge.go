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

// statusAge bounds the status lists behind a running transfer, and statusWait
// how long new ones are waited for: a server that hangs must not keep anything
// else from being noticed.
const (
	statusAge  = 3 * time.Second
	statusWait = time.Second
)

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

// lost is the first credential that no longer holds, and why; none: "".
func (f *Facts) lost() (credential, why string, lasting bool) {
	if f.Point < AtNegotiation {
		return "", "", false
	}
	for _, cred := range f.Claims.Credentials {
		if why, lasting, gone := f.lapsed(cred); gone {
			return cred.ID, why, lasting
		}
	}
	return "", "", false
}

// lapsed reports whether a credential that was good is so no longer. One that
// is not good yet was let pass with the message, for clocks differ.
func (f *Facts) lapsed(c trust.Credential) (why string, lasting, gone bool) {
	if _, void := f.Void[c.ID]; !void && (c.ValidUntil.IsZero() || f.Now.Before(c.ValidUntil)) {
		return "", false, false
	}
	why, lasting, good := f.Good(c)
	return why, lasting, !good
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

// recheck finds credentials that were good when they were shown and are no
// longer. At the catalogue they have just been shown; a negotiation may have
// waited for a person for days.
func (j *Judge) recheck(ctx context.Context, f *Facts, k Case) error {
	if k.Point < AtNegotiation || j.Recheck == nil || len(k.Claims.Credentials) == 0 {
		return nil
	}
	rest := k.Claims
	for range k.Claims.Credentials {
		err := j.again(ctx, k, rest)
		var no *trust.Refusal
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &no):
			return fmt.Errorf("%w: whether credentials are still good: %w", ErrNotTold, err)
		}
		before := len(rest.Credentials)
		rest = without(rest, no.Credential)
		if len(rest.Credentials) < before {
			f.void(no.Credential, no)
			continue
		}
		if len(f.Void) > 0 { // the rest alone is not enough, which is no news
			return nil
		}
		for _, c := range rest.Credentials { // it is about all of them
			f.void(c.ID, no)
		}
		return nil
	}
	return nil
}

// again rechecks as strictly as the point asks. A status list that is out of
// reach for a moment does not stop what runs: what was known a minute ago is
// what every other message is judged by. Nor does a suspension that the list
// told seconds ago, if it has been lifted since.
func (j *Judge) again(ctx context.Context, k Case, claims trust.Claims) error {
	if k.Point < WhileRunning { // as for any message
		return j.Recheck(ctx, k.Context, claims, 0)
	}
	no, err := j.briefly(ctx, k, claims, statusAge)
	switch {
	case err == nil:
		return nil
	case no == nil:
		return j.Recheck(ctx, k.Context, claims, 0)
	case no.Check != suspended:
		return err
	}
	if now, nowErr := j.briefly(ctx, k, claims, time.Nanosecond); nowErr == nil || now != nil {
		return nowErr
	}
	return err
}

// briefly rechecks by lists of at most an age. The refusal, if it is one, is also
// the error.
func (j *Judge) briefly(ctx context.Context, k Case, claims trust.Claims, age time.Duration) (no *trust.Refusal, err error) {
	brief, cancel := context.WithTimeout(ctx, statusWait)
	defer cancel()
	err = j.Recheck(brief, k.Context, claims, age)
	errors.As(err, &no)
	return no, err
}

func (f *Facts) void(credential string, no *trust.Refusal) {
	if f.Void == nil {
		f.Void = make(map[string]Voided)
	}
	f.Void[credential] = Voided{Why: no.Check + ": " + no.Reason, Lasting: no.Check == revoked}
}

// The checks that refuse a credential whose issuer took it back, for good and
// for a time (docs/trust.md).
const (
	revoked   = "V80"
	suspended = "V81"
)

func without(c trust.Claims, id string) trust.Claims {
	var rest []trust.Credential
	for _, one := range c.Credentials {
		if one.ID != id {
			rest = append(rest, one)
		}
	}
	c.Credentials = rest
	return c
}
