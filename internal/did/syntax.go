// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package did

import (
	"fmt"
	"strings"
)

// maxDID is the longest DID that is read, in bytes. A host name has 253 at
// most.
const maxDID = 1024

// checkSyntax demands a DID without path, query or fragment (DID Core section
// 3.1): did:method:id.
func checkSyntax(did string) error {
	if len(did) > maxDID {
		return fmt.Errorf("%w: longer than %d bytes", ErrSyntax, maxDID)
	}
	rest, ok := strings.CutPrefix(did, "did:")
	name, id, found := strings.Cut(rest, ":")
	if !ok || !found || name == "" || id == "" || strings.HasSuffix(id, ":") {
		return ErrSyntax
	}
	for _, c := range []byte(name) {
		if !isLower(c) && !isDigit(c) {
			return fmt.Errorf("%w: its method is not in lower case", ErrSyntax)
		}
	}
	for _, c := range []byte(id) {
		if !isIDChar(c) && c != ':' && c != '%' {
			return fmt.Errorf("%w: character %q", ErrSyntax, rune(c))
		}
	}
	return nil
}

// methodOf returns the DID method of a DID.
func methodOf(did string) (string, error) {
	if err := checkSyntax(did); err != nil {
		return "", err
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(did, "did:"), ":")
	return name, nil
}

// isIDChar is idchar of DID Core section 3.1 without percent-encoding.
func isIDChar(c byte) bool {
	return isLower(c) || isUpper(c) || isDigit(c) || c == '.' || c == '-' || c == '_'
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
