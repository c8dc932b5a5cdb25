// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import "github.com/musubi-ods/musubi/trust"

// relaxation is how strictly one party is judged.
type relaxation struct {
	lenient bool
	did     string // the party
	tell    func(did, what string)
}

func (c *Checker) relaxation(conformance trust.Conformance, did string) relaxation {
	return relaxation{conformance.Lenient(), did, c.Relaxed}
}

// allows reports whether a fault is let pass, and tells of it.
func (r relaxation) allows(what string) bool {
	if r.lenient && r.tell != nil {
		r.tell(r.did, what)
	}
	return r.lenient
}
