// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// issuer are the commands of an issuer.
func (p program) issuer(ctx context.Context, args []string) error {
	return p.choose(ctx, "issuer", args, map[string]command{
		"serve":    p.serveIssuer,
		"requests": p.through(apiCommand{name: "issuer requests", args: "[ID]", most: 1, run: p.listRequests}),
		"approve": p.through(apiCommand{
			name: "issuer approve", args: "-claims FILE [-evidence FILE] [-by NAME] ID", least: 1, most: 1,
			takes: []string{"claims", "evidence", "by"}, run: p.approveRequest,
		}),
		"reject":      p.through(apiCommand{name: "issuer reject", args: "-reason TEXT ID", least: 1, most: 1, takes: []string{"reason", "by"}, run: p.rejectRequest}),
		"credentials": p.through(apiCommand{name: "issuer credentials", args: "[-holder DID]", takes: []string{"holder"}, run: p.listIssued}),
		"suspend":     p.through(p.mark("issuer suspend", "suspend")),
		"restore":     p.through(p.mark("issuer restore", "restore")),
	})
}

// serveIssuer serves issuers and nothing else: no catalogue, no contracts. A
// configuration without participants gets one, "issuer", for all types.
func (p program) serveIssuer(ctx context.Context, args []string) error {
	o, err := p.parse("issuer serve", args, "config")
	if err != nil {
		return err
	}
	if err := p.wants("issuer serve", o, 0, 0, "[-config FILE]"); err != nil {
		return err
	}
	cfg, err := connector.Load(o.config, p.getenv)
	if err != nil {
		return err
	}
	if len(cfg.Participants) == 0 {
		cfg.Participants = []connector.ParticipantConfig{{
			Context: "issuer", Name: "Issuer",
			Identity: dcp.Settings{Issues: &dcp.Issuance{Types: []string{
				trust.MembershipCredential, trust.CorporateIdentityCredential, trust.SecurityEvaluationCredential,
			}}},
		}}
	}
	for _, participant := range cfg.Participants {
		if participant.Identity.Issues == nil {
			return fmt.Errorf("participant %q issues nothing: give it identity.issues.types, or serve it with: musubi serve", participant.Context)
		}
	}
	return p.serveWith(ctx, cfg, connector.IssuerOnly())
}

// requested is a request as the API shows it.
type requested struct {
	ID, Holder, State, Reason, WaitingFor, LastError string
	Credentials                                      []string
}

func (p program) listRequests(ctx context.Context, a *api, o options) error {
	if len(o.rest) == 1 {
		return p.show(ctx, a, "/issuer/requests/"+url.PathEscape(o.rest[0]))
	}
	found, err := listed[requested](ctx, a, "/issuer/requests", nil)
	if err != nil {
		return err
	}
	t := p.table()
	fmt.Fprintln(t, "ID\tSTATE\tCREDENTIALS\tHOLDER\tREASON OR WHAT IT WAITS FOR")
	for _, r := range found {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", r.ID, r.State, strings.Join(r.Credentials, " "), r.Holder, notes(r.Reason, r.WaitingFor, r.LastError))
	}
	return t.Flush()
}

// issued is a credential as the API shows it.
type issued struct {
	ID, Type, State, Holder, Profile string
	ValidUntil                       time.Time
}

func (p program) listIssued(ctx context.Context, a *api, o options) error {
	found, err := listed[issued](ctx, a, "/issuer/credentials", url.Values{"holder": {o.holder}})
	if err != nil {
		return err
	}
	t := p.table()
	fmt.Fprintln(t, "ID\tTYPE\tSTATE\tVALID UNTIL\tFORMAT\tHOLDER")
	for _, c := range found {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", c.ID, c.Type, c.State, day(c.ValidUntil), c.Profile, c.Holder)
	}
	return t.Flush()
}

func (p program) approveRequest(ctx context.Context, a *api, o options) error {
	in := map[string]any{"by": o.by}
	for name, file := range map[string]string{"claims": o.claims, "evidence": o.evidence} {
		document, err := document(file)
		switch {
		case err != nil:
			return fmt.Errorf("-%s: %w", name, err)
		case document != nil:
			in[name] = document
		}
	}
	if err := a.do(ctx, http.MethodPost, "/issuer/requests/"+url.PathEscape(o.rest[0])+"/approve", in, nil); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "approved: the credentials are issued, and delivered as soon as the holder's wallet takes them; musubi issuer requests shows it")
	return nil
}

// document reads a file that holds JSON; no file: nothing.
func document(file string) (json.RawMessage, error) {
	var text []byte
	var err error
	switch file {
	case "":
		return nil, nil
	case "-":
		text, err = io.ReadAll(io.LimitReader(os.Stdin, 1<<20))
	default:
		text, err = os.ReadFile(file)
	}
	if err == nil && !json.Valid(text) {
		err = errors.New("it does not hold JSON")
	}
	return text, err
}

func (p program) rejectRequest(ctx context.Context, a *api, o options) error {
	in := map[string]any{"reason": o.reason, "by": o.by}
	if err := a.do(ctx, http.MethodPost, "/issuer/requests/"+url.PathEscape(o.rest[0])+"/reject", in, nil); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "rejected: the holder is told")
	return nil
}

// mark is a command that changes the status of a credential that was issued.
func (p program) mark(name, act string) apiCommand {
	run := func(ctx context.Context, a *api, o options) error {
		var now struct{ ID, Type, Holder, State string }
		err := a.do(ctx, http.MethodPost, "/issuer/credentials/"+url.PathEscape(o.rest[0])+"/"+act, map[string]any{"reason": o.reason}, &now)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s of %s: %s\n", now.Type, now.Holder, now.State)
		return nil
	}
	return apiCommand{name: name, args: "[-reason TEXT] CREDENTIAL", least: 1, most: 1, takes: []string{"reason"}, run: run}
}
