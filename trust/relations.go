// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import (
	"context"
	"errors"
	"strings"
	"time"
)

// ErrNoRelation: the participant has no such relation on record.
var ErrNoRelation = errors.New("no such relation")

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
