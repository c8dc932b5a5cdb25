// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/connector/explain"
)

// explain answers why: of a process, or of an asset and a counterparty.
func (p program) explain(ctx context.Context, args []string) error {
	return p.through(apiCommand{
		name: "explain", args: "PROCESS | -asset ID -counterparty DID [-declare NAME=VALUE] [-agreement ID]", most: 1,
		takes: []string{"asset", "counterparty", "declare", "agreement"}, run: p.answerWhy,
	})(ctx, args)
}

func (p program) answerWhy(ctx context.Context, a *api, o options) error {
	switch {
	case len(o.rest) == 1 && o.asset == "" && o.counterparty == "":
		return p.explainProcess(ctx, a, o.rest[0])
	case len(o.rest) == 1 || o.asset == "" || o.counterparty == "":
		fmt.Fprintln(p.stderr, "usage: musubi explain PROCESS, or musubi explain -asset ID -counterparty DID")
		return errUsage
	}
	in := map[string]any{"asset": o.asset, "counterparty": o.counterparty}
	if d := o.declared(); d != nil {
		in["declared"] = d
	}
	if o.agreement != "" {
		in["agreement"] = o.agreement
	}
	var e explain.Explanation
	if err := a.do(ctx, http.MethodPost, "/explain", in, &e); err != nil {
		return err
	}
	w := plainText{p.stdout}
	fmt.Fprintf(w, "%s for %s\n", e.Asset, e.Counterparty)
	printClaims(w, e)
	for _, line := range []struct {
		name   string
		answer explain.Answer
	}{{"visible", e.Visible}, {"negotiable", e.Negotiable}, {"transferable", e.Transferable}} {
		printAnswer(w, line.name, line.answer)
	}
	for _, r := range e.Refusals {
		fmt.Fprintf(w, "refused at %s: %s %s (support id %s)\n", day(r.At), r.Check, r.Reason, r.SupportID)
	}
	return nil
}

// printClaims says by what it was judged.
func printClaims(w io.Writer, e explain.Explanation) {
	c := e.Claims
	text := "judged by: " + c.From
	if c.Process != "" {
		text += " " + c.Process
	}
	if !c.Since.IsZero() && c.From != explain.FromQuery {
		text += ", proved " + day(c.Since)
	}
	for _, one := range c.Credentials {
		text += fmt.Sprintf("\n  %s of %s, valid until %s", kind(one.Types), one.Issuer, day(one.ValidUntil))
	}
	for _, note := range []string{c.Note, c.Refused} {
		if note != "" {
			text += "\n  " + note
		}
	}
	for name, value := range e.Declared.Values {
		text += fmt.Sprintf("\n  declared: %s %s", name, value)
	}
	if !e.KnownPeer {
		text += "\n  it is none of our peers"
	}
	fmt.Fprintln(w, text)
}

func printAnswer(w io.Writer, name string, a explain.Answer) {
	text := name + ": no, " + a.Reason
	if a.Yes {
		text = name + ": yes, by " + a.By
	}
	if a.Note != "" {
		text += " (" + a.Note + ")"
	}
	fmt.Fprintln(w, text)
	printHelp(w, a.Help)
}

func printHelp(w io.Writer, help []string) {
	for _, h := range help {
		fmt.Fprintln(w, "  would help:", h)
	}
}

// explained is a process as the API explains it.
type explained struct {
	ID, Kind, Role, State, Peer, Subject, StoppedFor, Explanation string
	Updated                                                       time.Time
	Possible                                                      []string
}

func (p program) explainProcess(ctx context.Context, a *api, id string) error {
	var e explained
	if err := a.do(ctx, http.MethodGet, "/processes/"+url.PathEscape(id)+"/explain", nil, &e); err != nil {
		return err
	}
	w := plainText{p.stdout}
	fmt.Fprintf(w, "%s %s as %s, with %s about %s: %s since %s\n", e.Kind, e.ID, e.Role, e.Peer, e.Subject, e.State, day(e.Updated))
	if e.StoppedFor != "" {
		fmt.Fprintln(w, "reason given:", e.StoppedFor)
	}
	fmt.Fprintln(w, e.Explanation)
	if len(e.Possible) > 0 {
		fmt.Fprintln(w, "possible:", strings.Join(e.Possible, ", "))
	}
	return nil
}
