// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/jcs"
)

// giveUp is how long a decision is delivered for.
const giveUp = 24 * time.Hour

// maxEvidence bounds what a person gives as the reason of an approval, in
// bytes.
const maxEvidence = 256 << 10

// Approve has a request's credentials issued with these claims, by type.
// Evidence, a JSON document, is kept with the request and told to nobody.
// ErrNotFound, ErrDecided, ErrClaims, ErrChanged.
func (s *Service) Approve(ctx context.Context, contextID, id, by string, claims map[string]json.RawMessage, evidence json.RawMessage) (Request, error) {
	own, settings, err := s.own(ctx, contextID)
	if err != nil {
		return Request{}, err
	}
	r, err := s.waiting(ctx, contextID, id)
	if err != nil {
		return Request{}, err
	}
	asked, err := find(*settings.Issues, r.Credentials)
	if err != nil {
		return Request{}, err
	}
	if err := checkEvidence(evidence); err != nil {
		return Request{}, err
	}
	if r.Claims, err = s.subjects(own, settings, r.Holder, types(asked), claims, true); err != nil {
		return Request{}, err
	}
	r.Evidence = evidence
	return s.decide(ctx, contextID, r, Approved, by)
}

// Reject refuses a request; the holder is told the reason. ErrNotFound,
// ErrDecided, ErrChanged.
func (s *Service) Reject(ctx context.Context, contextID, id, by, reason string) (Request, error) {
	r, err := s.waiting(ctx, contextID, id)
	if err != nil {
		return Request{}, err
	}
	r.Reason = printable(reason)
	r.Deadline = s.cfg.Now().Add(giveUp)
	return s.decide(ctx, contextID, r, Rejected, by)
}

// waiting returns a request that nobody has decided.
func (s *Service) waiting(ctx context.Context, contextID, id string) (Request, error) {
	r, err := s.cfg.Store.IssuerRequest(ctx, contextID, id)
	if err == nil && r.State != Received {
		err = fmt.Errorf("%w: %s", ErrDecided, r.State)
	}
	return r, err
}

func (s *Service) decide(ctx context.Context, contextID string, r Request, state, by string) (Request, error) {
	now := s.cfg.Now()
	r.State, r.Decided, r.Updated, r.NextTry, r.Tries, r.LastError = state, printable(by), now, now, 0, ""
	r, err := s.cfg.Store.SaveIssuerRequest(ctx, contextID, r, nil)
	if err == nil {
		s.signal()
	}
	return r, err
}

func checkEvidence(evidence json.RawMessage) error {
	if len(evidence) == 0 {
		return nil
	}
	if len(evidence) > maxEvidence {
		return fmt.Errorf("%w: the evidence has more than %d bytes", ErrClaims, maxEvidence)
	}
	if _, err := jcs.Transform(evidence); err != nil {
		return fmt.Errorf("%w: the evidence is not strict JSON: %w", ErrClaims, err)
	}
	return nil
}

// Issue approves credentials for a holder that has not asked yet, and offers
// them to its wallet. DCP delivers only what was asked for, so they are issued
// when the wallet asks. The request is returned also where the offer failed
// (ErrHolder, trust.ErrUnavailable): the wallet may ask all the same, and Offer
// repeats it.
func (s *Service) Issue(ctx context.Context, contextID, holder, by string, ids []string, claims map[string]json.RawMessage, evidence json.RawMessage) (Request, error) {
	own, settings, err := s.own(ctx, contextID)
	if err != nil {
		return Request{}, err
	}
	asked, err := find(*settings.Issues, ids)
	if err != nil {
		return Request{}, err
	}
	if holder == "" || did.Owner(holder) != holder {
		return Request{}, fmt.Errorf("%w: the holder %.200q is no DID", ErrClaims, holder)
	}
	if err := checkEvidence(evidence); err != nil {
		return Request{}, err
	}
	subjects, err := s.subjects(own, settings, holder, types(asked), claims, true)
	if err != nil {
		return Request{}, err
	}
	now := s.cfg.Now()
	r, err := s.cfg.Store.SaveIssuerRequest(ctx, contextID, Request{
		ID: s.newUUID(), Holder: holder, HolderPID: noPID, Credentials: idsOf(asked), State: Approved,
		Claims: subjects, Evidence: evidence, Decided: printable(by), Created: now, Updated: now,
	}, nil)
	if err != nil {
		return Request{}, err
	}
	return r, s.Offer(ctx, contextID, holder, ids)
}

// noPID stands for the id that the holder will give to what Issue prepares.
const noPID = "-"

// prepared reports whether a request was made by Issue, and the holder has not
// asked yet. An approved one of a holder always has a next try.
func (r Request) prepared() bool {
	return r.State == Approved && r.HolderPID == noPID && r.NextTry.IsZero()
}

// Withdraw takes back what Issue has prepared, as long as the wallet has not
// asked for it. ErrNotFound, ErrDecided.
func (s *Service) Withdraw(ctx context.Context, contextID, id, by, reason string) (Request, error) {
	r, err := s.cfg.Store.IssuerRequest(ctx, contextID, id)
	switch {
	case err != nil:
		return Request{}, err
	case !r.prepared():
		return Request{}, fmt.Errorf("%w: %s", ErrDecided, r.State)
	}
	r.State, r.Reason, r.Decided, r.Updated = Rejected, printable(reason), printable(by), s.cfg.Now()
	return s.cfg.Store.SaveIssuerRequest(ctx, contextID, r, nil)
}

// IssuerRequest returns one. ErrNotFound.
func (s *Service) IssuerRequest(ctx context.Context, contextID, id string) (Request, error) {
	return s.cfg.Store.IssuerRequest(ctx, contextID, id)
}

// IssuerRequests lists, newest first, from before an id on; an empty state means
// all.
func (s *Service) IssuerRequests(ctx context.Context, contextID, state, before string, limit int) ([]Request, error) {
	return s.cfg.Store.IssuerRequests(ctx, contextID, state, before, limit)
}

// changed reports that a compare-and-set lost.
func changed(err error) bool { return errors.Is(err, ErrChanged) }
