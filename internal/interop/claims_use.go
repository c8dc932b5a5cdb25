// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// certify empties our wallet and has an issuer of ours fill it.
func (c *Claims) certify(ctx context.Context, issuer string) error {
	if err := c.emptyWallet(ctx); err != nil {
		return err
	}
	return c.ask(ctx, issuer)
}

func (c *Claims) emptyWallet(ctx context.Context) error {
	held, err := c.held(ctx)
	for _, h := range held {
		err = errors.Join(err, ours(c.Call(ctx, http.MethodDelete, "/credentials/"+url.PathEscape(h.ID), nil, nil)))
	}
	return err
}

// ask asks an issuer of ours for a membership and waits until it is held.
func (c *Claims) ask(ctx context.Context, issuer string, objects ...string) error {
	in := object{"issuer": issuer, "types": []string{membership}}
	if len(objects) > 0 {
		in = object{"issuer": issuer, "objects": objects}
	}
	var asked struct{ HolderPID, State string }
	if err := c.Post(ctx, "/credentials/requests", in, &asked); err != nil {
		return err
	}
	return poll(ctx, func() (bool, error) {
		err := c.Call(ctx, http.MethodGet, "/credentials/requests/"+url.PathEscape(asked.HolderPID), nil, &asked)
		if err == nil && asked.State == "REJECTED" {
			err = errors.New("the issuer rejects the request")
		}
		return asked.State == "ISSUED", err
	})
}

// holding is a credential of our wallet.
type holding struct{ ID, Credential, Profile, State string }

func (c *Claims) held(ctx context.Context) ([]holding, error) {
	var out struct{ Items []holding }
	return out.Items, ours(c.Call(ctx, http.MethodGet, "/credentials", nil, &out))
}

// refusal is the latest caller that our side turned away.
type refusal struct{ Check, Reason, Claimed, Route string }

// refusals are the latest callers of the EDC's name, newest first.
func (c *Claims) refusals(ctx context.Context) ([]refusal, error) {
	var out struct{ Items []refusal }
	err := c.Call(ctx, http.MethodGet, "/refusals?limit=1000&peer="+url.QueryEscape(c.EDC.ID), nil, &out)
	return out.Items, ours(err)
}

// lastRefusal is that of whoever claims to be somebody; empty if there is none.
func (c *Claims) lastRefusal(ctx context.Context, who string) (refusal, error) {
	var out struct{ Items []refusal }
	err := c.Call(ctx, http.MethodGet, "/refusals?limit=1&peer="+url.QueryEscape(who), nil, &out)
	if err != nil || len(out.Items) == 0 {
		return refusal{}, ours(err)
	}
	return out.Items[0], nil
}

// logged waits until the EDC has logged a text after a mark, and is empty
// where nothing is looked for.
func (c *Claims) logged(ctx context.Context, mark int, want string) error {
	if want == "" {
		return nil
	}
	short, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	var text string
	err := poll(short, func() (bool, error) {
		text = c.home.Log(Provider, 1<<30)[mark:]
		return strings.Contains(text, want), nil
	})
	if err != nil {
		return fmt.Errorf("the EDC did not log %q but:\n%.1500s", want, reasons(text))
	}
	return nil
}

// mark is where the EDC's log ends.
func (c *Claims) mark() int { return len(c.home.Log(Provider, 1<<30)) }

// reasons are the lines of a log that say why.
func reasons(log string) string {
	var found []string
	for line := range strings.Lines(log) {
		if !strings.HasPrefix(line, "\tat ") && strings.TrimSpace(line) != "" {
			found = append(found, line)
		}
	}
	return strings.Join(found, "")
}
