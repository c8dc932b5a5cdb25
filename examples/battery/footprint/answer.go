// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package footprint

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// ErrAnswer marks a supplier's answer that must not be used.
var ErrAnswer = errors.New("answer refused")

const (
	maxAnswer  = 4096
	maxMissing = 1_000_000
)

// Status says how far a total can be trusted.
type Status string

// The three statuses, decided by the numbers alone.
const (
	StatusComplete Status = "complete" // everything is in the total
	StatusPartial  Status = "partial"  // something is missing: the total is a lower bound
	StatusWithheld Status = "withheld" // no number at all, refused or unknown; never 0
)

func statusOf(missing int, totals ...Value) Status {
	if missing == 0 {
		return StatusComplete
	}
	for _, total := range totals {
		if _, ok := total.Get(); ok {
			return StatusPartial
		}
	}
	return StatusWithheld
}

// Answer is all that a supplier gives downstream, and all that leaves a company:
// no bill of materials, no amount, no split between its own and its suppliers'
// emissions, and nobody's name.
type Answer struct {
	Part    string
	Unit    Unit  // the totals are kgCO2e per this unit
	Pre     Value // total of the stage; null when withheld
	Main    Value
	Missing int // how many numbers the totals lack, in all tiers behind them
}

// Status follows from the totals and the count.
func (a Answer) Status() Status { return statusOf(a.Missing, a.Pre, a.Main) }

// Encode writes the document that goes over the wire. It fails where the peer
// would: what DecodeAnswer refuses is not sent (ErrAnswer).
func (a Answer) Encode() ([]byte, error) {
	document, err := json.Marshal(struct {
		Part         string `json:"part"`
		DeclaredUnit string `json:"declaredUnit"`
		Pre          Value  `json:"pre"`
		Main         Value  `json:"main"`
		Status       Status `json:"status"`
		Missing      int    `json:"missing"`
	}{a.Part, a.Unit.Declared(), a.Pre, a.Main, a.Status(), a.Missing})
	if err != nil {
		return nil, err
	}
	if _, err := DecodeAnswer(document); err != nil {
		return nil, err
	}
	return document, nil
}

// DecodeAnswer reads a supplier's document, which nothing vouches for: all six
// keys and no other, at most 4 KiB, a known unit, decimals that are exact, not
// negative and of sane length, and a status that agrees with them (ErrAnswer).
func DecodeAnswer(raw []byte) (Answer, error) {
	a, status := Answer{}, Status("")
	raw, err := strict.Document(raw, maxAnswer)
	if err == nil {
		err = strict.Object(raw, map[string]strict.Reader{
			"part":         strict.Parsed(&a.Part, parseID),
			"declaredUnit": strict.Parsed(&a.Unit, ParseDeclaredUnit),
			"pre":          value(&a.Pre),
			"main":         value(&a.Main),
			"status":       strict.Parsed(&status, func(s string) (Status, error) { return Status(s), nil }),
			"missing":      count(&a.Missing),
		}, nil)
	}
	if err == nil {
		err = a.check(status)
	}
	if err != nil {
		return Answer{}, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return a, nil
}

func (a Answer) check(status Status) error {
	if a.Missing == 0 && (a.Pre.IsWithheld() || a.Main.IsWithheld()) {
		return errors.New("a total is withheld, but nothing is counted as missing")
	}
	if status != a.Status() {
		return fmt.Errorf("status %s, but the numbers say %s", strict.Quote(string(status)), a.Status())
	}
	return nil
}

func count(into *int) strict.Reader {
	return func(raw []byte) error {
		if raw[0] == 'n' || json.Unmarshal(raw, into) != nil || *into < 0 || *into > maxMissing {
			return fmt.Errorf("a whole number from 0 to %d is expected", maxMissing)
		}
		return nil
	}
}
