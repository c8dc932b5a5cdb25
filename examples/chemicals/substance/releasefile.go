// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"errors"
	"fmt"
	"regexp"
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
	raw, err := document(raw, maxFile)
	if err == nil {
		err = object(raw, map[string]reader{
			"id":      parsed(&r.ID, parseRelease),
			"title":   parsed(&r.Title, parseName),
			"basis":   r.Basis.read,
			"excerpt": flag(&r.Excerpt),
			"added":   list(&r.Added, maxEntries, readEntry),
		}, map[string]reader{
			"previous": parsed(&r.Previous, parseRelease),
			"changed":  list(&r.Changed, maxEntries, readEntry),
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
		return "", fmt.Errorf("%s is not the id of a release such as CL-2025-11-05", quote(text))
	}
	_, err := ParseDate(form[1])
	return text, err
}

func readEntry(raw []byte, e *Entry) error {
	err := object(raw, map[string]reader{
		"id":      parsed(&e.ID, parseID),
		"name":    parsed(&e.Name, parseName),
		"members": texts(&e.Members, maxMembers, ParseCAS),
		"level":   parsed(&e.Level, oneOf(Material, Article, Product)),
		"limits":  list(&e.Limits, maxSteps, readLimit),
		"effect":  parsed(&e.Effect, oneOf(Restriction, Disclosure)),
		"basis":   e.Basis.read,
	}, map[string]reader{
		"groups":     texts(&e.Groups, maxSteps, parseID),
		"open":       flag(&e.Open),
		"element":    parsed(&e.Element, parseElement),
		"exemptions": list(&e.Exemptions, maxEndings, readExemption),
		"duties":     list(&e.Duties, maxSteps, readDuty),
	})
	if err != nil {
		return fmt.Errorf("%s: %w", quote(e.ID), err)
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
	return object(raw, map[string]reader{
		"above": parsed(&l.Above, ParseShare),
		"from":  parsed(&l.From, ParseDate),
	}, nil)
}

func readExemption(raw []byte, x *Exemption) error {
	err := object(raw, map[string]reader{
		"code":    parsed(&x.Code, parseCode),
		"purpose": parsed(&x.Purpose, parseName),
		"from":    parsed(&x.From, ParseDate),
		"to":      parsed(&x.To, ParseDate),
	}, map[string]reader{
		"max": parsed(&x.Max, ParseShare),
	})
	if err == nil && x.To.Before(x.From) {
		err = errors.New("to: it ends before it begins")
	}
	return err
}

func readDuty(raw []byte, d *Duty) error {
	return object(raw, map[string]reader{
		"code":   parsed(&d.Code, parseName),
		"text":   parsed(&d.Text, parseNote),
		"months": number(&d.Months, 0, 1200),
	}, map[string]reader{
		"condition": parsed(&d.Condition, parseNote),
	})
}

// parseCode accepts the code of an exemption: 6(c), 7(c)-I.
func parseCode(text string) (string, error) { return identifier(text, lower+upper+"()._") }

func (b *Basis) read(raw []byte) error {
	return object(raw, map[string]reader{
		"kind": parsed(&b.Kind, oneOf("source", "general", "fictional")),
		"text": parsed(&b.Text, parseNote),
	}, nil)
}
