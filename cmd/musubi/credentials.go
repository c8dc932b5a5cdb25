// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// credentials are the commands of a holder, and the revocation of an issuer.
func (p program) credentials(ctx context.Context, args []string) error {
	return p.choose(ctx, "credentials", args, map[string]command{
		"request": p.through(apiCommand{name: "credentials request", args: "-issuer DID TYPE...", least: 1, most: -1, takes: []string{"issuer"}, needs: "issuer", run: p.requestCredentials}),
		"list":    p.through(apiCommand{name: "credentials list", run: p.listCredentials}),
		"show":    p.through(apiCommand{name: "credentials show", args: "ID", least: 1, most: 1, run: p.showCredential}),
		"revoke":  p.through(p.mark("credentials revoke", "revoke")),
	})
}

// command is a word with its arguments.
type command func(ctx context.Context, args []string) error

// choose runs the command that the first argument names.
func (p program) choose(ctx context.Context, group string, args []string, commands map[string]command) error {
	if len(args) > 0 {
		if run := commands[args[0]]; run != nil {
			return run(ctx, args[1:])
		}
		if helps(args[0]) {
			fmt.Fprint(p.stdout, usageOf(group))
			return nil
		}
		fmt.Fprintf(p.stderr, "musubi %s: %q is not understood\n", group, args[0])
	}
	fmt.Fprint(p.stderr, usageOf(group))
	return errUsage
}

// helps reports whether an argument asks for help.
func helps(arg string) bool { return arg == "-h" || arg == "-help" || arg == "--help" || arg == "help" }

// usageOf are the lines of the usage that begin with a command.
func usageOf(command string) string {
	var text strings.Builder
	for line := range strings.Lines(usage) {
		if strings.HasPrefix(line, "  musubi "+command+" ") || strings.HasPrefix(line, "  musubi "+command+"\n") {
			text.WriteString(line)
		}
	}
	return text.String()
}

// orList has a group that is named alone list what it is about.
func orList(args []string) []string {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") && !helps(args[0]) {
		return append([]string{"list"}, args...)
	}
	return args
}

func (p program) requestCredentials(ctx context.Context, a *api, o options) error {
	var made struct{ HolderPID, Issuer, State string }
	err := a.do(ctx, http.MethodPost, "/credentials/requests", map[string]any{"issuer": o.issuer, "types": o.rest}, &made)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "requested of %s: %s, %s\nmusubi credentials list shows what came of it\n", made.Issuer, made.HolderPID, made.State)
	return nil
}

// credential is one as the API shows it.
type credential struct {
	ID, Credential, Issuer, Profile, State string
	Types                                  []string
	ValidUntil                             time.Time
}

// request is one as the API shows it.
type request struct {
	HolderPID, Issuer, State, Reason, WaitingFor string
	Credentials                                  []string
}

func (p program) listCredentials(ctx context.Context, a *api, _ options) error {
	held, err := listed[credential](ctx, a, "/credentials", nil)
	if err != nil {
		return err
	}
	asked, err := listed[request](ctx, a, "/credentials/requests", nil)
	if err != nil {
		return err
	}
	t := p.table()
	fmt.Fprintln(t, "ID\tTYPE\tSTATE\tVALID UNTIL\tFORMAT\tISSUER")
	for _, c := range held {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", c.ID, kind(c.Types), c.State, day(c.ValidUntil), c.Profile, c.Issuer)
	}
	for _, r := range asked {
		if r.State != "ISSUED" {
			fmt.Fprintf(t, "%s\t%s\t%s\t\t%s\t%s\n", r.HolderPID, strings.Join(r.Credentials, " "), r.State, notes(r.WaitingFor, r.Reason), r.Issuer)
		}
	}
	return t.Flush()
}

// notes are what there is to say, between semicolons.
func notes(texts ...string) string {
	texts = slices.DeleteFunc(texts, func(s string) bool { return s == "" })
	return strings.Join(texts, "; ")
}

// table lays columns out. What strangers wrote is in them: no control character
// of it gets to the terminal.
func (p program) table() *tabwriter.Writer {
	return tabwriter.NewWriter(plainText{p.stdout}, 0, 8, 2, ' ', 0)
}

// plainText writes text without control characters but the line's end.
type plainText struct{ to io.Writer }

func (w plainText) Write(text []byte) (int, error) {
	clean := bytes.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return '?'
		}
		return r
	}, text)
	if _, err := w.to.Write(clean); err != nil {
		return 0, err
	}
	return len(text), nil
}

// kind is the type that says something.
func kind(types []string) string {
	var list []string
	for _, t := range types {
		if t != "VerifiableCredential" {
			list = append(list, t)
		}
	}
	return strings.Join(list, " ")
}

func day(t time.Time) string {
	if t.IsZero() {
		return "no end"
	}
	return t.UTC().Format(time.RFC3339)
}

func (p program) showCredential(ctx context.Context, a *api, o options) error {
	return p.show(ctx, a, "/credentials/"+url.PathEscape(o.rest[0]))
}

// show prints what a path has, as JSON.
func (p program) show(ctx context.Context, a *api, path string) error {
	var out json.RawMessage
	if err := a.do(ctx, http.MethodGet, path, nil, &out); err != nil {
		return err
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.stdout, string(text))
	return err
}
