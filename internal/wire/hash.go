// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"unicode/utf8"

	"github.com/musubi-ods/musubi/internal/jcs"
)

// bodyHash is Decoded.Hash. Of a message without numbers, and nearly all are,
// the canonical text of this package is that of RFC 8785 already, at a fifth
// of the cost.
func bodyHash(doc *value) (string, *Error) {
	rest := value{kind: objectKind, kids: without(doc.kids, "@id")}
	canonical := []byte(rest.canonical())
	if rest.needsJCS() {
		var err error
		if canonical, err = jcs.Transform(canonical); err != nil {
			return "", &Error{Code: CodeMalformedJSON, Reason: "the message has no canonical form (RFC 8785), such as for a number beyond double precision", Err: err}
		}
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:]), nil
}

// needsJCS reports whether RFC 8785 may spell a value differently than
// canonical does: it rounds numbers to doubles, and sorts names by UTF-16.
func (v *value) needsJCS() bool {
	if v.kind == numberKind {
		return true
	}
	for i := range v.kids {
		if v.kids[i].needsJCS() || !isASCII(v.kids[i].name) {
			return true
		}
	}
	return false
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
