// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

// Scope names credentials that may be asked for: alias:discriminator, or
// alias:discriminator:operation as deployed implementations write it.
type Scope struct {
	Alias         string // TypeAlias, IDAlias or one of the field's older ones
	Discriminator string // a credential type or id
	Operation     string // read, all, * or none
}

// The aliases of DCP 1.0, section 5.1.
const (
	TypeAlias = "org.eclipse.dspace.dcp.vc.type"
	IDAlias   = "org.eclipse.dspace.dcp.vc.id"
)

// TypeScope asks to read credentials of a type.
func TypeScope(credentialType string) Scope {
	return Scope{Alias: TypeAlias, Discriminator: credentialType, Operation: "read"}
}

// ParseScope reads one scope.
func ParseScope(s string) (Scope, error) { panic("to be written") }

// String is the scope as it is sent.
func (s Scope) String() string { panic("to be written") }

// Covers reports whether a grant of s allows what is asked.
func (s Scope) Covers(asked Scope) bool { panic("to be written") }
