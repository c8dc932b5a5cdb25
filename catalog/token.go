// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// maxToken bounds a continuation token, in characters.
const maxToken = 16 << 10

// place is what a continuation token says: go on from here. It holds nothing
// that its bearer has not been shown, and visibility is judged anew for each
// page, so it is checked and not signed: a forged one shows nothing more.
type place struct {
	Filter   string `json:"f"` // hash of the filter it was made for
	Key      string `json:"k,omitempty"`
	ID       string `json:"i"`
	Backward bool   `json:"b,omitempty"`
}

func (p place) token() string {
	text, err := json.Marshal(p)
	if err != nil {
		return "" // strings and a bool: it cannot fail
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// readToken reads a token that was made for this filter.
func readToken(token string, f Filter) (place, *Refusal) {
	const again = "; ask for the first page again"
	var p place
	if len(token) > maxToken {
		return place{}, refuse(CodeToken, "the continuation token is too long"+again)
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || json.Unmarshal(text, &p) != nil || checkID(p.ID) != nil || !storable(p.Key) || p.token() != token {
		return place{}, refuse(CodeToken, "the continuation token is not one of this catalogue"+again)
	}
	if p.Filter != f.hash() {
		return place{}, refuse(CodeToken, "the continuation token belongs to another filter; send the same filter with every page")
	}
	return p, nil
}

func storable(text string) bool {
	return len(text) <= maxTerm && utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

// hash tells filters apart.
func (f Filter) hash() string {
	text, err := json.Marshal(f)
	if err != nil {
		return "" // strings and a bool: it cannot fail
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
