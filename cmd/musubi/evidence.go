// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"github.com/musubi-ods/musubi/transfer/evidence"
)

// evidence are the commands about what was moved.
func (p program) evidence(ctx context.Context, args []string) error {
	return p.choose(ctx, "evidence", orList(args), map[string]command{
		"list":  p.through(apiCommand{name: "evidence list", args: "[-agreement ID]", takes: []string{"agreement"}, run: p.listEvidence}),
		"show":  p.through(apiCommand{name: "evidence show", args: "TRANSFER", least: 1, most: 1, run: p.showEvidence}),
		"match": p.alone("evidence match", "FILE FILE", 2, p.matchEvidence),
	})
}

func (p program) listEvidence(ctx context.Context, a *api, o options) error {
	q := url.Values{}
	if o.agreement != "" {
		q.Set("agreement", o.agreement)
	}
	all, err := listed[evidence.Declaration](ctx, a, "/evidence", q)
	if err != nil {
		return err
	}
	t := p.table()
	fmt.Fprintln(t, "TRANSFER\tROLE\tSTATE\tPEER\tDATASET\tWAY\tBODIES\tBYTES\tCUT\tLAST")
	for _, d := range all {
		for _, way := range []evidence.Direction{evidence.Sent, evidence.Received} {
			total := d.Totals(way)
			if total.Count() > 0 {
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\n", d.Transfer, d.Role, d.State, d.Peer, d.Dataset,
					way, total.Bodies, total.Bytes, total.Cut, day(total.Last))
			}
		}
	}
	return t.Flush()
}

// showEvidence prints what we say of a transfer, whole: what match reads.
func (p program) showEvidence(ctx context.Context, a *api, o options) error {
	var all evidence.Declaration
	for path := "/transfers/" + url.PathEscape(o.rest[0]) + "/evidence"; ; {
		var d evidence.Declaration
		q := url.Values{"limit": {strconv.Itoa(evidencePage)}}
		if all.Next != "" {
			q.Set("after", all.Next)
		}
		if err := a.do(ctx, http.MethodGet, path+"?"+q.Encode(), nil, &d); err != nil {
			return err
		}
		d.Bodies = append(all.Bodies, d.Bodies...)
		if all = d; all.Next == "" {
			return p.print(all)
		}
	}
}

// evidencePage is how many bodies are asked for at once.
const evidencePage = 1000

func (p program) print(v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.stdout, string(text))
	return err
}

// errDiffer is the end of a comparison whose outcome is a no; it was printed.
var errDiffer = errors.New("the two sides do not say the same")

// matchEvidence compares what the two sides of a transfer say.
func (p program) matchEvidence(o options) error {
	var sides [2]evidence.Declaration
	for i, file := range o.rest {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &sides[i]); err != nil {
			return fmt.Errorf("%s is not what musubi evidence show prints: %w", file, err)
		}
		if sides[i].Transfer == "" {
			return fmt.Errorf("%s is not what musubi evidence show prints: it names no transfer", file)
		}
	}
	if sides[0].Role == sides[1].Role {
		return fmt.Errorf("both files are what a %s declares; name one of each side", sides[0].Role)
	}
	r := evidence.Match(sides[0], sides[1])
	if err := p.print(r); err != nil || r.Agree {
		return err
	}
	return errDiffer
}
