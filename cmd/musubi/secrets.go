// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// secrets are the commands about the secrets that the headers of sources name.
func (p program) secrets(ctx context.Context, args []string) error {
	return p.choose(ctx, "secrets", orList(args), map[string]command{
		"list":   p.through(apiCommand{name: "secrets list", run: p.listSecrets}),
		"put":    p.through(apiCommand{name: "secrets put", args: "NAME < FILE", least: 1, most: 1, run: p.putSecret}),
		"delete": p.through(apiCommand{name: "secrets delete", args: "NAME", least: 1, most: 1, run: p.deleteSecret}),
	})
}

func (p program) listSecrets(ctx context.Context, a *api, _ options) error {
	var all struct {
		Items []struct {
			Name    string
			Changed time.Time
		}
	}
	if err := a.do(ctx, http.MethodGet, "/secrets", nil, &all); err != nil {
		return err
	}
	t := p.table()
	fmt.Fprintln(t, "NAME\tCHANGED")
	for _, s := range all.Items {
		fmt.Fprintf(t, "%s\t%s\n", s.Name, day(s.Changed))
	}
	return t.Flush()
}

// putSecret reads the value from the standard input: what stands in a command
// is seen by others, and kept by the shell.
func (p program) putSecret(ctx context.Context, a *api, o options) error {
	raw, err := io.ReadAll(io.LimitReader(p.stdin, 64<<10))
	if err != nil {
		return err
	}
	value := strings.TrimRight(string(raw), "\r\n")
	if err := a.do(ctx, http.MethodPut, "/secrets/"+url.PathEscape(o.rest[0]), map[string]string{"value": value}, nil); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "kept: a header of a source may say {secret:%s}\n", o.rest[0])
	return nil
}

func (p program) deleteSecret(ctx context.Context, a *api, o options) error {
	if err := a.do(ctx, http.MethodDelete, "/secrets/"+url.PathEscape(o.rest[0]), nil, nil); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "deleted; sources that name it answer no more")
	return nil
}
