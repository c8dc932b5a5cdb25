// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"
)

// holdings are the commands about downloaded data.
func (p program) holdings(ctx context.Context, args []string) error {
	return p.choose(ctx, "holdings", orList(args), map[string]command{
		"list": p.through(apiCommand{name: "holdings list", args: "[-status open|due|done|overdue]", takes: []string{"status"}, run: p.listHoldings}),
		"show": p.through(apiCommand{name: "holdings show", args: "ID", least: 1, most: 1, run: p.showHolding}),
		"read": p.through(apiCommand{name: "holdings read", args: "[-file FILE] ID", least: 1, most: 1, takes: []string{"file"}, run: p.readHolding}),
	})
}

// holding is one as the API shows it.
type holding struct {
	ID, Status, Transfer, Dataset, Peer, SHA256, Rule, LastError string
	Size                                                         int64
	Due, Deleted                                                 time.Time
}

func (p program) listHoldings(ctx context.Context, a *api, o options) error {
	query := url.Values{}
	if o.status != "" {
		query.Set("status", o.status)
	}
	list, err := listed[holding](ctx, a, "/holdings", query)
	if err != nil {
		return err
	}
	t := p.table()
	fmt.Fprintln(t, "ID\tSTATUS\tDUE\tBYTES\tDATASET\tPEER\tNOTES")
	for _, h := range list {
		note := h.LastError
		if !h.Deleted.IsZero() {
			note = notes("deleted "+day(h.Deleted), note)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", h.ID, h.Status, day(h.Due), h.Size, h.Dataset, h.Peer, note)
	}
	return t.Flush()
}

func (p program) showHolding(ctx context.Context, a *api, o options) error {
	return p.show(ctx, a, "/holdings/"+url.PathEscape(o.rest[0]))
}

// readHolding brings the data to the output, or to a new file.
func (p program) readHolding(ctx context.Context, a *api, o options) error {
	a.client.Timeout = 0
	resp, err := a.send(ctx, http.MethodGet, a.path("/holdings/"+url.PathEscape(o.rest[0])+"/data"), nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
		return errors.Join(refusal(resp.StatusCode, text), err)
	}
	if o.file == "" {
		_, err = io.Copy(p.stdout, resp.Body)
		return err
	}
	f, err := os.OpenFile(o.file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err = io.Copy(f, resp.Body); err != nil { // half of it is nothing
		return errors.Join(err, f.Close(), os.Remove(o.file))
	}
	return f.Close()
}
