// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"fmt"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
)

// judgeWrites refuses rows of types that the store does not know, and those
// that cannot be written. A case here has its twin in applyWrites.
func judgeWrites(pt *part, _ *process, c engine.Commit) error {
	saved := map[string]bool{} // in this step
	known := func(id string) bool {
		_, ok := pt.agreements[id]
		return ok || saved[id]
	}
	for _, row := range c.Writes {
		switch row := row.(type) {
		case negotiation.SaveAgreement:
			if err := rule.Agreement(c.Record.Context, row.Agreement); err != nil {
				return err
			}
			if known(row.Agreement.ID) {
				return negotiation.ErrAgreementExists
			}
			saved[row.Agreement.ID] = true
		case negotiation.FinalizeAgreement:
			if err := rule.Finalize(c.Record.Context, row); err != nil {
				return err
			}
			if !known(row.ID) {
				return negotiation.ErrNoAgreement
			}
		case trust.UsedToken:
			if err := rule.UsedToken(c.Record.Context, row); err != nil {
				return err
			}
			if _, used := pt.tokens[token{row.Issuer, row.TokenID}]; used {
				return trust.ErrUsed
			}
		default:
			return fmt.Errorf("%w: %T", rule.ErrUnknownWrite, row)
		}
	}
	return nil
}

// applyWrites stores rows of the domain.
func (pt *part) applyWrites(rows []any) {
	for _, row := range rows {
		switch row := row.(type) {
		case negotiation.SaveAgreement:
			set(&pt.agreements, row.Agreement.ID, cloneAgreement(row.Agreement))
		case negotiation.FinalizeAgreement:
			a := pt.agreements[row.ID]
			a.Final = true
			pt.agreements[row.ID] = a
		case trust.UsedToken:
			set(&pt.tokens, token{row.Issuer, row.TokenID}, rule.Round(row.Until))
		}
	}
}
