// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Exit codes of the program.
const (
	exitFailure = 1
	exitUsage   = 2
)

// errUsage is a command line that was not understood; usage was printed.
var errUsage = errors.New("usage")

// program is one run, with what it needs of the process.
type program struct {
	args           []string
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
	tick           time.Duration // between two looks; 0: a second
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	keepFloor()
	p := program{args: os.Args[1:], getenv: os.Getenv, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	code := p.run(ctx)
	stop()
	os.Exit(code)
}

func (p program) run(ctx context.Context) int {
	err := p.command(ctx)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		return exitUsage
	}
	fmt.Fprintln(p.stderr, "musubi:", err)
	return exitFailure
}

const usage = `musubi is an Open Data Spaces connector.

  musubi serve                       serve until it is told to stop
  musubi migrate                     bring the database schema up to date
  musubi version                     print the version

A company's credentials:
  musubi credentials request -issuer DID TYPE...
  musubi credentials list
  musubi credentials show ID
  musubi credentials revoke [-reason TEXT] CREDENTIAL   (as its issuer)

An issuer:
  musubi issuer serve                serve issuers, and no catalogue or contracts
  musubi issuer requests [ID]        who asked for credentials
  musubi issuer approve -claims FILE [-evidence FILE] [-by NAME] ID
  musubi issuer reject -reason TEXT ID
  musubi issuer credentials [-holder DID]
  musubi issuer suspend|restore [-reason TEXT] CREDENTIAL

Contracts:
  musubi agreements [-peer DID] [-role consumer|provider] [-target ID] [-inforce]
  musubi agreements show ID          with what was used of it
  musubi agreements end ID -reason TEXT
  musubi apply FILE...               publish assets and offers of JSON files or folders, all or none
  musubi relations                   our own records of counterparties
  musubi relations put PARTY KIND [-note TEXT]
  musubi relations delete PARTY KIND
  musubi secrets                     what headers of sources name as {secret:NAME}
  musubi secrets put NAME < FILE
  musubi secrets delete NAME

Why:
  musubi explain -asset ID -counterparty DID [-declare NAME=VALUE] [-agreement ID]
  musubi explain PROCESS             of a negotiation or a transfer

Policies (nothing has to run for these):
  musubi policy check FILE [-access] [-facts FILE] [-point POINT]
  musubi policy render FILE          print the policy of a template
  musubi policy templates
  musubi policy terms                what can stand in a policy

Who is trusted:
  musubi trust list                  show the list in use
  musubi trust list add DID TYPE...  as the governance authority
  musubi trust list sign [-valid 720h]

Data:
  musubi download [-rate BYTES] [-complete] [-detach] TRANSFER
                                     pull the data of a transfer and keep it as long as it is lent;
                                     goes on by itself, also over restarts
  musubi transfers [-peer DID] [-role consumer|provider] [-agreement ID]
  musubi transfers show ID
  musubi transfers watch ID          how far its data is, until all of it is moved
  musubi holdings list [-status open|due|done|overdue]
  musubi holdings show ID
  musubi holdings read [-file FILE] ID
  musubi evidence list [-agreement ID]
  musubi evidence show TRANSFER      what was moved, for the peer to compare
  musubi evidence match FILE FILE    compare what the two sides show

  musubi dataplanes [-all]           the data planes beside the built-in ones, and how they answer
  musubi dataplanes remove ID        forget one that is retired

A data plane of its own, for this connector or another vendor's:
  musubi dataplane serve             do what control planes tell it by Data Plane Signaling

Private keys (on the store itself; a SQLite store must not be served meanwhile):
  musubi keys new [-use identity|issuer] [-file PEM]
  musubi keys rotate [-use identity|issuer] [-valid 10m]
  musubi keys list
  musubi keys delete KEY             a retired one; what it signed is believed no more

All take -config FILE; where one connector has several participants,
-participant says which is meant. Commands call the management API of the
running connector, at -api URL if it is not where the file says. Settings come from the file, then from the
environment (MUSUBI_STORE, MUSUBI_API_KEY, ...; see docs/configuration.md).
`

func (p program) command(ctx context.Context) error {
	verb := ""
	if len(p.args) > 0 {
		verb = p.args[0]
	}
	switch verb {
	case "serve":
		return p.serve(ctx)
	case "migrate":
		return p.migrate(ctx)
	case "version":
		return p.version()
	case "credentials":
		return p.credentials(ctx, p.args[1:])
	case "issuer":
		return p.issuer(ctx, p.args[1:])
	case "trust":
		return p.trust(ctx, p.args[1:])
	case "download":
		return p.download(ctx, p.args[1:])
	case "transfers":
		return p.transfers(ctx, p.args[1:])
	case "holdings":
		return p.holdings(ctx, p.args[1:])
	case "evidence":
		return p.evidence(ctx, p.args[1:])
	case "agreements":
		return p.agreements(ctx, p.args[1:])
	case "apply":
		return p.apply(ctx, p.args[1:])
	case "relations":
		return p.relations(ctx, p.args[1:])
	case "secrets":
		return p.secrets(ctx, p.args[1:])
	case "explain":
		return p.explain(ctx, p.args[1:])
	case "policy":
		return p.policy(ctx, p.args[1:])
	case "keys":
		return p.keys(ctx, p.args[1:])
	case "dataplane":
		return p.dataplane(ctx, p.args[1:])
	case "dataplanes":
		return p.dataplanes(ctx, p.args[1:])
	case "help", "-h", "--help":
		fmt.Fprint(p.stdout, usage)
		return nil
	}
	fmt.Fprint(p.stderr, usage)
	return errUsage
}

// config reads the -config flag of a command.
func (p program) config() (string, error) {
	set := flag.NewFlagSet("musubi "+p.args[0], flag.ContinueOnError)
	set.SetOutput(p.stderr)
	path := set.String("config", p.getenv("MUSUBI_CONFIG"), "configuration `file`")
	if err := set.Parse(p.args[1:]); err != nil {
		return "", helpOr(err)
	}
	if set.NArg() > 0 {
		fmt.Fprintf(p.stderr, "musubi %s: %q is not understood\n", p.args[0], set.Arg(0))
		return "", errUsage
	}
	return *path, nil
}
