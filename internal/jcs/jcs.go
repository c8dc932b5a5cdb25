// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jcs

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/gowebpki/jcs"
)

const (
	// MaxSize is the largest text that Transform reads, in bytes.
	MaxSize = 16 << 20
	// MaxDepth is the deepest nesting of arrays and objects that Transform
	// reads. A scalar has depth 0, [] has depth 1.
	MaxDepth = 64
)

var (
	// ErrInvalid marks a text that has no canonical form (RFC 8785 section
	// 3.1 demands I-JSON): not JSON, not UTF-8, a member name used twice in
	// one object, or a number that no double holds.
	ErrInvalid = errors.New("jcs: no canonical form")
	// ErrTooLarge marks a text of more than MaxSize bytes.
	ErrTooLarge = errors.New("jcs: text too large")
	// ErrTooDeep marks a text nested deeper than MaxDepth.
	ErrTooDeep = errors.New("jcs: nested too deep")
)

// Transform returns the canonical form of a JSON text (RFC 8785). The input is
// not modified. Errors wrap ErrInvalid, ErrTooLarge or ErrTooDeep.
func Transform(in []byte) ([]byte, error) {
	if len(in) > MaxSize {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(in), MaxSize)
	}
	if tooDeep(in) {
		return nil, fmt.Errorf("%w: at most %d levels", ErrTooDeep, MaxDepth)
	}
	out, err := jcs.Transform(in)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return out, nil
}

// Hash returns the SHA-256 of the canonical form in lower-case hexadecimal, 64
// characters. Errors are those of Transform.
func Hash(in []byte) (string, error) {
	canonical, err := Transform(in)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:]), nil
}

// tooDeep looks for more than MaxDepth open brackets before anything recurses
// over the text. On a text that is not JSON its answer does not matter: the
// parser refuses that text anyway.
func tooDeep(in []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(in); i++ {
		switch c := in[i]; {
		case inString && c == '\\':
			i++ // the escaped character cannot end the string
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
