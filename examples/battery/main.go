// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Command battery shows companies of a supply chain exchanging the carbon
// footprint of a battery, each through its own connector, over real HTTP.
//
//	go run ./examples/battery                 five fictional companies, four tiers
//	go run ./examples/battery -data tutorial  the numbers of the Ouranos tutorial
//	go run ./examples/battery -data DIR       your own chain (README.md says how)
//	go run ./examples/battery -down cell      the same with one supplier out of reach
//
// Every company asks only its direct suppliers, and answers its customers with
// two totals:
//
//	catalogue ──> negotiation ──> agreement ──> transfer ──> answer ──> footprint.RollUp ──> own answer, published
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"

	"github.com/musubi-ods/musubi/examples/battery/data"
	"github.com/musubi-ods/musubi/examples/battery/footprint"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "battery:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("battery", flag.ContinueOnError)
	from := flags.String("data", "five-companies", "five-companies, tutorial, or a `directory` with one file per company")
	down := flags.String("down", "", "`company` that is out of reach")
	keep := flags.String("keep", "", "`directory` for the companies' databases; default: a temporary one")
	if err := flags.Parse(args); err != nil {
		return err
	}
	chain, err := footprint.Load(input(*from))
	if err != nil {
		return err
	}
	home, done, err := workplace(*keep)
	if err != nil {
		return err
	}
	defer done()
	return show(ctx, out, chain, home, *down)
}

// input finds the data: one of the two that are built in, or a directory.
func input(name string) fs.FS {
	switch name {
	case "five-companies":
		return data.FiveCompanies()
	case "tutorial":
		return data.Tutorial()
	}
	return os.DirFS(name)
}

// workplace is the folder in which each company gets a folder of its own.
func workplace(keep string) (string, func(), error) {
	if keep != "" {
		return keep, func() {}, os.MkdirAll(keep, 0o700)
	}
	dir, err := os.MkdirTemp("", "battery")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}
