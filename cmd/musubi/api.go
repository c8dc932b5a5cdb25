// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/connector"
)

// api is the management API of a running connector.
type api struct {
	base, key   string // base ends before /api/v1
	participant string
	client      *http.Client
}

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 16 << 20

// apiCommand is a command that calls the management API.
type apiCommand struct {
	name        string
	args        string   // for the usage
	least, most int      // how many arguments are no flags; most < 0: any number
	takes       []string // flags besides those that say where the API is
	needs       string   // the flag without which there is nothing to do, or ""
	run         func(ctx context.Context, a *api, o options) error
}

// through reads the arguments of a command, connects and runs it.
func (p program) through(c apiCommand) command {
	return func(ctx context.Context, args []string) error {
		o, err := p.parse(c.name, args, append([]string{"config", "api", "participant"}, c.takes...)...)
		if err != nil {
			return err
		}
		if c.needs != "" && *flags[c.needs].to(&o) == "" {
			o.rest, c.least = nil, 1 // the usage is shown
		}
		if err := p.wants(c.name, o, c.least, c.most, c.args); err != nil {
			return err
		}
		a, err := p.connect(ctx, o)
		if err != nil {
			return err
		}
		return c.run(ctx, a, o)
	}
}

// connect finds the connector that the configuration or -api names, and the
// participant.
func (p program) connect(ctx context.Context, o options) (*api, error) {
	cfg, err := connector.Load(o.config, p.getenv)
	if err != nil {
		return nil, err
	}
	// A redirect would take the key along to wherever it points.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	a := &api{base: strings.TrimRight(o.api, "/"), client: &http.Client{Timeout: time.Minute, CheckRedirect: stay}}
	if a.base == "" {
		scheme := "http://"
		if cfg.Management.TLS.CertFile != "" {
			scheme = "https://"
		}
		a.base = scheme + cfg.Management.Listen
	}
	if len(cfg.Management.APIKeys) == 0 {
		return nil, errors.New("the management API needs a key: set MUSUBI_API_KEY, or management.apiKeys in the file that -config names")
	}
	a.key = string(cfg.Management.APIKeys[0])
	a.participant, err = a.theOne(ctx, o.participant)
	return a, err
}

// theOne is the participant that is meant.
func (a *api) theOne(ctx context.Context, named string) (string, error) {
	if named != "" {
		return named, nil
	}
	var all struct {
		Items []struct {
			Context string `json:"context"`
		} `json:"items"`
	}
	if err := a.call(ctx, http.MethodGet, "/api/v1/participants", nil, &all); err != nil {
		return "", err
	}
	if len(all.Items) == 1 {
		return all.Items[0].Context, nil
	}
	var names []string
	for _, item := range all.Items {
		names = append(names, item.Context)
	}
	return "", fmt.Errorf("say which participant is meant, with -participant; there are: %s", strings.Join(names, ", "))
}

// listed returns all items of a list below the participant, however many pages
// it has.
func listed[T any](ctx context.Context, a *api, path string, query url.Values) ([]T, error) {
	return paged[T](ctx, a, path, "before", query)
}

// paged is listed for a list whose next page is asked for by another
// parameter.
func paged[T any](ctx context.Context, a *api, path, next string, query url.Values) ([]T, error) {
	var all []T
	for {
		var page struct {
			Items []T
			Next  string
		}
		if err := a.do(ctx, http.MethodGet, path+"?"+query.Encode(), nil, &page); err != nil {
			return nil, err
		}
		if all = append(all, page.Items...); page.Next == "" {
			return all, nil
		}
		if query == nil {
			query = url.Values{}
		}
		query.Set(next, page.Next)
	}
}

// do calls a path below the participant.
func (a *api) do(ctx context.Context, method, path string, in, out any) error {
	return a.call(ctx, method, a.path(path), in, out)
}

// path is one below the participant.
func (a *api) path(rest string) string {
	return "/api/v1/participants/" + url.PathEscape(a.participant) + rest
}

// send sends a request. Close the body of the answer.
func (a *api) send(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	return a.sendBody(ctx, a.client, method, path, "application/json", body)
}

func (a *api) sendBody(ctx context.Context, client *http.Client, method, path, mediaType string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Api-Key", a.key)
	req.Header.Set("Content-Type", mediaType)
	resp, err := client.Do(req)
	var unread *inputError
	switch {
	case err == nil:
		return resp, nil
	case errors.As(err, &unread):
		return nil, unread
	case ctx.Err() != nil:
		return nil, errors.New("interrupted; what was asked for may have been done all the same")
	}
	return nil, fmt.Errorf("no connector answers at %s: %w; start it with: musubi serve", a.base, err)
}

func (a *api) call(ctx context.Context, method, path string, in, out any) error {
	resp, err := a.send(ctx, method, path, in)
	if err != nil {
		return err
	}
	return a.read(resp, out)
}

// stream calls a path below the participant with lines of JSON, however long
// that takes.
func (a *api) stream(ctx context.Context, method, path string, body io.Reader, out any) error {
	patient := *a.client
	patient.Timeout = 0
	resp, err := a.sendBody(ctx, &patient, method, a.path(path), "application/jsonl", body)
	if err != nil {
		return err
	}
	return a.read(resp, out)
}

// read reads an answer.
func (a *api) read(resp *http.Response, out any) error {
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("reading the answer of %s: %w", a.base, err)
	}
	if resp.StatusCode/100 != 2 {
		return refusal(resp.StatusCode, text)
	}
	if out == nil || len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("the answer of %s is not one of a connector: %w", a.base, err)
	}
	return nil
}

// refusal puts an error of the API into words.
func refusal(status int, text []byte) error {
	var e struct{ Code, Message, Hint, SupportID string }
	if json.Unmarshal(text, &e) != nil || e.Message == "" {
		return fmt.Errorf("the connector answered with status %d", status)
	}
	words := e.Message
	if e.Hint != "" {
		words += " (" + e.Hint + ")"
	}
	return fmt.Errorf("%s; support id %s", words, e.SupportID)
}
