// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"math"
	"slices"

	"github.com/musubi-ods/musubi/trust"
)

// ErrNotTaken: more bytes are to be returned than are counted.
var ErrNotTaken = fmt.Errorf("%w: meter: more bytes returned than were taken", ErrInvalid)

// MeterStart reports why a start cannot be counted.
func MeterStart(context, agreement, process string) error {
	return invalid("meter", key("context", context, "agreement", agreement, "process", process))
}

// MeterBytes reports why n bytes cannot be counted.
func MeterBytes(context, agreement string, n int64) error {
	return invalid("meter", key("context", context, "agreement", agreement), count(0, n))
}

// Granted is how many of the bytes that are wanted are left below limit; below
// zero there is none.
func Granted(taken, want, limit int64) int64 {
	if limit < 0 {
		limit = math.MaxInt64
	}
	return max(0, min(want, limit-taken))
}

// Parties are those of a list that a relation can be about: strangers choose
// how they are called.
func Parties(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(party string) bool { return key("party", party) != nil })
}

// Relation reports why r cannot be kept.
func Relation(context string, r trust.Relation) error {
	var kind error
	if !trust.ValidRelationKind(r.Kind) {
		kind = fmt.Errorf("kind %q", r.Kind)
	}
	return invalid("relation", key("context", context, "party", r.Party), kind, plain("note", r.Note))
}
