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
	"os"
	"time"

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

func (p *DataPlane) controlPlane(id string) (ControlPlaneConfig, bool) {
	for _, c := range p.cfg.ControlPlanes {
		if c.ID == id {
			return c, true
		}
	}
	return ControlPlaneConfig{}, false
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
	var reader io.Reader = http.NoBody
	if body != nil {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, trimBase(c.Signaling)+path, reader)
	if err != nil {
		return 0, nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Outbound != "" {
		req.Header.Set("Authorization", string(c.Outbound))
	}
	resp, err := p.http.Operator.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxHeard))
	return resp.StatusCode, answer, err
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

func (p *DataPlane) register(ctx context.Context, c ControlPlaneConfig) error {
	body, err := signaling.Encode(&signaling.PlaneRegistration{
		DataplaneID: p.cfg.ID, Endpoint: p.signalingBase(), Profiles: p.profiles(), MetersBytes: true,
		Authorization: &signaling.Authorization{Type: signaling.AuthorizationHeader, Value: string(c.Inbound)},
	})
	if err != nil {
		return err
	}
	status, _, err := p.call(ctx, c.ID, http.MethodPut, "/dataplanes", body)
	if err == nil && status/100 != 2 {
		err = &signaling.StatusError{Status: status}
	}
	return err
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
			return trust.Participant{Context: one.Context, ID: one.ID, PublicURL: l.publicURL(one), Profile: profileDCP}, nil
		}
	}
	return trust.Participant{}, trust.ErrUnknownParticipant
}

func (l planeParticipants) publicURL(one PlaneParticipantConfig) string {
	if one.PublicURL != "" {
		return trimBase(one.PublicURL)
	}
	base := trimBase(l.p.cfg.Data.PublicURL)
	if found := l.p.public.Load(); base == "" && found != nil {
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
