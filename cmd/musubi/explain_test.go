// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// lastOf is a program for scripts: `lastof PARTICIPANT COLLECTION` prints the
// id of the newest item of a list; of negotiations once it is settled.
func lastOf() {
	p := program{args: nil, getenv: os.Getenv, stdout: os.Stdout, stderr: os.Stderr}
	a, err := p.connect(context.Background(), options{config: os.Getenv("MUSUBI_CONFIG"), participant: os.Args[1]})
	var all []struct{ ID string }
	if err == nil {
		all, err = listed[struct{ ID string }](context.Background(), a, "/"+os.Args[2], nil)
	}
	if err == nil && len(all) > 0 && os.Args[2] == "negotiations" {
		err = a.do(context.Background(), http.MethodGet, "/negotiations/"+url.PathEscape(all[0].ID)+"?wait=20s", nil, nil)
	}
	if err != nil || len(all) == 0 {
		fmt.Fprintln(os.Stderr, "none:", err)
		os.Exit(1)
	}
	fmt.Println(all[0].ID)
}

// withLast runs a command with the id that a file holds: `explainlast
// PARTICIPANT FILE`.
func withLast(before, after []string) func() {
	return func() {
		id, err := os.ReadFile(os.Args[2])
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		args := append(append(append([]string{}, before...), "-participant", os.Args[1], strings.TrimSpace(string(id))), after...)
		p := program{args: args, getenv: os.Getenv, stdout: os.Stdout, stderr: os.Stderr}
		os.Exit(p.run(context.Background()))
	}
}
