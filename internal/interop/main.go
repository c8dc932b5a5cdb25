// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// Run is a world that is open, with its table.
type Run struct {
	World *World
	Table Table
	Cases []Case
}

// Main is the main of a command of that name: it opens a world, runs its table
// and exits, with 0 only if every case ran and holds. INTEROP_LOG=1 prints our connector's log,
// INTEROP_ONLY=TEXT leaves out the cases without it in their names: a run that
// does not count as one.
func Main(name string, open func(context.Context) (Run, error)) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, open)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, open func(context.Context) (Run, error)) (err error) {
	r, err := open(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if os.Getenv("INTEROP_LOG") != "" {
			fmt.Fprint(os.Stderr, r.World.Log())
		}
		err = errors.Join(err, r.World.Close())
	}()
	if only := os.Getenv("INTEROP_ONLY"); only != "" {
		r.Cases = slices.DeleteFunc(r.Cases, func(c Case) bool { return !strings.Contains(c.Name, only) })
	}
	return r.Table.Run(ctx, r.Cases)
}
