// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import "slices"

// ClaimsCount is how many cases there are.
const ClaimsCount = 77

// ClaimsCases are all cases with real identity: the main ones of Cases, then
// those about identity alone. The catalogue of many comes last, or all others
// would read it.
func (c *Claims) ClaimsCases() []Case {
	return slices.Concat(
		c.negotiationCases(), c.transferCases(),
		[]Case{{"provider: EDC refuses our agreement while our membership is suspended; our side says so", c.suspendedProvider}},
		c.ownWalletCases(), c.theirWalletCases(), c.againCases(), c.proofCases(),
		[]Case{{"provider: the same negotiation once it is restored: FINALIZED on both", c.restoredProvider}},
		c.catalogCases(),
	)
}
