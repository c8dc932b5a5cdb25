// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// dataplanes are the commands about data planes beside the built-in ones.
func (p program) dataplanes(ctx context.Context, args []string) error {
	return p.choose(ctx, "dataplanes", orList(args), map[string]command{
		"list":   p.through(apiCommand{name: "dataplanes list", args: "[-all]", takes: []string{"all"}, run: p.listDataplanes}),
		"remove": p.through(apiCommand{name: "dataplanes remove", args: "ID", least: 1, most: 1, run: p.removeDataplane}),
	})
}

// dataplaneView is one as the API shows it.
type dataplaneView struct {
	ID, Endpoint, Source, Error string
	Profiles, Roles, Labels     []string
	Retired                     bool
	Answered, FailingSince      time.Time
}

// state is how it stands, in a few words.
func (v dataplaneView) state() string {
	state := "answers"
	switch {
	case !v.FailingSince.IsZero():
		state = "does not answer since " + day(v.FailingSince)
	case v.Answered.IsZero():
		state = "not called yet"
	}
	if v.Retired {
		state = notes("retired", state)
	}
	return notes(state, v.Error)
}

func (p program) listDataplanes(ctx context.Context, a *api, o options) error {
	query := url.Values{}
	if o.all {
		query.Set("all", "true")
	}
	list, err := listed[dataplaneView](ctx, a, "/dataplanes", query)
	if err != nil {
		return err
	}
	t := p.table()
	fmt.Fprintln(t, "ID\tSOURCE\tENDPOINT\tPROFILES\tROLES\tLABELS\tSTATE")
	for _, v := range list {
		roles := v.Roles
		if len(roles) == 0 {
			roles = []string{"consumer", "provider"}
		}
		words := func(list []string) string { return strings.Join(list, " ") }
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", v.ID, v.Source, v.Endpoint, words(v.Profiles), words(roles), words(v.Labels), v.state())
	}
	return t.Flush()
}

func (p program) removeDataplane(ctx context.Context, a *api, o options) error {
	if err := a.do(ctx, http.MethodDelete, "/dataplanes/"+url.PathEscape(o.rest[0]), nil, nil); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "forgotten; it may register again. Evidence that it had not told yet is not taken any more")
	return nil
}
