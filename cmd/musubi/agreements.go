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

// agreement is one as the API shows it.
type agreement struct {
	ID, Peer, Role, Target, State, EndReason, EndedBy string
	Ended, ValidUntil                                 time.Time
	Terms                                             []term
}

type term struct {
	Place, Text, Problem string
	Enforced             bool
}

// agreements are the commands about what was agreed.
func (p program) agreements(ctx context.Context, args []string) error {
	return p.choose(ctx, "agreements", orList(args), map[string]command{
		"list": p.through(apiCommand{name: "agreements list", takes: []string{"peer", "role", "target", "inforce"}, run: p.listAgreements}),
		"show": p.through(apiCommand{name: "agreements show", args: "ID", least: 1, most: 1, run: p.showAgreement}),
		"end":  p.through(apiCommand{name: "agreements end", args: "ID -reason TEXT", least: 1, most: 1, takes: []string{"reason"}, needs: "reason", run: p.endAgreement}),
	})
}

func (p program) listAgreements(ctx context.Context, a *api, o options) error {
	q := url.Values{}
	for name, value := range map[string]string{"peer": o.peer, "role": o.role, "target": o.target} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if o.inForce {
		q.Set("inForce", "true")
	}
	all, err := listed[agreement](ctx, a, "/agreements", q)
	if err != nil {
		return err
	}
	t := p.table()
	fmt.Fprintln(t, "ID\tPEER\tROLE\tTARGET\tSTATE\tVALID UNTIL\tCONSTRAINED BY")
	for _, one := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", one.ID, one.Peer, one.Role, one.Target, standing(one.State), day(one.ValidUntil), constraints(one.Terms))
	}
	return t.Flush()
}

// standing is a state in words.
func standing(state string) string { return strings.ToLower(strings.ReplaceAll(state, "_", " ")) }

// constraints are the terms that constrain an agreement, without the rules that
// hold them and without what permits something.
func constraints(terms []term) string {
	var list []string
	for _, t := range terms {
		rule := !strings.Contains(t.Place, ".")
		if rule && (strings.HasPrefix(t.Text, "may ") && !strings.HasPrefix(t.Text, "may not ")) {
			continue
		}
		text := t.Text
		if !t.Enforced {
			text += " (agreed only)"
		}
		list = append(list, text)
	}
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, "; ")
}

func (p program) showAgreement(ctx context.Context, a *api, o options) error {
	return p.show(ctx, a, "/agreements/"+url.PathEscape(o.rest[0]))
}

func (p program) endAgreement(ctx context.Context, a *api, o options) error {
	var one agreement
	err := a.do(ctx, http.MethodPost, "/agreements/"+url.PathEscape(o.rest[0])+"/end", map[string]string{"reason": o.reason}, &one)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "ended at %s: %s; what ran under it is terminated\n", day(one.Ended), one.EndReason)
	return nil
}
