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

	"github.com/musubi-ods/musubi/examples/chemicals/data"
	"github.com/musubi-ods/musubi/examples/chemicals/substance"
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
		_, _ = fmt.Fprintln(errs, "chemicals:", err)
		return 1
	}
	return 0
}

type options struct {
	data, ask, keep string
	refused         bool
	wait            time.Duration
}

func parse(args []string, errs io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("chemicals", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&o.data, "data", "inv-9", "inv-9, sixteen, or a `directory` with companies/*.json, and perhaps lists of its own")
	flags.StringVar(&o.ask, "ask", asked, "the `questions`, each RELEASE:ENTRY:DAY, with commas between them")
	flags.StringVar(&o.keep, "keep", "", "`directory` in which the companies' databases stay; without it they are temporary")
	flags.BoolVar(&o.refused, "refused", true, "also show who is refused what, and by which rule")
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
	_, _ = fmt.Fprintln(errs, "chemicals:", err)
	return o, err
}

func run(ctx context.Context, o options, out io.Writer) error {
	in, err := load(o.data)
	if err != nil {
		return fmt.Errorf("-data %s: %w", o.data, err)
	}
	if in.questions, err = parseQuestions(in.register, o.ask); err != nil {
		return fmt.Errorf("-ask: %w", err)
	}
	home, done, err := dataspace.Workplace(o.keep, "chemicals")
	if err != nil {
		return err
	}
	defer done()
	folders := []string{stranger.Folder}
	for _, c := range in.chain.Companies {
		folders = append(folders, c.ID)
	}
	earlier, err := dataspace.SetAside(home, folders...)
	if err != nil {
		return err
	}
	if err := show(ctx, out, in, home, o); err != nil {
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

// input is what a run is about.
type input struct {
	register  *substance.Register
	chain     substance.Chain
	questions []substance.Question
}

// load reads the data: one of the chains that are built in, or a directory. The
// lists are those of the directory if it has any.
func load(name string) (input, error) {
	var in input
	var directory fs.FS
	lists := data.Register()
	switch name {
	case "inv-9":
		directory = data.Inv9()
	case "sixteen":
		directory = data.Sixteen()
	default:
		if info, err := os.Stat(name); err != nil || !info.IsDir() {
			return in, errors.New("no such directory; built in are inv-9 and sixteen")
		}
		directory = os.DirFS(name)
		for _, own := range []string{"substances.json", "lists"} {
			if _, err := fs.Stat(directory, own); err == nil {
				lists = directory
			}
		}
	}
	var err error
	if in.register, err = substance.LoadRegister(lists); err != nil {
		return in, err
	}
	in.chain, err = in.register.LoadChain(directory)
	return in, err
}
