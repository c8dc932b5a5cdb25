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
	stdout, stderr io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := program{args: os.Args[1:], getenv: os.Getenv, stdout: os.Stdout, stderr: os.Stderr}
	code := p.run(ctx)
	stop()
	os.Exit(code)
}

func (p program) run(ctx context.Context) int {
	err := p.command(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		return exitUsage
	}
	fmt.Fprintln(p.stderr, "musubi:", err)
	return exitFailure
}

const usage = `musubi is an Open Data Spaces connector.

  musubi serve [-config FILE]     serve until it is told to stop
  musubi migrate [-config FILE]   bring the database schema up to date
  musubi version                  print the version

Settings come from the file, then from the environment (MUSUBI_STORE,
MUSUBI_API_KEY, ...; see docs/configuration.md).
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
	case "help", "-h", "--help":
		fmt.Fprint(p.stdout, usage)
		return nil
	}
	fmt.Fprint(p.stderr, usage)
	return errUsage
}

// config reads the -config flag of a command.
func (p program) config() (string, error) {
	flags := flag.NewFlagSet("musubi "+p.args[0], flag.ContinueOnError)
	flags.SetOutput(p.stderr)
	path := flags.String("config", p.getenv("MUSUBI_CONFIG"), "configuration `file`")
	if err := flags.Parse(p.args[1:]); err != nil {
		return "", errUsage
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(p.stderr, "musubi %s: %q is not understood\n", p.args[0], flags.Arg(0))
		return "", errUsage
	}
	return *path, nil
}
