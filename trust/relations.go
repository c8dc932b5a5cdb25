// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrNoRelation: the participant has no such relation on record.
var ErrNoRelation = errors.New("no such relation")

// ErrRelation marks what cannot be a relation. Its text says what to write.
var ErrRelation = errors.New("not a relation")

// What may stand in a relation, in bytes.
const (
	maxRelationParty = 1024
	maxRelationNote  = 1024
)

// maxRelationKind is the greatest length of a kind of relation, in bytes.
const maxRelationKind = 64

// Relation is a record of our own about a counterparty, such as that it
// supplies us directly. Nobody proves it to us.
type Relation struct {
	// Party is a participant id, or a corporate identifier as RelationParty
	// writes it.
	Party string
	Kind  string // a short word; see ValidRelationKind
	Note  string // for people
	Since time.Time
}

// RelationParty is the text of a corporate identifier in a Relation: scheme,
// colon, value.
func RelationParty(i Identifier) string { return i.Scheme + ":" + i.Value }

// ParseRelationParty reads whom a relation is about. A corporate identifier is
// checked and brought to its normal form, so that it meets the one that is
// proved (samples: see ParseIdentifier); anything else is a participant id, and
// kept as it is. The error is an ErrRelation.
func ParseRelationParty(text string, samples bool) (string, error) {
	switch {
	case text == "" || len(text) > maxRelationParty || hidden(text):
		return "", fmt.Errorf("%w: party: write a participant id, or a corporate identifier such as %s:7123456789012, of at most %d bytes", ErrRelation, CorporateNumber, maxRelationParty)
	case strings.TrimSpace(text) != text:
		return "", fmt.Errorf("%w: party: %q begins or ends with a space", ErrRelation, clip(text))
	}
	cut := strings.LastIndexByte(text, ':')
	if cut < 0 {
		return text, nil
	}
	scheme := normalScheme(text[:cut])
	if _, known := schemes[scheme]; !known {
		if strings.HasPrefix(strings.ToLower(scheme), "iso6523:") {
			return "", fmt.Errorf("%w: party: the scheme %q is not known here, and so no credential would meet it", ErrRelation, clip(scheme))
		}
		return text, nil
	}
	i, err := ParseIdentifierText(text, samples)
	if err != nil {
		return "", fmt.Errorf("%w: party: %w", ErrRelation, err)
	}
	return RelationParty(i), nil
}

// Checked returns the relation with its party in normal form. The error is an
// ErrRelation.
func (r Relation) Checked(samples bool) (Relation, error) {
	var err error
	if r.Party, err = ParseRelationParty(r.Party, samples); err != nil {
		return r, err
	}
	switch {
	case !ValidRelationKind(r.Kind):
		return r, fmt.Errorf("%w: kind: %q is none; write a short word of a-z, 0-9 and -, such as direct", ErrRelation, clip(r.Kind))
	case len(r.Note) > maxRelationNote || hidden(strings.NewReplacer("\n", "", "\t", "").Replace(r.Note)):
		return r, fmt.Errorf("%w: note: write a text of at most %d bytes", ErrRelation, maxRelationNote)
	}
	return r, nil
}

// ValidRelationKind reports whether kind can be one: lower-case ASCII letters,
// digits and hyphens, from 1 to 64 of them.
func ValidRelationKind(kind string) bool {
	return kind != "" && len(kind) <= maxRelationKind && strings.Trim(kind, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// Key names a relation in a list: party, space, kind.
func (r Relation) Key() string { return r.Party + " " + r.Kind }

// ParseRelationKey is the inverse of Key. A party alone has no kind.
func ParseRelationKey(key string) (party, kind string) {
	if i := strings.LastIndexByte(key, ' '); i >= 0 {
		return key[:i], key[i+1:]
	}
	return key, ""
}

// RelationStore keeps relations. A participant has one of each party and kind.
type RelationStore interface {
	// Relations returns those of all of these parties, in order of party and
	// kind: one look-up, however many parties. None of none.
	Relations(ctx context.Context, contextID string, parties []string) ([]Relation, error)
	// ListRelations returns those behind after, in the same order, at most
	// limit (0: all). after is the Key of the last one seen, or empty; it need
	// not be on record.
	ListRelations(ctx context.Context, contextID, after string, limit int) ([]Relation, error)
	// PutRelation adds one, or changes Note and Since of the one that is there.
	PutRelation(ctx context.Context, contextID string, r Relation) error
	// DeleteRelation removes one. ErrNoRelation.
	DeleteRelation(ctx context.Context, contextID, party, kind string) error
}
