// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/internal/conformance"
)

func main() { conformance.Main("tck-dcp", run) }

// round is one run of the kit.
type round struct {
	role     string
	expected int
	status   string // kind of status list
}

var rounds = []round{
	{"verifier", 20, "bitstringstatuslist"},
	{"verifier", 20, "statuslist2021"},
	{"holder", 16, ""},
	{"storage", 24, ""},
	{"issuer", 25, ""},
}

func run(ctx context.Context) error {
	kit, err := conformance.FindKit()
	if err != nil {
		return err
	}
	strict := flag.Bool("strict", false, "be strict with the kit, as its later releases allow")
	flag.Parse()
	var lines []string
	var failed []error
	for _, r := range rounds {
		if only := flag.Args(); len(only) > 0 && !slices.Contains(only, r.role) {
			continue
		}
		name := strings.TrimSpace(r.role + " " + r.status)
		fmt.Printf("== %s\n", name)
		last, err := play(ctx, kit, r, *strict)
		lines = append(lines, fmt.Sprintf("%-30s %s", name, last))
		switch want := fmt.Sprintf("%d passed, 0 failed", r.expected); {
		case err != nil:
			failed = append(failed, fmt.Errorf("%s: %w", name, err))
		case last != want:
			failed = append(failed, fmt.Errorf("%s: %q, not %q", name, last, want))
		}
	}
	fmt.Println("\n" + strings.Join(lines, "\n"))
	return errors.Join(failed...)
}

// play runs the kit in one role and returns its last line.
func play(ctx context.Context, kit string, r round, strict bool) (string, error) {
	party, err := open(ctx, strict)
	if err != nil {
		return "", err
	}
	defer party.close(ctx)
	return conformance.RunKit(ctx, kit, []string{"ROLE=" + r.role}, append([]string{"dcp"}, party.kitSettings(r)...)...)
}
