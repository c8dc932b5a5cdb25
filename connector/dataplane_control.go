// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/musubi-ods/musubi/connector/served"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

// caller finds the control plane that sends a request, by what it shows.
func (p *DataPlane) caller(r *http.Request) (string, error) {
	shown := sha256.Sum256([]byte(r.Header.Get("Authorization")))
	found := ""
	for _, c := range p.cfg.ControlPlanes { // all of them, so that time tells nothing
		expected := sha256.Sum256([]byte(c.Inbound))
		if subtle.ConstantTimeCompare(shown[:], expected[:]) == 1 {
			found = c.ID
		}
	}
	if found == "" {
		return "", errors.New("no control plane sends this")
	}
	return found, nil
}

func (p *DataPlane) controlPlane(id string) (served.ControlPlane, bool) {
	for _, c := range p.cfg.ControlPlanes {
		if c.ID == id {
			return c, true
		}
	}
	return served.ControlPlane{}, false
}

// rules says how far a control plane's verdicts are asked for.
func (p *DataPlane) rules(controlPlane string) signaling.Rule {
	c, _ := p.controlPlane(controlPlane)
	switch c.Verdicts {
	case verdictsNever:
		return signaling.SignalsAlone
	case verdictsRequired:
		return signaling.VerdictsRequired
	}
	return signaling.VerdictsWhereOffered
}

// maxHeard bounds what a control plane answers, in bytes.
const maxHeard = 64 << 10

// call calls a control plane.
func (p *DataPlane) call(ctx context.Context, controlPlane, method, path string, body []byte) (int, []byte, error) {
	c, ok := p.controlPlane(controlPlane)
	if !ok {
		return 0, nil, fmt.Errorf("the control plane %q is not configured any more", controlPlane)
	}
	base, client, credential, err := p.reach(ctx, c)
	if err != nil {
		return 0, nil, err
	}
	var reader io.Reader = http.NoBody
	if body != nil {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, base+path, reader)
	if err != nil {
		return 0, nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if credential != nil {
		value, err := credential.Value(ctx)
		if err != nil {
			return 0, nil, fmt.Errorf("our credential for the control plane: %w", err)
		}
		req.Header.Set("Authorization", value)
	}
	resp, err := client.Do(req)
	if err == nil && resp.StatusCode == http.StatusUnauthorized && credential != nil {
		credential.Forget()
	}
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxHeard))
	return resp.StatusCode, answer, err
}

// reach is where a control plane is called, by which way out and with what: as
// it registered, or else as it is configured.
func (p *DataPlane) reach(ctx context.Context, c served.ControlPlane) (string, *safehttp.Client, signaling.Credential, error) {
	said, err := p.store.ControlPlane(ctx, c.ID)
	switch {
	case errors.Is(err, signaling.ErrNoControlPlane):
		if c.Outbound == "" {
			return trimBase(c.Signaling), p.http.Operator, nil, nil
		}
		return trimBase(c.Signaling), p.http.Operator, signaling.Fixed(c.Outbound), nil
	case err != nil:
		return "", nil, nil, err
	}
	client := p.http.Foreign
	if sameOrigin(said.Endpoint, c.Signaling) {
		client = p.http.Operator
	}
	p.credentialsMu.Lock()
	defer p.credentialsMu.Unlock()
	known, ok := p.credentials[c.ID]
	if !ok || known.endpoint != said.Endpoint || said.Authorization == nil || known.of != *said.Authorization {
		known = registeredCredential{endpoint: said.Endpoint, Credential: signaling.CredentialOf(said.Authorization, p.http.Foreign, p.now)}
		if said.Authorization != nil {
			known.of = *said.Authorization
		}
		if p.credentials == nil {
			p.credentials = map[string]registeredCredential{}
		}
		p.credentials[c.ID] = known
	}
	if known.Credential == nil && c.Outbound != "" {
		return trimBase(said.Endpoint), client, signaling.Fixed(c.Outbound), nil
	}
	return trimBase(said.Endpoint), client, known.Credential, nil
}

// registeredCredential is a credential, and what it was made of.
type registeredCredential struct {
	endpoint string
	of       signaling.Authorization
	signaling.Credential
}

// checkControlPlane judges an endpoint that a control plane names for itself.
func (p *DataPlane) checkControlPlane(controlPlane, endpoint string) error {
	if c, ok := p.controlPlane(controlPlane); ok && sameOrigin(endpoint, c.Signaling) {
		return checkBase("endpoint", endpoint)
	}
	_, err := p.http.Foreign.CheckURL(endpoint)
	return err
}

// sameOrigin reports whether two URLs are of one scheme, host and port.
func sameOrigin(a, b string) bool {
	one, err := url.Parse(a)
	other, failed := url.Parse(b)
	return err == nil && failed == nil && one.Scheme == other.Scheme && one.Host == other.Host && one.Host != ""
}
