// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"

	"github.com/musubi-ods/musubi/internal/store/rule"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
)

// write returns the statements that store a row of the domain as part of a
// process's step. Each type has one case here and one in package memory.
func write(context string, row any) ([]statement, error) {
	switch row := row.(type) {
	case negotiation.SaveAgreement:
		if err := rule.Agreement(context, row.Agreement); err != nil {
			return nil, err
		}
		save, err := saveAgreement(row.Agreement)
		return []statement{save}, err
	case negotiation.FinalizeAgreement:
		if err := rule.Finalize(context, row); err != nil {
			return nil, err
		}
		return []statement{finalizeAgreement(row)}, nil
	case trust.UsedToken:
		return []statement{useOf(row).insert()}, rule.UsedToken(context, row)
	default:
		return nil, fmt.Errorf("%w: %T", rule.ErrUnknownWrite, row)
	}
}
