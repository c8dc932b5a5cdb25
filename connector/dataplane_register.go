// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"encoding/json"
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
		return &signaling.StatusError{Status: status}
	}
	var said signaling.PlaneRegistered // another vendor's says nothing, or something else
	if json.Unmarshal(answer, &said) == nil && said.Verdicts {
		return p.server.Judges(ctx, c.ID)
	}
	return nil
}

func (p *DataPlane) signalingBase() string {
	if base := p.called.Load(); p.cfg.Signaling.PublicURL == "" && base != nil {
		return *base
	}
	return trimBase(p.cfg.Signaling.PublicURL)
}
