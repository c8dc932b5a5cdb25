// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package substance

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/musubi-ods/musubi/examples/internal/strict"
)

// Errors of the lists.
var (
	ErrRelease = errors.New("release refused") // not a release, or one that does not follow
	ErrEntry   = errors.New("no such entry")   // in no release that is known
	ErrList    = errors.New("list not known")  // no such release
)

// Kind is a kind of node of a product, and the level a limit applies to. An object
// made of articles is a part; every material stands in one article, since "once an
// article, always an article" (CJEU C-106/14).
type Kind string

// The kinds, from the inside to the outside. Whole is no kind, but the level of
// an answer that is not at the level of its rule: what a company delivers is only
// a piece of what the rule looks at, and the answer is for that piece as a whole.
const (
	Material Kind = "material" // homogeneous material
	Article  Kind = "article"
	PartKind Kind = "part" // made of articles
	Product  Kind = "product"
	Whole    Kind = "whole"
)

func (k Kind) rank() int {
	return slices.Index([]Kind{Material, Article, PartKind, Product}, k)
}

// Release is one version of a list. All that law says, the limits, the dates and
// the exemptions, is in such data and never in code.
type Release struct {
	ID       string // such as CL-2025-11-05
	Title    string
	Date     Date
	Previous string // empty for the first of a list
	Added    []Entry
	Changed  []Entry // as they now are
	Removed  []string
	Basis    Basis
	Excerpt  bool // the real list has more entries
}

// Entry is an entry of a list: one or more substances under one limit.
type Entry struct {
	ID      string
	Name    string
	Members []CAS    // one entry, many numbers; the same number may be in many entries
	Groups  []string // substances of the register by group, beside the members
	// Open says that the members do not exhaust the entry ("and its compounds"):
	// a number that the register does not know may belong to it.
	Open       bool
	Element    string // what counts is this element in the members; empty: the compound itself
	Level      Kind
	Limits     []Limit // by date
	Effect     Effect
	Exemptions []Exemption
	Duties     []Duty
	Basis      Basis
}

// Limit is what must not be exceeded from a day on.
type Limit struct {
	Above Share // strictly more than this
	From  Date
}

// Effect says what being above the limit means.
type Effect string

// The effects.
const (
	Restriction Effect = "restriction" // not allowed, unless exempt
	Disclosure  Effect = "disclosure"  // allowed, but there are duties
)

// Exemption allows more for one application, for a time. Both days are included.
type Exemption struct {
	Code    string
	Purpose string
	Max     Share // zero Share: no maximum
	From    Date
	To      Date
}

func (x Exemption) holds(day Date) bool { return !day.Before(x.From) && !day.After(x.To) }

// Duty is what has to be done by whom is above the limit.
type Duty struct {
	Code      string
	Text      string
	Condition string // what else must hold, for people to judge; empty: nothing
	Months    int    // from the inclusion; 0: at once
}

// Basis says what a datum rests on.
type Basis struct {
	Kind string // source: a public source; general: general knowledge, no source seen; fictional
	Text string
}

// ValidFrom is the day of inclusion.
func (e Entry) ValidFrom() Date { return e.Limits[0].From }

// LimitOn is the limit in force on a day, false before the inclusion.
func (e Entry) LimitOn(day Date) (limit Share, listed bool) {
	for _, l := range e.Limits {
		if l.From.After(day) {
			break
		}
		limit, listed = l.Above, true
	}
	return limit, listed
}

// DueOn is the last day for a duty: for DBDPE, listed on 2025-11-05, and six
// months it is 2026-05-05.
func (e Entry) DueOn(d Duty) Date { return e.ValidFrom().AddMonths(d.Months) }

// Release returns a release by its id.
func (r *Register) Release(id string) (Release, bool) {
	release, ok := r.releases[id]
	return release, ok
}

// Entries returns what a release has in force, ordered by id (ErrList).
func (r *Register) Entries(release string) ([]Entry, error) {
	state, ok := r.states[release]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrList, strict.Quote(release))
	}
	ids := slices.Sorted(maps.Keys(state))
	entries := make([]Entry, len(ids))
	for i, id := range ids {
		entries[i] = state[id]
	}
	return entries, nil
}

// Entry returns an entry as it is in a release. listed is false when this release
// does not have it but another one has; then the entry is that other one's. An
// entry that no release has is ErrEntry, an unknown release ErrList.
func (r *Register) Entry(release, id string) (entry Entry, listed bool, err error) {
	state, ok := r.states[release]
	if !ok {
		return Entry{}, false, fmt.Errorf("%w: %s", ErrList, strict.Quote(release))
	}
	if entry, listed = state[id]; listed {
		return entry, true, nil
	}
	for _, other := range slices.Sorted(maps.Keys(r.states)) {
		if entry, ok := r.states[other][id]; ok {
			return entry, false, nil
		}
	}
	return Entry{}, false, fmt.Errorf("%w: %s", ErrEntry, strict.Quote(id))
}
