// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

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
	"time"

	"github.com/musubi-ods/musubi/examples/battery/data"
	"github.com/musubi-ods/musubi/examples/battery/footprint"
	"github.com/musubi-ods/musubi/examples/internal/dataspace"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := command(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// command is the whole program and returns its exit status: 0, also when a
// supplier did not answer; 1 when it could not do its work; 2 for wrong options.
func command(ctx context.Context, args []string, out, errs io.Writer) int {
	o, err := parse(args, errs)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2 // parse has said what is wrong
	}
	if err := run(ctx, o, out); err != nil {
		_, _ = fmt.Fprintln(errs, "battery:", err)
		return 1
	}
	return 0
}

type options struct {
	data, down, keep string
	refused          bool
	wait             time.Duration
}

func parse(args []string, errs io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("battery", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&o.data, "data", "five-companies", "five-companies, tutorial, or a `directory` with one JSON file per company")
	flags.StringVar(&o.down, "down", "", "the `company`, a supplier, that is out of reach")
	flags.StringVar(&o.keep, "keep", "", "`directory` in which the companies' databases stay; without it they are temporary")
	flags.BoolVar(&o.refused, "refused", true, "also show three companies that are turned away, and why")
	flags.DurationVar(&o.wait, "wait", 10*time.Second, "how long a company waits for the answer to one question")
	err := flags.Parse(args)
	switch {
	case err != nil:
		return o, err
	case flags.NArg() > 0:
		err = fmt.Errorf("%q is not an option; data is given as: -data %s", flags.Arg(0), flags.Arg(0))
	case o.wait <= 0:
		err = fmt.Errorf("-wait %s: must be more than zero", o.wait)
	default:
		return o, nil
	}
	_, _ = fmt.Fprintln(errs, "battery:", err)
	return o, err
}

func run(ctx context.Context, o options, out io.Writer) error {
	chain, err := load(o.data)
	if err != nil {
		return fmt.Errorf("-data %s: %w", o.data, err)
	}
	if err := mayBeDown(chain, o.down); err != nil {
		return fmt.Errorf("-down %s: %w", o.down, err)
	}
	home, done, err := dataspace.Workplace(o.keep, "battery")
	if err != nil {
		return err
	}
	defer done()
	earlier, err := setAside(home, chain)
	if err != nil {
		return err
	}
	if err := show(ctx, out, chain, home, o); err != nil {
		return err
	}
	if o.keep != "" {
		_, err = fmt.Fprintf(out, "What each company has stored is in its folder in %s.\n", home)
	}
	if earlier != "" && err == nil {
		_, err = fmt.Fprintf(out, "What an earlier run has stored is in %s.\n", earlier)
	}
	return err
}

// load reads the data: one of the two chains that are built in, or a directory.
func load(name string) (footprint.Chain, error) {
	var directory fs.FS
	switch name {
	case "five-companies":
		directory = data.FiveCompanies()
	case "tutorial":
		directory = data.Tutorial()
	default:
		if info, err := os.Stat(name); err != nil || !info.IsDir() {
			return footprint.Chain{}, errors.New("no such directory; built in are five-companies and tutorial")
		}
		directory = os.DirFS(name)
	}
	return footprint.Load(directory)
}

// setAside moves what an earlier run has stored in the same place.
func setAside(home string, chain footprint.Chain) (string, error) {
	folders := []string{expiredFirm.Folder, revokedFirm.Folder, mistypedFirm.Folder}
	for _, c := range chain.Companies {
		folders = append(folders, c.ID)
	}
	return dataspace.SetAside(home, folders...)
}
