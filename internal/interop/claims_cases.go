// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import "slices"

// ClaimsCount is how many cases there are.
const ClaimsCount = 75

// ClaimsCases are all cases with real identity: the main ones of Cases, then
// those about identity alone. The catalogue of many comes last, or all others
// would read it.
func (c *Claims) ClaimsCases() []Case {
	return slices.Concat(
		c.negotiationCases(), c.transferCases(),
		c.ownWalletCases(), c.theirWalletCases(), c.againCases(), c.proofCases(),
		c.catalogCases(),
	)
}
