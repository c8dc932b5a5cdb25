// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// ErrName marks a name that belongs to another CAS number than the one beside it.
var ErrName = errors.New("name and CAS number do not belong together")

// Substance is what the register knows of one chemical substance.
type Substance struct {
	CAS    CAS
	EC     EC       // optional
	Names  []string // the first is printed
	Groups []string // groups it belongs to, such as BFR
	// Formula counts the atoms of each element; empty where it is not fixed
	// (solid solutions, polymers) or of no interest to any list.
	Formula map[string]int
}

// Register is what is looked up: substances with their names, and the releases of
// the lists. It is immutable; With gives one that knows a release more.
type Register struct {
	atoms      map[string]Decimal // relative atomic mass of each element
	substances map[CAS]Substance
	names      map[string]CAS // by plain name
	releases   map[string]Release
	states     map[string]map[string]Entry // release → entry id → entry in force
}

// Substance returns what is known of a CAS number.
func (r *Register) Substance(cas CAS) (Substance, bool) {
	s, ok := r.substances[cas]
	return s, ok
}

// CheckName catches what no check digit can: a right number of another substance.
// A name that the register does not know passes; one that it knows under another
// number is ErrName.
func (r *Register) CheckName(name string, cas CAS) error {
	if right, known := r.names[plain(name)]; known && right != cas {
		return fmt.Errorf("%w: %s is %s, not %s", ErrName, strict.Quote(name), right, cas)
	}
	return nil
}

// plain leaves of a name what does not vary: letters in one case, and digits.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// Factor is the share of an element in a compound by mass: atomic mass × atoms ÷
// molecular mass, exactly. For PbO and Pb it is 0.92832.... It is false where the
// formula is not fixed, so that the share could be anything.
func (r *Register) Factor(cas CAS, element string) (Decimal, bool) {
	formula := r.substances[cas].Formula
	if len(formula) == 0 {
		return Decimal{}, false
	}
	var molecule Decimal
	for symbol, atoms := range formula {
		molecule = molecule.Add(r.atoms[symbol].Mul(whole(atoms)))
	}
	return r.atoms[element].Mul(whole(formula[element])).Quo(molecule), true
}

// inGroup reports whether the substance belongs to a group.
func (r *Register) inGroup(cas CAS, group string) bool {
	return slices.Contains(r.substances[cas].Groups, group)
}

// knownGroup reports whether any substance belongs to the group.
func (r *Register) knownGroup(group string) bool {
	for _, s := range r.substances {
		if slices.Contains(s.Groups, group) {
			return true
		}
	}
	return false
}

func (r *Register) add(s Substance) error {
	if _, twice := r.substances[s.CAS]; twice {
		return fmt.Errorf("%s stands there twice", s.CAS)
	}
	for symbol := range s.Formula {
		if r.atoms[symbol].IsZero() {
			return fmt.Errorf("%s: there is no atomic mass for %s", s.CAS, strict.Quote(symbol))
		}
	}
	for _, name := range s.Names {
		if other, taken := r.names[plain(name)]; taken && other != s.CAS {
			return fmt.Errorf("%w: %s is given to %s and to %s", ErrName, strict.Quote(name), other, s.CAS)
		}
		r.names[plain(name)] = s.CAS
	}
	r.substances[s.CAS] = s
	return nil
}
