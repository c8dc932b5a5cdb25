// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import "time"

// The credential types of the dataspace. docs/credentials holds their schemas
// and context.
const (
	MembershipCredential         = "MembershipCredential"
	CorporateIdentityCredential  = "CorporateIdentityCredential"
	SecurityEvaluationCredential = "SecurityEvaluationCredential"
)

// Domain judges what credentials of the types above say, beyond signatures,
// dates and status: the checks C1 to C18.
type Domain struct {
	// Dataspace is ours. Empty: a membership of any dataspace is one, and its
	// members are checked only as far as they are there.
	Dataspace string
	Now       time.Time
	// Samples lets identifiers pass whose check digits are wrong, as those of
	// published sample data are.
	Samples bool
}

// Check judges one credential; types that it does not know pass. The error is
// a *Refusal.
func (d Domain) Check(c Credential) error { panic("to be written") }

// Together judges what only several credentials of one holder show (C12). The
// error is a *Refusal.
func (d Domain) Together(holder string, list []Credential) error { panic("to be written") }
