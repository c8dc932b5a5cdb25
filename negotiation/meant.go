// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package negotiation

import (
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// meant is what a consumer reads terms of its peer as: as they are, or, where
// they have no rule at all and the peer's setting says so, as the permission
// to use (docs/adr/0010-offers-without-rules.md). Nothing else of a policy is
// ever read into it.
func (d data) meant(p policy.Policy) policy.Policy {
	if d.assumes(p) {
		p.Permissions = policy.Permit(policy.Use).Permissions
	}
	return p
}

func (d data) assumes(p policy.Policy) bool {
	return d.WithoutRules == trust.PermitsUse && !p.HasRules()
}
