// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package jose

import (
	"crypto"
	"fmt"
	"slices"
	"sync/atomic"
)

// The algorithms that are spoken (RFC 7518 section 3.1, RFC 8037 section 3.1).
const (
	ES256 = "ES256"
	ES384 = "ES384"
	EdDSA = "EdDSA" // with Ed25519
	PS256 = "PS256"
	RS256 = "RS256"
)

// Algorithm is what is known of one way to sign. All code beside the rows of
// the table treats algorithms alike, so that a new one is a new row.
type Algorithm struct {
	// Name is the header's alg.
	Name string
	// Aliases are further names that a token may carry. Sign never writes
	// them.
	Aliases []string
	// MaxSignature is the length of the longest signature, in bytes.
	MaxSignature int
	// Fits reports whether a public key belongs to the algorithm. An error,
	// which wraps ErrWeakKey or ErrUnknownKey, says that the key is of the
	// right kind and nevertheless unusable.
	Fits func(key crypto.PublicKey) (bool, error)
	// Sign signs the input with a key whose public half fits.
	Sign func(input []byte, key crypto.Signer) ([]byte, error)
	// Verify returns nil only for a right signature. The key fits.
	Verify func(input, signature []byte, key crypto.PublicKey) error
	// Form is how its keys are written as JSON Web Keys; nil where another
	// algorithm of the table says it, or where they are not.
	Form *KeyForm
}

// table is the algorithms in use, the preferred one of a key first. It is
// replaced as a whole, never changed.
type table struct {
	rows   []Algorithm
	longer int // base64url characters of the longest signature
}

var current = start(standard())

func start(rows []Algorithm) *atomic.Pointer[table] {
	var p atomic.Pointer[table]
	p.Store(newTable(rows))
	return &p
}

func newTable(rows []Algorithm) *table {
	t := &table{rows: rows}
	for _, a := range rows {
		t.longer = max(t.longer, encoding.EncodedLen(a.MaxSignature))
	}
	return t
}

// Register adds an algorithm for the whole process, such as one of RFC 9964
// (ML-DSA) that an operator has switched on. It is called before the first
// token is read; none is registered by default. The function it returns takes
// the algorithm out again. Errors wrap ErrAlgorithm: a name that is taken, none
// or unsigned, or a row that is not complete.
func Register(a Algorithm) (remove func(), err error) {
	if a.Fits == nil || a.Sign == nil || a.Verify == nil || a.MaxSignature <= 0 {
		return nil, fmt.Errorf("%w: the row of %q is not complete", ErrAlgorithm, a.Name)
	}
	for {
		before := current.Load()
		for _, name := range append([]string{a.Name}, a.Aliases...) {
			if _, taken := before.find(name); taken || name == "" || unsigned(name) {
				return nil, fmt.Errorf("%w: the name %q cannot be given", ErrAlgorithm, name)
			}
		}
		if current.CompareAndSwap(before, newTable(append(slices.Clone(before.rows), a))) {
			return func() { unregister(a.Name) }, nil
		}
	}
}

func unregister(name string) {
	for {
		before := current.Load()
		rows := slices.DeleteFunc(slices.Clone(before.rows), func(a Algorithm) bool { return a.Name == name })
		if current.CompareAndSwap(before, newTable(rows)) {
			return
		}
	}
}

// unsigned tells the names under which no key pair signs (RFC 7518 section
// 3.1). No row may ever have one: that a public key is taken for a shared
// secret must not be possible (RFC 8725 section 2.1).
func unsigned(name string) bool {
	switch name {
	case "none", "HS256", "HS384", "HS512":
		return true
	}
	return false
}

func (t *table) find(name string) (Algorithm, bool) {
	for _, a := range t.rows {
		if a.Name == name || slices.Contains(a.Aliases, name) {
			return a, true
		}
	}
	return Algorithm{}, false
}

func (t *table) names() []string {
	out := make([]string, len(t.rows))
	for i, a := range t.rows {
		out[i] = a.Name
	}
	return out
}

// algorithmsOf returns the algorithms that belong to a public key, the
// preferred one first. A P-256 key signs by ES256 and nothing else. Anything
// that is not a public key of a known kind, such as a shared secret or a
// private key, is refused.
func algorithmsOf(key crypto.PublicKey) ([]Algorithm, error) {
	if key == nil {
		return nil, ErrUnknownKey
	}
	var own []Algorithm
	for _, a := range current.Load().rows {
		fits, err := a.Fits(key)
		if err != nil {
			return nil, err
		}
		if fits {
			own = append(own, a)
		}
	}
	if len(own) == 0 {
		return nil, fmt.Errorf("%w: %s is no public key that signs", ErrKeyAlgorithm, kind(key))
	}
	return own, nil
}

// match returns the algorithm of a name if it is one of the key's.
func match(name string, key crypto.PublicKey) (Algorithm, error) {
	own, err := algorithmsOf(key)
	if err != nil {
		return Algorithm{}, err
	}
	signs := table{rows: own}
	found, ok := signs.find(name)
	if !ok {
		return Algorithm{}, fmt.Errorf("%w: the key signs by %v", ErrKeyAlgorithm, signs.names())
	}
	return found, nil
}

// verifySignature checks with a key of the sender's, by an algorithm of the
// key's.
func (p parsed) verifySignature(key crypto.PublicKey) error {
	algorithm, err := match(p.header.Algorithm, key)
	if err != nil {
		return err
	}
	if len(p.signature) > algorithm.MaxSignature || algorithm.Verify(p.input, p.signature, key) != nil {
		return ErrSignature // the reason helps only a forger
	}
	return nil
}
