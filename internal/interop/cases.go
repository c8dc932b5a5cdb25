// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import "slices"

// Count is how many cases there are.
const Count = 42

// NotOffered are what EDC's interfaces have no command for.
var NotOffered = []string{
	"completion by EDC as its management API has it: there is none; its data plane's message to its control plane is sent instead",
	"a data plane of another make: its control plane takes data planes that speak EDC's own signaling, not Data Plane Signaling 1.0",
	"counter-offers: EDC has no command to make or to take one",
}

// Cases are all cases.
func (w *World) Cases() []Case {
	return slices.Concat(w.catalogCases(), w.negotiationCases(), w.transferCases(), w.pushCases(), w.policyCases(), w.overCases(), w.bareCases(), w.refusalCases(), w.vainCases(), w.manyCases())
}
