// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/musubi-ods/musubi/internal/bench/limits"
	"github.com/musubi-ods/musubi/internal/interop"
)

func main() {
	w := work{asset: "asset-1"}
	flag.IntVar(&w.burst, "burst", 200, "negotiations of a burst")
	flag.IntVar(&w.clients, "clients", 8, "clients that begin those of a burst")
	flag.IntVar(&w.singles, "singles", 20, "negotiations that are timed alone")
	flag.IntVar(&w.warm, "warm", 2, "bursts that are not counted")
	theirs := flag.Int("rounds", 2, "bursts of a pair of EDCs that are counted")
	ours := flag.Int("our-rounds", 10, "bursts of ours that are counted, since they are short")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, w.with(*theirs), w.with(*ours))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-peers:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, theirs, ours work) (err error) {
	dsn := os.Getenv("MUSUBI_POSTGRES")
	if dsn == "" {
		return errors.New("MUSUBI_POSTGRES names no database; start this with: make bench-peers")
	}
	dir, err := os.MkdirTemp("", "peers")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	machine, err := limits.Measure(ctx, dir, 300*time.Millisecond)
	if err != nil {
		return err
	}
	fmt.Print(machine)
	program, err := interop.Build(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, program.Close()) }()

	edc := func(sql bool) func(context.Context) (pair, error) {
		return func(ctx context.Context) (pair, error) { return openEDC(ctx, theirs.asset, sql) }
	}
	musubi := func(store storeFor) func(context.Context) (pair, error) {
		return func(ctx context.Context) (pair, error) { return openMusubi(ctx, program, ours.asset, store) }
	}
	all := []*trial{
		{figures: figures{name: "EDC, memory"}, work: theirs, open: edc(false)},
		{figures: figures{name: "Musubi, SQLite"}, work: ours, open: musubi(onSQLite)},
		{figures: figures{name: "EDC, PostgreSQL"}, work: theirs, open: edc(true)},
		{figures: figures{name: "Musubi, PostgreSQL"}, work: ours, open: musubi(onPostgres(dsn))},
	}
	fmt.Println(header)
	for i := 0; i < len(all); i += 2 {
		if err := contest(ctx, all[i], all[i+1]); err != nil {
			return err
		}
		fmt.Printf("%s\n%s\n", all[i].figures, all[i+1].figures)
	}
	fmt.Print(ratios(all[0].figures, all[1].figures, all[2].figures, all[3].figures))
	return nil
}
