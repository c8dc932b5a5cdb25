// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"time"
)

func main() {
	per := flag.Int("per", 1, "pieces of work that the profiles are of")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, *per, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "where:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, per int, profiles []string) error {
	traces := exec.CommandContext(ctx, "go", append([]string{"tool", "pprof", "-traces", "-unit=ms"}, profiles...)...)
	traces.Stderr = os.Stderr
	text, err := traces.Output()
	if err != nil {
		return fmt.Errorf("reading the profiles: %w", err)
	}
	spent, err := sum(string(text))
	if err != nil {
		return err
	}
	table(out, spent, per)
	return nil
}

// kinds are tried in this order, for each function from the innermost out.
var kinds = []struct {
	name  string
	match *regexp.Regexp
}{
	{"garbage collection", regexp.MustCompile(`^runtime\.(gc|bgs|scan|grey|mark|sweep)`)},
	{"allocation", regexp.MustCompile(`^runtime\.(mallocgc|newobject|makeslice|growslice|newproc|newstack|makemap|concatstring|slicebyte|stringtoslice)`)},
	{"signatures and hashes", regexp.MustCompile(`^(crypto/|vendor/golang.org/x/crypto|math/big|p256|golang.org/x/crypto)`)},
	{"JSON", regexp.MustCompile(`^(encoding/json|github.com/goccy|.*internal/jcs|.*jsoncanonicalizer)`)},
	{"SQLite", regexp.MustCompile(`^modernc\.org/`)},
	{"PostgreSQL driver", regexp.MustCompile(`^github\.com/jackc/`)},
	{"database/sql and sqlx", regexp.MustCompile(`^(database/sql|github\.com/jmoiron/)`)},
	{"HTTP and network", regexp.MustCompile(`^(net|net/.*|bufio|internal/poll|mime|github\.com/labstack/.*|.*internal/safehttp)\.`)},
	{"tokens and credentials", regexp.MustCompile(`^(github\.com/lestrrat|.*musubi/internal/(jose|did)|.*musubi/trust/dcp)`)},
	{"policies", regexp.MustCompile(`musubi/trust/policy`)},
	{"messages", regexp.MustCompile(`musubi/internal/wire`)},
	{"the store's own code", regexp.MustCompile(`musubi/internal/store`)},
	{"handlers", regexp.MustCompile(`musubi/internal/web`)},
	{"state machine and domain", regexp.MustCompile(`musubi/(internal/engine|negotiation|catalog|transfer|connector|trust|internal/cache)`)},
	{"logging", regexp.MustCompile(`^log/slog`)},
	{"scheduling and timers", regexp.MustCompile(`^runtime\.(schedule|findRunnable|mcall|park_m|futex|netpoll|wakep|ready|goready|mstart|systemstack|sysmon|timer|\(\*timers\)|startm|stopm|goexit0|asyncPreempt)`)},
}

const rest = "the rest"

// kind names the work of a stack, the innermost function first.
func kind(stack []string) string {
	for _, function := range stack {
		for _, k := range kinds {
			if k.match.MatchString(function) {
				return k.name
			}
		}
	}
	return rest
}

// sum adds what pprof prints of each sample: a rule, the time beside the
// innermost function, and its callers.
func sum(traces string) (map[string]time.Duration, error) {
	spent := map[string]time.Duration{}
	blocks := strings.Split(traces, "-----------+-")
	for _, block := range blocks[1:] {
		_, body, _ := strings.Cut(block, "\n")
		var stack []string
		var took time.Duration
		for line := range strings.Lines(body) {
			fields := strings.Fields(strings.TrimSuffix(strings.TrimSpace(line), " (inline)"))
			if len(stack) == 0 && len(fields) > 1 {
				var err error
				if took, err = time.ParseDuration(fields[0]); err != nil {
					continue // a label
				}
				fields = fields[1:]
			}
			if len(fields) > 0 {
				stack = append(stack, strings.Join(fields, " "))
			}
		}
		if len(stack) > 0 {
			spent[kind(stack)] += took
		}
	}
	if len(spent) == 0 {
		return nil, fmt.Errorf("no sample in what pprof said: %.200s", traces)
	}
	return spent, nil
}

func table(out io.Writer, spent map[string]time.Duration, per int) {
	var names []string
	var total time.Duration
	for name, took := range spent {
		names, total = append(names, name), total+took
	}
	slices.SortFunc(names, func(a, b string) int { return int(spent[b] - spent[a]) })
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) / float64(max(1, per)) }
	fmt.Fprintln(out, "| work | ms | share |\n|---|---|---|")
	for _, name := range append(names, "all") {
		took := total
		if name != "all" {
			took = spent[name]
		}
		fmt.Fprintf(out, "| %s | %.2f | %.0f %% |\n", name, ms(took), 100*float64(took)/float64(max(1, total)))
	}
}
