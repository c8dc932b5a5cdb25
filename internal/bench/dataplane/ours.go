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
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/freeport"
)

// settings is the configuration of a connector that is provider and consumer.
const settings = `store: "sqlite:%s"
devMode: true
protocol: {listen: "%s"}
management:
  listen: "%s"
  apiKeys: [only-for-this-measurement]
participants:
  - {context: seats, id: "urn:example:seats", name: "Seats (fictional)", profile: preshared}
  - {context: cars, id: "urn:example:cars", name: "Cars (fictional)", profile: preshared}
`

// serveOurs starts the binary and has it agree with itself on two datasets,
// the transfers of which are then open.
func serveOurs(ctx context.Context, dir, source string) (*server, error) {
	binary := filepath.Join(dir, "musubi")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, "./cmd/musubi")
	build.Env, build.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("go build ./cmd/musubi: %w (run it from the root of the module)", err)
	}
	protocol, err := freeport.Address()
	management, err2 := freeport.Address()
	config := filepath.Join(dir, "musubi.yaml")
	text := fmt.Sprintf(settings, filepath.Join(dir, "musubi.db"), protocol, management)
	if err := errors.Join(err, err2, os.WriteFile(config, []byte(text), 0o600)); err != nil {
		return nil, err
	}
	p, err := spawn(exec.Command(binary, "serve", "-config", config))
	if err != nil {
		return nil, err
	}
	stop := func() error { return p.stop(os.Interrupt) }
	targets, err := map[string]target{}, p.answers(ctx, management)
	if err == nil {
		targets, err = (&api{base: "http://" + management + "/api/v1/participants/", protocol: protocol}).trade(ctx, source)
	}
	if err != nil {
		return nil, errors.Join(err, stop(), errors.New(p.log.String()))
	}
	return &server{name: "musubi", cpu: p.cpu, stop: stop, target: func(l load) target { return targets[l.name] }}, nil
}

// api is the management API of our side.
type api struct{ base, protocol string }

// trade has the two participants agree, and returns where each load is pulled.
func (a *api) trade(ctx context.Context, source string) (map[string]target, error) {
	err := errors.Join(a.introduce(ctx, "seats", "cars"), a.introduce(ctx, "cars", "seats"))
	if err != nil {
		return nil, err
	}
	targets := map[string]target{}
	for _, l := range loads {
		if targets[l.name], err = a.agree(ctx, l, source); err != nil {
			return nil, fmt.Errorf("agreeing on %s: %w", l.name, err)
		}
	}
	return targets, nil
}

func (a *api) introduce(ctx context.Context, us, peer string) error {
	return a.call(ctx, http.MethodPut, us+"/peers/"+url.PathEscape("urn:example:"+peer), map[string]any{
		"url": "http://" + a.protocol + "/" + peer + "/dsp/2025-1", "inbound": "Bearer " + peer + "-to-" + us, "outbound": "Bearer " + us + "-to-" + peer,
	}, nil)
}

func (a *api) agree(ctx context.Context, l load, source string) (target, error) {
	// A constraint, so that the policy is judged and not only found.
	use := map[string]any{"permission": []any{map[string]any{"action": "use", "constraint": []any{map[string]any{
		"leftOperand": "dateTime", "operator": "lt", "rightOperand": map[string]any{"@value": "2099-01-01T00:00:00Z", "@type": "xsd:dateTime"},
	}}}}}
	err := a.call(ctx, http.MethodPost, "seats/catalog", map[string]any{
		"assets": []any{map[string]any{"id": l.name, "source": map[string]any{"type": "http", "url": "http://" + source + path(l)}}},
		"offers": []any{map[string]any{"id": "offer-" + l.name, "assets": map[string]any{"ids": []string{l.name}}, "access": use, "usage": use}},
	}, nil)
	if err != nil {
		return target{}, err
	}
	var process struct{ ID, State, AgreementID string }
	if err := a.call(ctx, http.MethodPost, "cars/negotiations", map[string]any{"peer": "urn:example:seats", "dataset": l.name}, &process); err != nil {
		return target{}, err
	}
	negotiation := "cars/negotiations/" + url.PathEscape(process.ID)
	if err := a.until(ctx, func() (bool, error) {
		err := a.call(ctx, http.MethodGet, negotiation, nil, &process)
		return process.State == "FINALIZED", err
	}); err != nil {
		return target{}, err
	}
	in := map[string]any{"agreement": process.AgreementID, "format": "HttpData-PULL"}
	if err := a.call(ctx, http.MethodPost, "cars/transfers", in, &process); err != nil {
		return target{}, err
	}
	var address struct {
		Endpoint   string
		Properties []struct{ Name, Value string }
	}
	err = a.until(ctx, func() (bool, error) {
		err := a.call(ctx, http.MethodGet, "cars/transfers/"+url.PathEscape(process.ID)+"/address", nil, &address)
		var no *refusal
		if errors.As(err, &no) && no.status == http.StatusConflict {
			return false, nil // not yet
		}
		return address.Endpoint != "", err
	})
	if err != nil {
		return target{}, err
	}
	t := target{address: a.protocol}
	if u, err := url.Parse(address.Endpoint); err == nil {
		t.path = u.EscapedPath()
	}
	for _, p := range address.Properties {
		if strings.HasSuffix(p.Name, "authorization") {
			t.authorization = "Bearer " + p.Value
		}
	}
	return t, nil
}

// until asks again until it is so.
func (a *api) until(ctx context.Context, is func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, giveUp)
	defer cancel()
	for {
		ok, err := is()
		if ok || err != nil {
			return err
		}
		pause(ctx, 20*time.Millisecond)
		if ctx.Err() != nil {
			return fmt.Errorf("it did not happen within %v", giveUp)
		}
	}
}

// refusal is an answer that says no.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return fmt.Sprintf("status %d: %.500s", r.status, r.text) }

func (a *api) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("X-Api-Key", "only-for-this-measurement")
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %w", method, path, &refusal{resp.StatusCode, string(text)})
	}
	if out == nil || len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, out)
}
