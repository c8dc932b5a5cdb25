// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// Relations are a participant's own records of its counterparties.
type Relations interface {
	ListRelations(ctx context.Context, contextID, after string, limit int) ([]trust.Relation, error)
	// PutRelation returns the relation as it is kept; added: it is new.
	// trust.ErrRelation.
	PutRelation(ctx context.Context, contextID string, r trust.Relation) (kept trust.Relation, added bool, err error)
	DeleteRelation(ctx context.Context, contextID, party, kind string) error
}

const exampleRelation = `{
  "party": "iso6523:0188:7123456789012",
  "kind": "direct",
  "note": "frame contract of April"
}`

type relationInput struct {
	Party string `json:"party"`
	Kind  string `json:"kind"`
	Note  string `json:"note"`
}

type relationView struct {
	Party string    `json:"party"`
	Kind  string    `json:"kind"`
	Note  string    `json:"note,omitempty"`
	Since time.Time `json:"since,omitzero"`
}

func viewRelation(r trust.Relation) relationView { return relationView(r) }

func listRelations(c *call) (answer, error) {
	limit, err := c.limit()
	if err != nil {
		return answer{}, err
	}
	found, err := c.m.Relations.ListRelations(c.ctx, c.contextID, c.QueryParam("after"), limit)
	if err != nil {
		return answer{}, err
	}
	return answer{body: listOf(found, limit, viewRelation, trust.Relation.Key)}, nil
}

func putRelation(c *call, in relationInput) (answer, error) {
	kept, added, err := c.m.Relations.PutRelation(c.ctx, c.contextID, trust.Relation{Party: in.Party, Kind: in.Kind, Note: in.Note})
	if err != nil {
		return answer{}, err
	}
	status := http.StatusOK
	if added {
		status = http.StatusCreated
	}
	return answer{status: status, body: viewRelation(kept)}, nil
}

func deleteRelation(c *call) (answer, error) {
	party, kind := c.QueryParam("party"), c.QueryParam("kind")
	if party == "" || kind == "" {
		return answer{}, problemf(http.StatusBadRequest, "relation-missing", "say which relation").hint("by the parameters party and kind")
	}
	return answer{}, c.m.Relations.DeleteRelation(c.ctx, c.contextID, party, kind)
}
