// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Scope names credentials that may be asked for: alias:discriminator, or
// alias:discriminator:operation as deployed implementations write it.
type Scope struct {
	Alias         string // TypeAlias, IDAlias or one of the field's older ones
	Discriminator string // a credential type or id
	Operation     string // read, write, all, * or none
}

// The aliases of DCP 1.0, section 5.1.
const (
	TypeAlias = "org.eclipse.dspace.dcp.vc.type"
	IDAlias   = "org.eclipse.dspace.dcp.vc.id"
)

// typeAliases mean TypeAlias; the others are what older implementations write.
var typeAliases = []string{TypeAlias, "org.eclipse.edc.vc.type", "org.eclipse.tractusx.vc.type"}

// operations are what a last segment must be to be one: a discriminator may
// hold colons itself, as urn:uuid:... does.
var operations = []string{"read", "write", "all", "*"}

// maxScope bounds one scope, in bytes.
const maxScope = 1024

// ErrScope marks a text that is no scope.
var ErrScope = errors.New("not a scope")

// TypeScope asks to read credentials of a type.
func TypeScope(credentialType string) Scope {
	return Scope{Alias: TypeAlias, Discriminator: credentialType, Operation: "read"}
}

// ParseScope reads one scope. Errors wrap ErrScope.
func ParseScope(s string) (Scope, error) {
	if len(s) > maxScope {
		return Scope{}, fmt.Errorf("%w: it has more than %d bytes", ErrScope, maxScope)
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return Scope{}, fmt.Errorf("%w: it holds what is not printable ASCII", ErrScope)
		}
	}
	alias, rest, found := strings.Cut(s, ":")
	scope := Scope{Alias: alias, Discriminator: rest}
	if last := strings.LastIndexByte(rest, ':'); last >= 0 && slices.Contains(operations, rest[last+1:]) {
		scope.Discriminator, scope.Operation = rest[:last], rest[last+1:]
	}
	if !found || scope.Alias == "" || scope.Discriminator == "" {
		return Scope{}, fmt.Errorf("%w: it is not alias:discriminator", ErrScope)
	}
	return scope, nil
}

// String is the scope as it is sent.
func (s Scope) String() string {
	if s.Operation == "" {
		return s.Alias + ":" + s.Discriminator
	}
	return s.Alias + ":" + s.Discriminator + ":" + s.Operation
}

// CredentialType returns the type that a scope asks for, by any of the aliases
// for types. Deployed implementations write context#Type as well.
func (s Scope) CredentialType() (string, bool) {
	if !slices.Contains(typeAliases, s.Alias) {
		return "", false
	}
	return s.Discriminator[strings.LastIndexByte(s.Discriminator, '#')+1:], true
}

// Reads reports whether the scope's operation includes reading. None means to
// read: the specification knows no other.
func (s Scope) Reads() bool { return s.Operation != "write" }

// Covers reports whether a grant of s allows what is asked. Types are compared
// exactly.
func (s Scope) Covers(asked Scope) bool {
	if !s.Reads() || !asked.Reads() {
		return s == asked
	}
	granted, ok := s.CredentialType()
	if !ok {
		return s.Alias == asked.Alias && s.Discriminator == asked.Discriminator
	}
	wanted, ok := asked.CredentialType()
	return ok && wanted == granted
}

// ParseScopes reads scopes that stand in one text, between spaces.
func ParseScopes(s string) ([]Scope, error) {
	list := []Scope{}
	for part := range strings.FieldsSeq(s) {
		scope, err := ParseScope(part)
		if err != nil {
			return nil, err
		}
		list = append(list, scope)
	}
	return list, nil
}

// FormatScopes writes scopes into one text, between spaces.
func FormatScopes(list []Scope) string {
	texts := make([]string, len(list))
	for i, s := range list {
		texts[i] = s.String()
	}
	return strings.Join(texts, " ")
}
