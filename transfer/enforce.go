// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// byPolicy is who stops a transfer in the journal.
const byPolicy = "policy"

// stopped is the act by which a verdict stops a transfer: for good where it
// cannot heal.
func stopped(v policy.Verdict, m engine.Message) (engine.Act, error) {
	raw, err := json.Marshal(v)
	return engine.Act{Message: m, Reason: v.Safe, Payload: raw, By: byPolicy}, err
}

// denies returns the act by which the policies end a transfer that was about
// to start; nil: they permit it.
func (p *PolicyPoint) denies(ctx context.Context, r engine.Record) (*engine.Act, error) {
	d, err := read(r)
	if err != nil {
		return nil, err
	}
	v, err := p.starting(ctx, r, d)
	switch {
	case errors.Is(err, negotiation.ErrNoAgreement):
		return nil, nil // the call of the data plane says so
	case err != nil || v.Permit:
		return nil, err
	}
	a, err := stopped(v, termination)
	return &a, err
}

// mayStart refuses, in full words, a start of a user's that a policy denies.
func (s *Service) mayStart(ctx context.Context, r engine.Record, a engine.Act) error {
	if r.Role != provider || a.Message != start {
		return nil
	}
	d, err := read(r)
	if err != nil {
		return err
	}
	v, err := s.Policies.starting(ctx, r, d)
	switch {
	case errors.Is(err, negotiation.ErrNoAgreement):
		return nil // the call of the data plane says so
	case err == nil && !v.Permit:
		return engine.Refusef("policy-denied", "the policy does not permit it: %s", v.Reason)
	}
	return err
}

// mayResume refuses the consumer's start of a transfer that a policy keeps
// suspended. Nothing changes by it: what is suspended stays so.
func (s *Service) mayResume(ctx context.Context, in engine.Inbound, claims trust.Claims) error {
	if in.Message != start {
		return nil
	}
	r, err := s.load(ctx, in.Context, in.Process)
	if err != nil || r.Role != provider || r.Peer != in.Peer || r.State != Suspended {
		return nil //nolint:nilerr // the engine judges what the process is
	}
	d, err := read(r)
	if err != nil {
		return err
	}
	d.Claims = claims
	a, err := s.Agreements.Agreement(ctx, r.Context, r.Subject)
	if err != nil {
		return nil //nolint:nilerr // an agreement that is gone ends the transfer elsewhere
	}
	if !a.InForce() {
		return engine.Refusef("agreement-ended", "the agreement was ended")
	}
	j, err := s.Policies.judge(ctx, a, d, policy.WhileRunning, nil)
	if err == nil && !j.verdict().Permit {
		return engine.Refusef("policy-denied", "the transfer stays suspended: %s", j.verdict().Safe)
	}
	return err
}

// enforce stops a transfer that its policies no longer permit. more is how many
// bytes it wants to send beside those that are counted.
func (s *Service) enforce(ctx context.Context, c engine.Change, more int64) error {
	r, err := s.load(ctx, c.Context, c.Process)
	if err != nil || !MayRun(r) || ending(r) {
		return ignoreMissing(err)
	}
	d, err := read(r)
	if err != nil {
		return err
	}
	v, err := s.verdict(ctx, r, d, more)
	if err != nil || v.Permit {
		return err
	}
	m := suspension
	switch {
	case v.Lasting:
		m = termination
	case decided(r, suspension):
		return nil
	}
	a, err := stopped(v, m)
	if err != nil {
		return err
	}
	_, err = s.Core.Do(ctx, c.Context, c.Process, a)
	if errors.Is(err, engine.ErrRefused) {
		return nil // it is being stopped already
	}
	return ignoreMissing(err)
}

// ending reports whether our side has decided to end the transfer: nothing that
// a policy says can add to it, however long the peer does not answer.
func ending(r engine.Record) bool { return decided(r, termination) || decided(r, completion) }

// decided reports whether our message is on its way, or waits to be.
func decided(r engine.Record, m engine.Message) bool {
	return r.Pending != nil && r.Pending.Message == m || r.Queued != nil && r.Queued.Message == m
}

func (s *Service) verdict(ctx context.Context, r engine.Record, d data, more int64) (policy.Verdict, error) {
	a, err := s.Agreements.Agreement(ctx, r.Context, r.Subject)
	gone := errors.Is(err, negotiation.ErrNoAgreement)
	switch {
	case err != nil && !gone:
		return policy.Verdict{}, err
	case gone || !a.InForce():
		text := "the agreement is not in force"
		if a.EndReason != "" {
			text = "the agreement was ended: " + a.EndReason
		}
		return policy.Verdict{Point: policy.WhileRunning, Action: policy.Use, At: s.Now(), Reason: text, Safe: text, Lasting: true}, nil
	}
	var usage *policy.Usage
	if more > 0 {
		u, err := s.Policies.used(ctx, a)
		if err != nil {
			return policy.Verdict{}, err
		}
		u.Bytes += more
		usage = &u
	}
	j, err := s.Policies.judge(ctx, a, d, policy.WhileRunning, usage)
	if err != nil {
		return policy.Verdict{}, err
	}
	return j.verdict(), nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, engine.ErrNotFound) {
		return nil
	}
	return err
}

// EndAll terminates all transfers under an agreement that was ended, in
// whichever role we are.
func (s *Service) EndAll(ctx context.Context, contextID, agreement, reason string) error {
	var errs []error
	for before := ""; ; {
		records, err := s.Store.For(contextID).List(ctx, engine.Query{Kind: engine.Transfer, Subject: agreement, Open: true, Before: before, Limit: endPage})
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		for _, r := range records {
			before = r.ID
			if r.Final {
				continue
			}
			_, err := s.Core.Do(ctx, contextID, r.ID, engine.Act{Message: termination, Reason: reason})
			if err != nil && !errors.Is(err, engine.ErrRefused) {
				errs = append(errs, ignoreMissing(err))
			}
		}
		if len(records) < endPage {
			return errors.Join(errs...)
		}
	}
}

const endPage = 100
