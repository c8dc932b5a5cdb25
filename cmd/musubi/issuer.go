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
		"serve":       p.serveIssuer,
		"requests":    p.listRequests,
		"approve":     p.approveRequest,
		"reject":      p.rejectRequest,
		"credentials": p.listIssued,
		"suspend":     func(ctx context.Context, args []string) error { return p.mark(ctx, "issuer suspend", "suspend", args) },
		"restore":     func(ctx context.Context, args []string) error { return p.mark(ctx, "issuer restore", "restore", args) },
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

func (p program) listRequests(ctx context.Context, args []string) error {
	o, err := p.parse("issuer requests", args, reach...)
	if err != nil {
		return err
	}
	if err := p.wants("issuer requests", o, 0, 1, "[ID]"); err != nil {
		return err
	}
	a, err := p.connect(ctx, o)
	if err != nil {
		return err
	}
	if len(o.rest) == 1 {
		return p.show(ctx, a, "/issuer/requests/"+url.PathEscape(o.rest[0]))
	}
	var found struct {
		Items []struct {
			ID, Holder, State, Reason, WaitingFor, LastError string
			Credentials                                      []string
		}
	}
	if err := a.do(ctx, http.MethodGet, "/issuer/requests", nil, &found); err != nil {
		return err
	}
	t := p.table()
	fmt.Fprintln(t, "ID\tSTATE\tCREDENTIALS\tHOLDER\tREASON OR WHAT IT WAITS FOR")
	for _, r := range found.Items {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", r.ID, r.State, strings.Join(r.Credentials, " "), r.Holder, notes(r.Reason, r.WaitingFor, r.LastError))
	}
	return t.Flush()
}

func (p program) listIssued(ctx context.Context, args []string) error {
	o, err := p.parse("issuer credentials", args, append(reach, "holder")...)
	if err != nil {
		return err
	}
	if err := p.wants("issuer credentials", o, 0, 0, "[-holder DID]"); err != nil {
		return err
	}
	a, err := p.connect(ctx, o)
	if err != nil {
		return err
	}
	var found struct {
		Items []struct {
			ID, Type, State, Holder, Profile string
			ValidUntil                       time.Time
		}
	}
	if err := a.do(ctx, http.MethodGet, "/issuer/credentials?holder="+url.QueryEscape(o.holder), nil, &found); err != nil {
		return err
	}
	t := p.table()
	fmt.Fprintln(t, "ID\tTYPE\tSTATE\tVALID UNTIL\tFORMAT\tHOLDER")
	for _, c := range found.Items {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", c.ID, c.Type, c.State, day(c.ValidUntil), c.Profile, c.Holder)
	}
	return t.Flush()
}

func (p program) approveRequest(ctx context.Context, args []string) error {
	o, err := p.parse("issuer approve", args, append(reach, "claims", "evidence", "by")...)
	if err != nil {
		return err
	}
	if err := p.wants("issuer approve", o, 1, 1, "-claims FILE [-evidence FILE] [-by NAME] ID"); err != nil {
		return err
	}
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
	a, err := p.connect(ctx, o)
	if err != nil {
		return err
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

func (p program) rejectRequest(ctx context.Context, args []string) error {
	o, err := p.parse("issuer reject", args, append(reach, "reason", "by")...)
	if err != nil {
		return err
	}
	if err := p.wants("issuer reject", o, 1, 1, "-reason TEXT ID"); err != nil {
		return err
	}
	a, err := p.connect(ctx, o)
	if err != nil {
		return err
	}
	in := map[string]any{"reason": o.reason, "by": o.by}
	if err := a.do(ctx, http.MethodPost, "/issuer/requests/"+url.PathEscape(o.rest[0])+"/reject", in, nil); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "rejected: the holder is told")
	return nil
}

// mark changes the status of a credential that was issued.
func (p program) mark(ctx context.Context, name, act string, args []string) error {
	o, err := p.parse(name, args, append(reach, "reason")...)
	if err != nil {
		return err
	}
	if err := p.wants(name, o, 1, 1, "[-reason TEXT] CREDENTIAL"); err != nil {
		return err
	}
	a, err := p.connect(ctx, o)
	if err != nil {
		return err
	}
	var now struct{ ID, Type, Holder, State string }
	err = a.do(ctx, http.MethodPost, "/issuer/credentials/"+url.PathEscape(o.rest[0])+"/"+act, map[string]any{"reason": o.reason}, &now)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s of %s: %s\n", now.Type, now.Holder, now.State)
	return nil
}
