// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import "slices"

// Count is how many cases there are.
const Count = 36

// NotOffered are what EDC's interfaces have no command for.
var NotOffered = []string{}

// Cases are all cases.
func (w *World) Cases() []Case {
	return slices.Concat(w.catalogCases(), w.negotiationCases(), w.transferCases(), w.policyCases(), w.refusalCases(), w.manyCases())
}
