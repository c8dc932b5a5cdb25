// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package simulation

import (
	"context"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
)

// keep commits a step to the side's store, with the agreements that belong to
// it. Nothing comes between the two.
func (s *side) keep(ctx context.Context, procs engine.Processes, c engine.Commit) error {
	writes := c.Writes
	c.Writes = nil
	for _, row := range writes {
		if save, ok := row.(negotiation.SaveAgreement); ok {
			if _, exists := s.agreements[save.Agreement.ID]; exists {
				return negotiation.ErrAgreementExists
			}
		}
	}
	if err := procs.Commit(ctx, c); err != nil {
		return err
	}
	for _, row := range writes {
		switch row := row.(type) {
		case negotiation.SaveAgreement:
			s.agreements[row.Agreement.ID] = row.Agreement
		case negotiation.FinalizeAgreement:
			a := s.agreements[row.ID]
			a.Final = true
			s.agreements[row.ID] = a
		default:
			s.world.breaksf("%s: a write of the type %T", s.name, row)
		}
	}
	return nil
}

// Agreement implements negotiation.AgreementStore.
func (s *side) Agreement(_ context.Context, _, id string) (negotiation.Agreement, error) {
	a, ok := s.agreements[id]
	if !ok {
		return a, negotiation.ErrNoAgreement
	}
	return a, nil
}

// Agreements implements negotiation.AgreementStore.
func (s *side) Agreements(context.Context, string, negotiation.AgreementQuery) ([]negotiation.Agreement, error) {
	return nil, nil
}

// PutAgreement implements negotiation.AgreementStore.
func (s *side) PutAgreement(_ context.Context, a negotiation.Agreement) error {
	s.agreements[a.ID] = a
	return nil
}

// EndAgreement implements negotiation.AgreementStore: nobody here ends one.
func (s *side) EndAgreement(context.Context, string, string, negotiation.End) error { return nil }
