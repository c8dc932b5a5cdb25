// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// relation is one as the API shows it.
type relation struct {
	Party, Kind, Note string
	Since             time.Time
}

// relations are the commands about our own records of counterparties.
func (p program) relations(ctx context.Context, args []string) error {
	return p.choose(ctx, "relations", orList(args), map[string]command{
		"list":   p.through(apiCommand{name: "relations list", run: p.listRelations}),
		"put":    p.through(apiCommand{name: "relations put", args: "PARTY KIND [-note TEXT]", least: 2, most: 2, takes: []string{"note"}, run: p.putRelation}),
		"delete": p.through(apiCommand{name: "relations delete", args: "PARTY KIND", least: 2, most: 2, run: p.deleteRelation}),
	})
}

func (p program) listRelations(ctx context.Context, a *api, _ options) error {
	all, err := paged[relation](ctx, a, "/relations", "after", nil)
	if err != nil {
		return err
	}
	t := p.table()
	fmt.Fprintln(t, "PARTY\tKIND\tSINCE\tNOTE")
	for _, r := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", r.Party, r.Kind, day(r.Since), r.Note)
	}
	return t.Flush()
}

func (p program) putRelation(ctx context.Context, a *api, o options) error {
	in := map[string]string{"party": o.rest[0], "kind": o.rest[1], "note": o.note}
	var r relation
	if err := a.do(ctx, http.MethodPut, "/relations", in, &r); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "on record: %s %s, since %s\n", r.Party, r.Kind, day(r.Since))
	return nil
}

func (p program) deleteRelation(ctx context.Context, a *api, o options) error {
	q := url.Values{"party": {o.rest[0]}, "kind": {o.rest[1]}}
	if err := a.do(ctx, http.MethodDelete, "/relations?"+q.Encode(), nil, nil); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "off the record; what ran because of it is stopped")
	return nil
}
