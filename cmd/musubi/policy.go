// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/trust/policy"
)

// policy are the commands about policies that are not published yet. They know
// the built-in terms and ask no connector.
func (p program) policy(ctx context.Context, args []string) error {
	return p.choose(ctx, "policy", args, map[string]command{
		"check":     p.alone("policy check", "FILE [-access] [-facts FILE] [-point POINT]", 1, p.checkPolicy, "access", "facts", "point"),
		"render":    p.alone("policy render", "FILE", 1, p.renderPolicy),
		"templates": p.alone("policy templates", "", 0, p.listTemplates),
		"terms":     p.alone("policy terms", "", 0, p.listTerms),
	})
}

// alone reads the arguments of a command that calls nobody.
func (p program) alone(name, names string, count int, run func(options) error, takes ...string) command {
	return func(_ context.Context, args []string) error {
		o, err := p.parse(name, args, takes...)
		if err != nil {
			return err
		}
		if err := p.wants(name, o, count, count, names); err != nil {
			return err
		}
		return run(o)
	}
}

func readPolicy(file string) (policy.Policy, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return policy.Policy{}, err
	}
	rules, err := connector.ReadPolicy(text)
	if err != nil {
		return rules, fmt.Errorf("%s: %w", file, err)
	}
	return rules, nil
}

func (p program) renderPolicy(o options) error {
	rules, err := readPolicy(o.rest[0])
	if err != nil {
		return err
	}
	compact, err := rules.JSON()
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := json.Indent(&text, compact, "", "  "); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.stdout, text.String())
	return err
}

// errDenied is the end of a check whose outcome is a no; it was printed.
var errDenied = errors.New("the policy cannot be published, or denies")

func (p program) checkPolicy(o options) error {
	rules, err := readPolicy(o.rest[0])
	if err != nil {
		return err
	}
	facts, err := readFacts(o)
	if err != nil {
		return err
	}
	d := policy.NewRegistry().DryRun(rules, o.access, facts)
	w := plainText{p.stdout}
	if d.Publishable {
		fmt.Fprintln(w, "publishable: yes")
	} else {
		fmt.Fprintln(w, "publishable: no,", d.Problem.Reason)
	}
	for _, t := range d.Terms {
		fmt.Fprintln(w, strings.Repeat("  ", 1+strings.Count(t.Place, ".")), t)
	}
	printVerdict(w, d)
	if !d.Publishable || !d.Verdict.Permit {
		return errDenied
	}
	return nil
}

func printVerdict(w io.Writer, d policy.DryRun) {
	v := d.Verdict
	head := fmt.Sprintf("at the point %s, on %s: ", v.Point, day(v.At))
	if !v.Permit {
		fmt.Fprintln(w, head+"denied,", v.Reason)
		printHelp(w, d.Help)
		return
	}
	fmt.Fprintln(w, head+"permitted")
	if len(v.Deferred) > 0 {
		fmt.Fprintln(w, "  judged later:", strings.Join(v.Deferred, "; "))
	}
}

// readFacts reads the sample, strictly: a slip of the pen would be a fact that
// is not there.
func readFacts(o options) (*policy.Facts, error) {
	var s policy.Sample
	if o.facts != "" {
		text, err := os.ReadFile(o.facts)
		if err != nil {
			return nil, err
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&s); err != nil {
			return nil, fmt.Errorf("%s: %s; docs/explain.md shows how facts are written", o.facts, strings.TrimPrefix(err.Error(), "json: "))
		}
	}
	if o.point != "" {
		point, ok := policy.ParsePoint(o.point)
		if !ok {
			return nil, fmt.Errorf("-point %q: write catalog, negotiation, transfer or running", o.point)
		}
		s.Point = &point
	}
	point := policy.AtNegotiation
	if o.access {
		point = policy.AtCatalog
	}
	return s.Facts(point, time.Now().UTC())
}

func (p program) listTemplates(options) error {
	w := plainText{p.stdout}
	for _, t := range policy.Templates() {
		fmt.Fprintf(w, "%s\n  %s\n", t.Name, t.Doc)
		table := p.table()
		for _, param := range t.Parameters {
			notes := param.Doc
			if param.List {
				notes = "a list: " + notes
			}
			if param.Optional {
				notes += "; may be left out"
			}
			fmt.Fprintf(table, "    %s\t%s\n", param.Name, notes)
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func (p program) listTerms(options) error {
	registry := policy.NewRegistry()
	t := p.table()
	fmt.Fprintln(t, "OPERAND\tFROM\tENFORCED\tIRI")
	for _, o := range registry.Operands() {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", o.Name, o.Source, word(!o.AgreedOnly), o.IRI)
	}
	fmt.Fprintln(t, "ACTION\t\tENFORCED\tIRI")
	for _, a := range registry.Actions() {
		fmt.Fprintf(t, "%s\t\t%s\t%s\n", a.Name, word(a.Enforced), a.IRI)
	}
	return t.Flush()
}

func word(enforced bool) string {
	if enforced {
		return "enforced"
	}
	return "agreed only"
}
