// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

const (
	maxEntries = 5000
	maxMembers = 500
	maxSteps   = 50
)

var releaseForm = regexp.MustCompile(`^[A-Z][A-Z0-9]{0,11}-([0-9-]{10})$`)

// DecodeRelease reads a release as its file holds it and as it is sent. What can be
// checked without other releases is checked (ErrRelease).
func DecodeRelease(raw []byte) (Release, error) {
	var r Release
	raw, err := strict.Document(raw, maxFile)
	if err == nil {
		err = strict.Object(raw, map[string]strict.Reader{
			"id":      strict.Parsed(&r.ID, parseRelease),
			"title":   strict.Parsed(&r.Title, parseName),
			"basis":   r.Basis.read,
			"excerpt": strict.Flag(&r.Excerpt),
			"added":   strict.List(&r.Added, maxEntries, readEntry),
		}, map[string]strict.Reader{
			"previous": strict.Parsed(&r.Previous, parseRelease),
			"changed":  strict.List(&r.Changed, maxEntries, readEntry),
			"removed":  texts(&r.Removed, maxEntries, parseID),
		})
	}
	if err == nil && r.Previous != "" && Family(r.Previous) != Family(r.ID) {
		err = fmt.Errorf("previous: %s is of another list", r.Previous)
	}
	if err != nil {
		return Release{}, fmt.Errorf("%w: %w", ErrRelease, err)
	}
	r.Date = MustDate(r.ID[len(r.ID)-10:]) // parseRelease has read it
	return r, nil
}

// parseRelease accepts an id: the list, a hyphen, the date of the release.
func parseRelease(text string) (string, error) {
	form := releaseForm.FindStringSubmatch(text)
	if form == nil {
		return "", fmt.Errorf("%s is not the id of a release such as CL-2025-11-05", strict.Quote(text))
	}
	_, err := ParseDate(form[1])
	return text, err
}

func readEntry(raw []byte, e *Entry) error {
	err := strict.Object(raw, map[string]strict.Reader{
		"id":      strict.Parsed(&e.ID, parseID),
		"name":    strict.Parsed(&e.Name, parseName),
		"members": texts(&e.Members, maxMembers, ParseCAS),
		"level":   strict.Parsed(&e.Level, oneOf(Material, Article, Product)),
		"limits":  strict.List(&e.Limits, maxSteps, readLimit),
		"effect":  strict.Parsed(&e.Effect, oneOf(Restriction, Disclosure)),
		"basis":   e.Basis.read,
	}, map[string]strict.Reader{
		"groups":     texts(&e.Groups, maxSteps, parseID),
		"open":       strict.Flag(&e.Open),
		"element":    strict.Parsed(&e.Element, parseElement),
		"exemptions": strict.List(&e.Exemptions, maxEndings, readExemption),
		"duties":     strict.List(&e.Duties, maxSteps, readDuty),
	})
	if err != nil {
		return fmt.Errorf("%s: %w", strict.Quote(e.ID), err)
	}
	return e.check()
}

func (e Entry) check() error {
	switch {
	case len(e.Members) == 0 && len(e.Groups) == 0:
		return fmt.Errorf("%s: an entry has members or groups", e.ID)
	case len(e.Limits) == 0:
		return fmt.Errorf("%s: an entry has at least one limit", e.ID)
	case len(e.Exemptions) > 0 && e.Level != Material:
		return fmt.Errorf("%s: exemptions are for an application of a material", e.ID)
	}
	for i := 1; i < len(e.Limits); i++ {
		if !e.Limits[i-1].From.Before(e.Limits[i].From) {
			return fmt.Errorf("%s: limits stand in the order of their dates", e.ID)
		}
	}
	return nil
}

func readLimit(raw []byte, l *Limit) error {
	return strict.Object(raw, map[string]strict.Reader{
		"above": strict.Parsed(&l.Above, ParseShare),
		"from":  strict.Parsed(&l.From, ParseDate),
	}, nil)
}

func readExemption(raw []byte, x *Exemption) error {
	err := strict.Object(raw, map[string]strict.Reader{
		"code":    strict.Parsed(&x.Code, parseCode),
		"purpose": strict.Parsed(&x.Purpose, parseName),
		"from":    strict.Parsed(&x.From, ParseDate),
		"to":      strict.Parsed(&x.To, ParseDate),
	}, map[string]strict.Reader{
		"max": strict.Parsed(&x.Max, ParseShare),
	})
	if err == nil && x.To.Before(x.From) {
		err = errors.New("to: it ends before it begins")
	}
	return err
}

func readDuty(raw []byte, d *Duty) error {
	return strict.Object(raw, map[string]strict.Reader{
		"code":   strict.Parsed(&d.Code, parseName),
		"text":   strict.Parsed(&d.Text, parseNote),
		"months": number(&d.Months, 0, 1200),
	}, map[string]strict.Reader{
		"condition": strict.Parsed(&d.Condition, parseNote),
	})
}

// parseCode accepts the code of an exemption: 6(c), 7(c)-I.
func parseCode(text string) (string, error) { return identifier(text, lower+upper+"()._") }

func (b *Basis) read(raw []byte) error {
	return strict.Object(raw, map[string]strict.Reader{
		"kind": strict.Parsed(&b.Kind, oneOf("source", "general", "fictional")),
		"text": strict.Parsed(&b.Text, parseNote),
	}, nil)
}
