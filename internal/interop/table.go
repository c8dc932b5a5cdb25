// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Case is one row of the table: what is tried, and whether it holds on both
// sides.
type Case struct {
	Name string
	// Run returns what is wrong, or nil. It is bounded by the table's limit.
	Run func(ctx context.Context) error
}

// Table runs cases one after the other and prints each as it ends.
type Table struct {
	Out   io.Writer
	Limit time.Duration // of one case
	// Want is how many cases have to run: one that vanishes is a failure.
	Want int
	// Skipped are what the peer does not offer, with the reason: printed, and
	// not counted.
	Skipped []string
	// Also is printed at the end, before the sum; may be nil.
	Also func() string
}

// Run runs all cases, prints the sum as its last line, and returns an error
// unless all ran and passed.
func (t Table) Run(ctx context.Context, cases []Case) error {
	passed, failed := 0, 0
	for _, c := range cases {
		began := time.Now()
		err := t.one(ctx, c)
		if errors.Is(err, errOvertaken) { // once: it is rare
			fmt.Fprintf(t.Out, "again           %s: %s\n", c.Name, errOvertaken)
			err = t.one(ctx, c)
		}
		took := time.Since(began).Milliseconds()
		if err != nil {
			failed++
			fmt.Fprintf(t.Out, "FAIL %6d ms  %s\n                %s\n", took, c.Name, strings.ReplaceAll(err.Error(), "\n", "\n                "))
		} else {
			passed++
			fmt.Fprintf(t.Out, "pass %6d ms  %s\n", took, c.Name)
		}
		if ctx.Err() != nil {
			break
		}
	}
	for _, s := range t.Skipped {
		fmt.Fprintf(t.Out, "none            %s\n", s)
	}
	if t.Also != nil {
		fmt.Fprintln(t.Out, t.Also())
	}
	fmt.Fprintf(t.Out, "%d passed, %d failed\n", passed, failed)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case failed > 0:
		return fmt.Errorf("%d of %d cases failed", failed, passed+failed)
	case passed != t.Want:
		return fmt.Errorf("%d cases ran, not %d", passed, t.Want)
	}
	return nil
}

// one runs a case within its limit. A case that panics has failed.
func (t Table) one(ctx context.Context, c Case) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, t.Limit, errors.New("the case took too long"))
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	if err = c.Run(ctx); err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	return err
}
