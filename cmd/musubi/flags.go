// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"strings"
)

// options are the flags of a command. A flag may stand before, between or
// behind the other arguments.
type options struct {
	config, api, participant, use, issuer, holder, reason, claims, evidence, file, valid, by, status string

	note, peer, role, target, asset, counterparty, agreement, facts, point, rate string

	declare         []string // name=value
	access, inForce bool

	complete, detach, all bool

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

	"note":         {"`text` for people", func(o *options) *string { return &o.note }},
	"peer":         {"`id` of the counterparty", func(o *options) *string { return &o.peer }},
	"role":         {"our `role`: consumer or provider", func(o *options) *string { return &o.role }},
	"target":       {"`id` of the dataset", func(o *options) *string { return &o.target }},
	"asset":        {"`id` of the asset", func(o *options) *string { return &o.asset }},
	"counterparty": {"participant `id` of the counterparty", func(o *options) *string { return &o.counterparty }},
	"agreement":    {"`id` of the agreement", func(o *options) *string { return &o.agreement }},
	"facts":        {"JSON `file` with sample facts", func(o *options) *string { return &o.facts }},
	"rate":         {"at most so many `bytes` a second", func(o *options) *string { return &o.rate }},
	"point":        {"where it is judged: catalog, `negotiation`, transfer or running", func(o *options) *string { return &o.point }},
}

// switches are flags without a value.
var switches = map[string]struct {
	usage string
	to    func(*options) *bool
}{
	"access":  {"it is to be an access policy", func(o *options) *bool { return &o.access }},
	"inforce": {"only those in force", func(o *options) *bool { return &o.inForce }},

	"complete": {"complete the transfer once its data is kept", func(o *options) *bool { return &o.complete }},
	"detach":   {"do not wait for the end", func(o *options) *bool { return &o.detach }},
	"all":      {"also those that unregistered by themselves", func(o *options) *bool { return &o.all }},
}

// declareUsage is of the one flag that may be given several times.
const declareUsage = "what the counterparty declares, as `name=value`, as in purpose=https://...; may be repeated"

// parse reads the arguments of a command that takes some of the flags.
func (p program) parse(command string, args []string, takes ...string) (options, error) {
	o := options{config: p.getenv("MUSUBI_CONFIG"), api: p.getenv("MUSUBI_API"), use: "identity"}
	set := flag.NewFlagSet("musubi "+command, flag.ContinueOnError)
	set.SetOutput(p.stderr)
	set.Usage = func() {
		fmt.Fprint(p.stderr, usageOf(strings.TrimSuffix(command, " list")))
		if len(takes) > 0 {
			fmt.Fprintf(p.stderr, "\nflags of musubi %s:\n", command)
			set.PrintDefaults()
		}
	}
	for _, name := range takes {
		f, valued := flags[name]
		s, bare := switches[name]
		switch {
		case valued:
			set.StringVar(f.to(&o), name, *f.to(&o), f.usage)
		case bare:
			set.BoolVar(s.to(&o), name, false, s.usage)
		default: // declare
			set.Func(name, declareUsage, o.declares)
		}
	}
	for len(args) > 0 {
		if err := set.Parse(args); err != nil {
			return o, helpOr(err)
		}
		if args = set.Args(); len(args) > 0 {
			o.rest, args = append(o.rest, args[0]), args[1:]
		}
	}
	return o, nil
}

// helpOr is the end of a command line that was not understood, or that asked
// for help.
func helpOr(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return flag.ErrHelp
	}
	return errUsage
}

// declares takes one -declare.
func (o *options) declares(text string) error {
	if name, value, ok := strings.Cut(text, "="); !ok || name == "" || value == "" {
		return fmt.Errorf("write name=value, as in purpose=https://purpose.example/audit")
	}
	o.declare = append(o.declare, text)
	return nil
}

// declared are the values of -declare by name; nil: there are none.
func (o *options) declared() map[string][]string {
	var all map[string][]string
	for _, text := range o.declare {
		if all == nil {
			all = map[string][]string{}
		}
		name, value, _ := strings.Cut(text, "=")
		all[name] = append(all[name], value)
	}
	return all
}

// wants checks the number of arguments that are no flags; most < 0: any.
func (p program) wants(command string, o options, least, most int, names string) error {
	if n := len(o.rest); n < least || most >= 0 && n > most {
		fmt.Fprintf(p.stderr, "usage: musubi %s %s\n", command, strings.TrimSpace(names))
		return errUsage
	}
	return nil
}
