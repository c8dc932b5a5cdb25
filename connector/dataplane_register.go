// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/connector/served"
	"github.com/musubi-ods/musubi/transfer/signaling"
)

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
