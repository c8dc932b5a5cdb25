// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/musubi-ods/musubi/internal/interop"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "interop-edc:", err)
		os.Exit(1)
	}
}

// limit bounds one case, also on a busy machine.
const limit = 3 * time.Minute

func run(ctx context.Context) (err error) {
	w, err := interop.Open(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if os.Getenv("INTEROP_LOG") != "" {
			fmt.Fprint(os.Stderr, w.Log())
		}
		err = errors.Join(err, w.Close())
	}()
	cases := w.Cases()
	if only := os.Getenv("INTEROP_ONLY"); only != "" {
		cases = slices.DeleteFunc(cases, func(c interop.Case) bool { return !strings.Contains(c.Name, only) })
	}
	return interop.Table{
		Out: os.Stdout, Limit: limit, Want: interop.Count, Skipped: interop.NotOffered,
		Also: func() string {
			return fmt.Sprintf("answers to messages, by status: EDC's %v, ours %v", w.Theirs.Answers(), w.Gate.Answers())
		},
	}.Run(ctx, cases)
}
