// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// ErrInput marks a request or credential of a user's that is not usable. The
// text around it is for that user.
var ErrInput = errors.New("not usable")

// List returns all credentials of a wallet, newest first.
func (s *Service) List(ctx context.Context, contextID string) ([]Stored, error) {
	return s.cfg.Store.Credentials(ctx, contextID)
}

// Get returns one by our ID. ErrNotFound.
func (s *Service) Get(ctx context.Context, contextID, id string) (Stored, error) {
	return s.cfg.Store.Credential(ctx, contextID, id)
}

// Delete removes one. ErrNotFound.
func (s *Service) Delete(ctx context.Context, contextID, id string) error {
	return s.cfg.Store.DeleteCredential(ctx, contextID, id)
}

// Import stores a credential that came by other means: about this participant,
// not expired, and proved if there is a Prover. It is not renewed. Errors wrap
// ErrInput, trust.ErrUnavailable, or are a *trust.Refusal.
func (s *Service) Import(ctx context.Context, contextID, raw string) (Stored, error) {
	own, settings, err := s.participant(ctx, contextID)
	if err != nil {
		return Stored{}, err
	}
	c, err := vc.Read(raw)
	if err != nil {
		return Stored{}, fmt.Errorf("%w: %w", ErrInput, err)
	}
	conformance, err := s.conformance(ctx, own, settings, c.Issuer)
	if err != nil {
		return Stored{}, err
	}
	if err := s.belongs(c, own, conformance); err != nil {
		return Stored{}, fmt.Errorf("%w: %w", ErrInput, err)
	}
	if err := s.prove(ctx, own, raw, conformance); err != nil {
		return Stored{}, err
	}
	row, err := s.index(c)
	if err != nil {
		return Stored{}, fmt.Errorf("%w: %w", ErrInput, err)
	}
	return s.keep(ctx, contextID, row)
}

func (s *Service) prove(ctx context.Context, own trust.Participant, raw string, conformance trust.Conformance) error {
	if s.cfg.Prover == nil {
		return nil
	}
	want := vc.Want{
		Holder: own.ID, Audience: own.ID, Conformance: conformance,
		// Whom others trust is theirs to decide.
		Issuers: func(context.Context, string, string) (bool, trust.Conformance, error) { return true, conformance, nil },
	}
	_, err := s.cfg.Prover.Credential(ctx, raw, want)
	return err
}

// keep stores an imported credential under a request that was never sent: it
// is granted from the beginning.
func (s *Service) keep(ctx context.Context, contextID string, row Stored) (Stored, error) {
	now := s.cfg.Now()
	r, err := s.cfg.Store.SaveRequest(ctx, contextID, Request{
		HolderPID: s.cfg.NewID(), Issuer: row.Issuer, Credentials: []string{row.Credential},
		State: Issued, Reason: "imported", Created: now, Updated: now, Deadline: now,
	})
	if err != nil {
		return Stored{}, err
	}
	row.Request, row.RenewAt = r.HolderPID, time.Time{}
	if _, err := s.cfg.Store.Deliver(ctx, contextID, r, []Stored{row}); err != nil {
		return Stored{}, err
	}
	s.rouse()
	list, err := s.cfg.Store.Credentials(ctx, contextID)
	if err != nil {
		return Stored{}, err
	}
	for _, c := range list { // the same credential may have had a row before
		if c.Credential == row.Credential && c.Issuer == row.Issuer && c.Profile == row.Profile {
			return c, nil
		}
	}
	return row, nil
}
