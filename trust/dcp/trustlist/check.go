// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trustlist

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// check says what is wrong with the form of a list, whoever signed it.
func (l List) check() error {
	switch {
	case !isDID(l.Authority):
		return fmt.Errorf("%w: its authority is no DID", ErrList)
	case l.Sequence < 1:
		return fmt.Errorf("%w: its sequence is not 1 or more", ErrList)
	case l.Issued.IsZero() || !l.ValidUntil.After(l.Issued):
		return fmt.Errorf("%w: it ends before it is issued", ErrList)
	}
	seen := make(map[string]bool, len(l.Issuers))
	for _, i := range l.Issuers {
		if err := checkIssuer(i); err != nil {
			return err
		}
		if seen[i.ID] {
			return fmt.Errorf("%w: it names %.200s twice", ErrList, i.ID)
		}
		seen[i.ID] = true
	}
	return nil
}

// checkIssuer says what is wrong with one entry.
func checkIssuer(i dcp.TrustedIssuer) error {
	switch {
	case !isDID(i.ID):
		return fmt.Errorf("%w: the issuer %.200q is no DID", ErrList, i.ID)
	case len(i.Types) == 0 || slices.Contains(i.Types, ""):
		return fmt.Errorf("%w: %.200s is there without types, or with an empty one", ErrList, i.ID)
	}
	switch i.Conformance {
	case "", trust.Strict, trust.Lenient:
		return nil
	}
	return fmt.Errorf("%w: %.200s has the unknown conformance %.20q", ErrList, i.ID, i.Conformance)
}

// isDID tells a DID from other text, roughly: whether it can be resolved shows
// when it is.
func isDID(s string) bool {
	method, rest, ok := strings.Cut(strings.TrimPrefix(s, "did:"), ":")
	return ok && strings.HasPrefix(s, "did:") && method != "" && rest != "" && !strings.ContainsAny(s, " #?/")
}

// trusts reports whether an entry covers a type.
func trusts(i dcp.TrustedIssuer, credentialType string) bool {
	return slices.Contains(i.Types, credentialType) || slices.Contains(i.Types, "*")
}

// over reports whether a list may not be used any more.
func (l List) over(now time.Time, grace time.Duration) bool {
	return !now.Before(l.ValidUntil.Add(max(grace, 0)))
}
