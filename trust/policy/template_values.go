// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/caltime"
	"github.com/musubi-ods/musubi/trust"
)

// parameters are the values that a template is filled in with. The first that
// cannot be used is kept in err.
type parameters struct {
	template Template
	values   map[string][]string
	err      error
}

func (p *parameters) fail(name string, err error) {
	if p.err == nil {
		p.err = fmt.Errorf("%w %s: %s: %w", ErrTemplate, p.template.Name, name, err)
	}
}

func (p *parameters) given(name string) bool { return len(p.values[name]) > 0 }

// text is the value of a parameter that is there.
func (p *parameters) text(name string) string {
	if !p.given(name) {
		return ""
	}
	return p.values[name][0]
}

// companies asks for one of these: 法人番号 of 13 digits, or identifiers with
// their scheme.
func (p *parameters) companies(name string) Constraint {
	list := make([]trust.Identifier, len(p.values[name]))
	numbers := make([]string, 0, len(list))
	for i, text := range p.values[name] {
		var err error
		if strings.Contains(text, ":") {
			list[i], err = trust.ParseIdentifierText(text, false)
		} else {
			list[i], err = trust.ParseIdentifier(trust.CorporateNumber, text, false)
		}
		if err == nil && !list[i].Known() {
			err = fmt.Errorf("the scheme of %.80q is not known here", text)
		}
		if err != nil {
			p.fail(name, err)
		}
		if list[i].Scheme == trust.CorporateNumber {
			numbers = append(numbers, list[i].Value)
		}
	}
	if len(numbers) == len(list) {
		return CorporateNumber(numbers...)
	}
	return Company(list...)
}

// purposeNames are the purposes that may be named by their last word.
var purposeNames = []string{
	PurposeCFPAggregation, PurposeEUBatteryArticle7, PurposeRegulatoryCompliance, PurposeSCIPNotification, PurposePriceNegotiation, PurposeProductImitation,
}

const purposePrefix = Profile + "purpose/"

// purposes asks the consumer to declare one of these: an IRI, or the last word
// of one of our profile.
func (p *parameters) purposes(name string) Constraint {
	list := make([]string, len(p.values[name]))
	for i, text := range p.values[name] {
		list[i] = expandPrefix(text)
		if strings.Contains(text, ":") {
			continue
		}
		if list[i] = purposePrefix + text; !slices.Contains(purposeNames, list[i]) {
			known := make([]string, len(purposeNames))
			for i, iri := range purposeNames {
				known[i] = strings.TrimPrefix(iri, purposePrefix)
			}
			p.fail(name, fmt.Errorf("%.80q is no IRI and none of: %s", text, strings.Join(known, ", ")))
		}
	}
	return ForPurpose(list...)
}

// keepFor ends the use a duration after the agreement.
func (p *parameters) keepFor(name string) Constraint {
	text := p.text(name)
	if d, err := caltime.ParseDuration(text); err != nil {
		p.fail(name, err)
	} else if d.Negative() {
		p.fail(name, fmt.Errorf("%.40q is negative", text))
	}
	return AtMost(text)
}

// until ends the use with a day, or at a moment.
func (p *parameters) until(name string) Constraint {
	m, err := caltime.ParseMoment(p.text(name), time.UTC)
	if err != nil {
		p.fail(name, err)
		return nil
	}
	if end := m.Ends(); end.Sub(m.Begins()) > time.Nanosecond { // a day
		return Until(end)
	}
	return Until(m.Begins())
}

// iri is a name that a consumer can declare.
func (p *parameters) iri(name string) string {
	text := p.text(name)
	if scheme, rest, ok := strings.Cut(text, ":"); !ok || scheme == "" || rest == "" {
		p.fail(name, fmt.Errorf("%.80q is no IRI, such as urn:uuid:...", text))
	}
	return text
}
