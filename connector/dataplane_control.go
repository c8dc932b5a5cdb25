// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/musubi-ods/musubi/connector/served"
	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/transfer/signaling"
	"github.com/musubi-ods/musubi/trust"
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

// contextOf finds the participant for which a control plane may ask.
func (p *DataPlane) contextOf(controlPlane, participant string) (string, bool) {
	for _, one := range p.cfg.Participants {
		if one.ID == participant && one.ControlPlane == controlPlane {
			return one.Context, true
		}
	}
	return "", false
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

// registrations are the chores that announce this plane.
func (p *DataPlane) registrations() (chores []chore) {
	for _, c := range p.cfg.ControlPlanes {
		if c.Register {
			chores = append(chores, chore{name: "registration with " + c.ID, do: func(ctx context.Context) (time.Time, error) {
				return p.now().Add(registerAgain), p.register(ctx, c)
			}})
		}
	}
	return chores
}

// registerAgain is when an announcement is repeated: the control plane may have
// lost it.
const registerAgain = 10 * time.Minute

func (p *DataPlane) register(ctx context.Context, c served.ControlPlane) error {
	body, err := signaling.Encode(&signaling.PlaneRegistration{
		DataplaneID: p.cfg.ID, Endpoint: p.signalingBase(), Profiles: p.profiles(), MetersBytes: true,
		Authorization: &signaling.Authorization{Type: signaling.AuthorizationHeader, Value: string(c.Inbound)},
	})
	if err != nil {
		return err
	}
	status, answer, err := p.call(ctx, c.ID, http.MethodPut, "/dataplanes", body)
	switch {
	case err != nil:
		return err
	case status/100 != 2:
		return refusedRegistration(c, status)
	}
	var said signaling.PlaneRegistered // another vendor's says nothing, or something else
	if json.Unmarshal(answer, &said) == nil && said.Verdicts {
		return p.server.Judges(ctx, c.ID)
	}
	return nil
}

// refusedRegistration says what to do about an answer that is no success.
func refusedRegistration(c served.ControlPlane, status int) error {
	err := &signaling.StatusError{Status: status}
	var hint string
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		hint = "outbound is no value that it knows: a connector of Musubi has the key in signaling.registration, without Bearer"
	case http.StatusNotFound:
		hint = "signaling is not where it takes registrations: a connector of Musubi does at {its address}/{context of the participant}/signaling"
	case http.StatusConflict:
		hint = "another data plane has registered there under this id: choose another id"
	default:
		return err
	}
	return fmt.Errorf("%w; controlPlanes: %s: %s", err, c.ID, hint)
}

func (p *DataPlane) signalingBase() string {
	if base := p.called.Load(); p.cfg.Signaling.PublicURL == "" && base != nil {
		return *base
	}
	return trimBase(p.cfg.Signaling.PublicURL)
}

// planeParticipants are those of the configuration.
type planeParticipants struct{ p *DataPlane }

// Participant implements web.Participants.
func (l planeParticipants) Participant(_ context.Context, contextID string) (trust.Participant, error) {
	for _, one := range l.p.cfg.Participants {
		if one.Context == contextID {
			return trust.Participant{Context: one.Context, ID: one.ID, PublicURL: l.p.urlOf(one), Profile: profileDCP}, nil
		}
	}
	return trust.Participant{}, trust.ErrUnknownParticipant
}

// publicURL is where a participant's data is reached.
func (p *DataPlane) publicURL(ctx context.Context, contextID string) (string, error) {
	one, err := planeParticipants{p}.Participant(ctx, contextID)
	return one.PublicURL, err
}

func (p *DataPlane) urlOf(one served.Participant) string {
	if one.PublicURL != "" {
		return trimBase(one.PublicURL)
	}
	base := trimBase(p.cfg.Data.PublicURL)
	if found := p.public.Load(); base == "" && found != nil {
		base = *found
	}
	return base + "/" + one.Context
}

// importKeys takes the operator's keys. One that is known is left.
func (p *DataPlane) importKeys(ctx context.Context) error {
	for _, one := range p.cfg.Participants {
		for use, key := range one.Keys {
			text := []byte(key.PEM)
			var err error
			if key.File != "" {
				text, err = os.ReadFile(key.File)
			}
			if err == nil {
				_, err = p.keys.Import(ctx, one.Context, use, text, p.now())
			}
			if err != nil {
				return fmt.Errorf("%w: participant %q: keys.%s: %w", ErrConfig, one.Context, use, err)
			}
		}
	}
	return nil
}
