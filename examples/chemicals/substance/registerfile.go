// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

const (
	maxFile       = 8 << 20
	maxSubstances = 20_000
	maxReleases   = 500
)

// LoadRegister reads substances.json and the releases in lists/*.json of a
// directory; examples/chemicals/README.md describes them. Errors name the file.
func LoadRegister(directory fs.FS) (*Register, error) {
	register, err := loadSubstances(directory)
	if err != nil {
		return nil, fmt.Errorf("substances.json: %w", err)
	}
	files, err := fs.Glob(directory, "lists/*.json")
	if err != nil {
		return nil, err
	}
	if len(files) == 0 || len(files) > maxReleases {
		return nil, fmt.Errorf("%d files lists/*.json, expected are 1 to %d, one per release", len(files), maxReleases)
	}
	var releases []Release
	for _, file := range files {
		raw, err := readFile(directory, file)
		if err == nil {
			var release Release
			release, err = DecodeRelease(raw)
			releases = append(releases, release)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(file), err)
		}
	}
	slices.SortStableFunc(releases, func(a, b Release) int { return strings.Compare(a.Date.String(), b.Date.String()) })
	for _, release := range releases {
		if register, err = register.With(release); err != nil {
			return nil, fmt.Errorf("%s: %w", release.ID, err)
		}
	}
	return register, nil
}

func loadSubstances(directory fs.FS) (*Register, error) {
	raw, err := readFile(directory, "substances.json")
	if err == nil {
		raw, err = strict.Document(raw, maxFile)
	}
	if err != nil {
		return nil, err
	}
	var masses []atomicMass
	var substances []Substance
	var basis Basis
	err = strict.Object(raw, map[string]strict.Reader{
		"basis":        basis.read,
		"atomicMasses": strict.List(&masses, maxElements, readAtomicMass),
		"substances":   strict.List(&substances, maxSubstances, readSubstance),
	}, nil)
	if err != nil {
		return nil, err
	}
	return newRegister(masses, substances)
}

func newRegister(masses []atomicMass, substances []Substance) (*Register, error) {
	r := &Register{
		atoms: make(map[string]Decimal), substances: make(map[CAS]Substance), names: make(map[string]CAS),
		releases: make(map[string]Release), states: make(map[string]map[string]Entry),
	}
	for _, m := range masses {
		r.atoms[m.element] = m.mass
	}
	for _, s := range substances {
		if err := r.add(s); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// readFile reads one byte more than a file may have, so that its decoder sees that
// it is too long.
func readFile(directory fs.FS, name string) ([]byte, error) {
	file, err := directory.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read
	return io.ReadAll(io.LimitReader(file, maxFile+1))
}

type atomicMass struct {
	element string
	mass    Decimal
}

const maxElements = 118

func readAtomicMass(raw []byte, m *atomicMass) error {
	err := strict.Object(raw, map[string]strict.Reader{
		"element": strict.Parsed(&m.element, parseElement),
		"mass":    strict.Parsed(&m.mass, ParseDecimal),
	}, nil)
	if err == nil && m.mass.IsZero() {
		err = fmt.Errorf("mass: that of %s must be more than zero", m.element)
	}
	return err
}

func parseElement(text string) (string, error) {
	if len(text) == 0 || len(text) > 2 || !strings.Contains(upper, text[:1]) || strings.Trim(text[1:], lower[:26]) != "" {
		return "", fmt.Errorf("%s is not the symbol of an element", strict.Quote(text))
	}
	return text, nil
}

func readSubstance(raw []byte, s *Substance) error {
	var atoms []struct {
		element string
		count   int
	}
	err := strict.Object(raw, map[string]strict.Reader{
		"cas":   strict.Parsed(&s.CAS, ParseCAS),
		"names": texts(&s.Names, 20, parseName),
	}, map[string]strict.Reader{
		"ec":     strict.Parsed(&s.EC, ParseEC),
		"groups": texts(&s.Groups, 20, parseID),
		"formula": strict.List(&atoms, maxElements, func(raw []byte, a *struct {
			element string
			count   int
		},
		) error {
			return strict.Object(raw, map[string]strict.Reader{
				"element": strict.Parsed(&a.element, parseElement), "atoms": number(&a.count, 1, 1000),
			}, nil)
		}),
	})
	if err == nil && len(s.Names) == 0 {
		err = errors.New("names: at least one is expected")
	}
	if len(atoms) > 0 {
		s.Formula = make(map[string]int)
	}
	for _, a := range atoms {
		s.Formula[a.element] += a.count
	}
	return err
}
