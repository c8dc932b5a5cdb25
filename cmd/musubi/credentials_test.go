// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"
)

// The programs below do in a script what a person does by looking: they run
// commands of musubi until the output is what is waited for, and pass on the
// id that stands in it.

// until runs a command until a line of its output matches, and returns that.
func until(pattern string, args ...string) string {
	want := regexp.MustCompile(pattern)
	pause, limit := time.NewTicker(20*time.Millisecond), time.NewTimer(20*time.Second)
	for {
		var out, errs bytes.Buffer
		p := program{args: args, getenv: os.Getenv, stdout: &out, stderr: &errs}
		p.run(context.Background())
		for line := range strings.Lines(out.String()) {
			if want.MatchString(line) {
				return line
			}
		}
		select {
		case <-pause.C:
		case <-limit.C:
			fmt.Fprintf(os.Stderr, "nothing matches %s:\n%s%s", pattern, &out, &errs)
			os.Exit(1)
		}
	}
}

// pending CONFIG prints the id of the request that waits for the issuer.
func pending() {
	fmt.Print(strings.Fields(until(`RECEIVED`, "issuer", "requests", "-config", os.Args[1]))[0])
}

// approve CONFIG FILE CLAIMS approves the request whose id is in FILE. In the
// claims, TODAY stands for a time of today: what is certified must be fresh.
func approve() {
	id, err := os.ReadFile(os.Args[2])
	fail(err)
	claims, err := os.ReadFile(os.Args[3])
	fail(err)
	today := time.Now().UTC().Add(-time.Hour).Format(time.RFC3339)
	fail(os.WriteFile("claims.json", bytes.ReplaceAll(claims, []byte("TODAY"), []byte(today)), 0o600))
	p := program{args: []string{"issuer", "approve", "-config", os.Args[1], "-claims", "claims.json", string(id)}, getenv: os.Getenv, stdout: os.Stdout, stderr: os.Stderr}
	os.Exit(p.run(context.Background()))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// held CONFIG waits until the wallet holds a credential.
func held() { fmt.Print(until(`HELD`, "credentials", "list", "-config", os.Args[1])) }

// revoke CONFIG revokes the newest credential of the issuer.
func revoke() {
	id := strings.Fields(until(`ACTIVE`, "issuer", "credentials", "-config", os.Args[1]))[0]
	p := program{args: []string{"credentials", "revoke", "-config", os.Args[1], "-reason", "closed", id}, getenv: os.Getenv, stdout: os.Stdout, stderr: os.Stderr}
	os.Exit(p.run(context.Background()))
}

// lastkey CONFIG prints the id of the newest key.
func lastkey() {
	var out bytes.Buffer
	p := program{args: []string{"keys", "list", "-config", os.Args[1]}, getenv: os.Getenv, stdout: &out, stderr: os.Stderr}
	p.run(context.Background())
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	fmt.Print(strings.Fields(lines[len(lines)-1])[0])
}

// deletekey CONFIG FILE deletes the key whose id is in FILE.
func deletekey() {
	id, err := os.ReadFile(os.Args[2])
	fail(err)
	p := program{args: []string{"keys", "delete", "-config", os.Args[1], string(id)}, getenv: os.Getenv, stdout: os.Stdout, stderr: os.Stderr}
	os.Exit(p.run(context.Background()))
}
