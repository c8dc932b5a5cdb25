// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// ErrAnswer marks a document of a supplier that must not be used.
var ErrAnswer = errors.New("answer refused")

const (
	maxVerdict = 8192
	maxMissing = 1_000_000
	maxEndings = 50
)

// Verdict is all that a company tells of a part without a further contract: how
// it stands to one entry of one release on one day. It holds no content, no
// material, and no name but that of the part.
type Verdict struct {
	Part       string
	Version    string // of the composition that was looked at
	List       string // release
	Entry      string
	Level      Kind // where it was judged; Whole: not at the level of the entry
	Date       Date
	State      State
	Exempt     bool     // all that is above the limit is exempt on that day
	Exemptions []Ending // that were claimed, ordered by code
	Coverage   int      // % of the mass of the part that the verdict is known for
	Missing    int      // how many answers are missing, in all tiers; never whose
}

// Ending is an exemption and the last day it can be used.
type Ending struct {
	Code string
	To   Date
}

// Compliance says whether a restricted substance keeps the part off the market.
// It is meant for entries whose effect is a Restriction.
type Compliance string

// The three answers.
const (
	Compliant     Compliance = "compliant"
	NotCompliant  Compliance = "not compliant"
	NotYetDecided Compliance = "unknown"
)

// Compliance follows from the verdict: something above that is not exempt decides
// alone; otherwise nothing may be missing.
func (v Verdict) Compliance() Compliance {
	switch {
	case v.State == Above && !v.Exempt:
		return NotCompliant
	case v.Missing > 0:
		return NotYetDecided
	default:
		return Compliant
	}
}

// Breaks is the last day on which the part is still exempt, false where it does not
// depend on an exemption.
func (v Verdict) Breaks() (last Date, depends bool) {
	if !v.Exempt {
		return Date{}, false
	}
	for _, ending := range v.Exemptions {
		if last.IsZero() || ending.To.Before(last) {
			last = ending.To
		}
	}
	return last, true
}

// Encode writes the document that goes over the wire. What DecodeVerdict refuses
// is not sent (ErrAnswer).
func (v Verdict) Encode() ([]byte, error) {
	type ending struct {
		Code string `json:"code"`
		To   Date   `json:"to"`
	}
	endings := make([]ending, len(v.Exemptions))
	for i, e := range v.Exemptions {
		endings[i] = ending(e)
	}
	document, err := json.Marshal(struct {
		Part       string   `json:"part"`
		Version    string   `json:"version"`
		List       string   `json:"list"`
		Entry      string   `json:"entry"`
		Level      Kind     `json:"level"`
		Date       Date     `json:"date"`
		Verdict    State    `json:"verdict"`
		Exempt     bool     `json:"exempt"`
		Exemptions []ending `json:"exemptions"`
		Coverage   int      `json:"coverage"`
		Missing    int      `json:"missing"`
	}{v.Part, v.Version, v.List, v.Entry, v.Level, v.Date, v.State, v.Exempt, endings, v.Coverage, v.Missing})
	if err != nil {
		return nil, err
	}
	if _, err := DecodeVerdict(document); err != nil {
		return nil, err
	}
	return document, nil
}

// DecodeVerdict reads a supplier's document, which nothing vouches for: all keys
// and no other, at most 8 KiB, and no contradiction in it (ErrAnswer). Whether it
// answers what was asked is for Evaluate to see.
func DecodeVerdict(raw []byte) (Verdict, error) {
	var v Verdict
	raw, err := strict.Document(raw, maxVerdict)
	if err == nil {
		err = strict.Object(raw, map[string]strict.Reader{
			"part":       strict.Parsed(&v.Part, parseID),
			"version":    strict.Parsed(&v.Version, parseID),
			"list":       strict.Parsed(&v.List, parseRelease),
			"entry":      strict.Parsed(&v.Entry, parseID),
			"level":      strict.Parsed(&v.Level, oneOf(Material, Article, Product, Whole)),
			"date":       strict.Parsed(&v.Date, ParseDate),
			"verdict":    strict.Parsed(&v.State, oneOf(NotListed, Absent, Below, Unknown, Above)),
			"exempt":     strict.Flag(&v.Exempt),
			"exemptions": strict.List(&v.Exemptions, maxEndings, readEnding),
			"coverage":   number(&v.Coverage, 0, 100),
			"missing":    number(&v.Missing, 0, maxMissing),
		}, nil)
	}
	if err == nil {
		err = v.check()
	}
	if err != nil {
		return Verdict{}, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return v, nil
}

func (v Verdict) check() error {
	switch {
	case v.State == Unknown && v.Missing == 0:
		return errors.New("the verdict is unknown, but nothing is counted as missing")
	case v.State != Unknown && v.State != Above && v.Missing > 0:
		return fmt.Errorf("answers are missing, so the verdict cannot be %s", v.State)
	case (v.Missing == 0) != (v.Coverage == 100):
		return errors.New("a coverage of 100 and nothing missing go together")
	case v.Exempt && (v.State != Above || len(v.Exemptions) == 0):
		return errors.New("exempt is what is above a limit and has an exemption")
	case len(v.Exemptions) > 0 && v.State != Above:
		return errors.New("exemptions: nothing is above the limit")
	}
	for i, ending := range v.Exemptions {
		switch {
		case i > 0 && v.Exemptions[i-1].Code >= ending.Code:
			return errors.New("exemptions stand in the order of their codes, each once")
		case v.Exempt && ending.To.Before(v.Date):
			return fmt.Errorf("exempt: %s ended on %s", ending.Code, ending.To)
		}
	}
	return nil
}

func readEnding(raw []byte, e *Ending) error {
	return strict.Object(raw, map[string]strict.Reader{
		"code": strict.Parsed(&e.Code, parseCode),
		"to":   strict.Parsed(&e.To, ParseDate),
	}, nil)
}
