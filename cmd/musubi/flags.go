// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"fmt"
	"strings"
)

// options are the flags of a command. A flag may stand before, between or
// behind the other arguments.
type options struct {
	config, api, participant, use, issuer, holder, reason, claims, evidence, file, valid, by, status string

	rest []string // what is no flag
}

// flags are all that there are; each command names those it takes.
var flags = map[string]struct {
	usage string
	to    func(*options) *string
}{
	"config":      {"configuration `file`", func(o *options) *string { return &o.config }},
	"api":         {"`URL` of the management API; default: as in the configuration", func(o *options) *string { return &o.api }},
	"participant": {"the participant's `context`; may be left out where there is one", func(o *options) *string { return &o.participant }},
	"use":         {"what the key is for: `identity` or issuer", func(o *options) *string { return &o.use }},
	"issuer":      {"`DID` of the issuer", func(o *options) *string { return &o.issuer }},
	"holder":      {"`DID` of the holder", func(o *options) *string { return &o.holder }},
	"reason":      {"`text` that says why", func(o *options) *string { return &o.reason }},
	"claims":      {"JSON `file` with what is certified, by credential type; - reads it from the input", func(o *options) *string { return &o.claims }},
	"evidence":    {"JSON `file` with what it was verified by", func(o *options) *string { return &o.evidence }},
	"status":      {"`status` of what is listed: open, due, done or overdue", func(o *options) *string { return &o.status }},
	"file":        {"`file`: of keys, the key, PKCS #8 in PEM; of data, where to write it", func(o *options) *string { return &o.file }},
	"valid":       {"how long the list is valid, as in `720h`", func(o *options) *string { return &o.valid }},
	"by":          {"`name` of who decides", func(o *options) *string { return &o.by }},
}

// parse reads the arguments of a command that takes some of the flags.
func (p program) parse(command string, args []string, takes ...string) (options, error) {
	o := options{config: p.getenv("MUSUBI_CONFIG"), api: p.getenv("MUSUBI_API"), use: "identity"}
	set := flag.NewFlagSet("musubi "+command, flag.ContinueOnError)
	set.SetOutput(p.stderr)
	for _, name := range takes {
		f := flags[name]
		set.StringVar(f.to(&o), name, *f.to(&o), f.usage)
	}
	for len(args) > 0 {
		if err := set.Parse(args); err != nil {
			return o, errUsage
		}
		if args = set.Args(); len(args) > 0 {
			o.rest, args = append(o.rest, args[0]), args[1:]
		}
	}
	return o, nil
}

// wants checks the number of arguments that are no flags; most < 0: any.
func (p program) wants(command string, o options, least, most int, names string) error {
	if n := len(o.rest); n < least || most >= 0 && n > most {
		fmt.Fprintf(p.stderr, "usage: musubi %s %s\n", command, strings.TrimSpace(names))
		return errUsage
	}
	return nil
}
