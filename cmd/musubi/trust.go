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

// trust are the commands of a governance authority, and of those who rely on
// its list.
func (p program) trust(ctx context.Context, args []string) error {
	return p.choose(ctx, "trust", args, map[string]command{"list": p.trustList})
}

func (p program) trustList(ctx context.Context, args []string) error {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		args = append([]string{"show"}, args...)
	}
	return p.choose(ctx, "trust list", args, map[string]command{
		"show": p.through(apiCommand{name: "trust list", args: "[add DID TYPE...|sign [-valid 720h]]", run: p.showTrustList}),
		"add":  p.through(apiCommand{name: "trust list add", args: "DID TYPE...", least: 2, most: -1, run: p.addIssuer}),
		"sign": p.through(apiCommand{name: "trust list sign", args: "[-valid 720h]", takes: []string{"valid"}, run: p.signTrustList}),
	})
}

func (p program) addIssuer(ctx context.Context, a *api, o options) error {
	in := map[string]any{"types": o.rest[1:]}
	if err := a.do(ctx, http.MethodPut, "/trust-list/draft/"+url.PathEscape(o.rest[0]), in, nil); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "added to the draft; musubi trust list sign publishes it")
	return nil
}

// list is a trust list as the API shows it.
type list struct {
	Authority          string
	Sequence           int64
	Issued, ValidUntil time.Time
	Issuers            []struct {
		ID, Conformance string
		Types           []string
	}
}

func (p program) signTrustList(ctx context.Context, a *api, o options) error {
	in := map[string]any{}
	if o.valid != "" {
		in["valid"] = o.valid
	}
	var l list
	if err := a.do(ctx, http.MethodPost, "/trust-list/sign", in, &l); err != nil {
		return err
	}
	return p.printList(l)
}

func (p program) showTrustList(ctx context.Context, a *api, _ options) error {
	var l list
	if err := a.do(ctx, http.MethodGet, "/trust-list", nil, &l); err != nil {
		return err
	}
	return p.printList(l)
}

func (p program) printList(l list) error {
	fmt.Fprintf(p.stdout, "list %d of %s, valid until %s\n", l.Sequence, l.Authority, day(l.ValidUntil))
	t := p.table()
	for _, i := range l.Issuers {
		fmt.Fprintf(t, "  %s\t%s\t%s\n", i.ID, kind(i.Types), i.Conformance)
	}
	return t.Flush()
}
