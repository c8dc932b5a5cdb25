// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/transfer/signaling"
)

// Dataplanes are the data planes beside the built-in ones; *signaling.Registry.
type Dataplanes interface {
	List(contextID string) []signaling.Known
	// Remove forgets a retired one. signaling.ErrNoPlane, ErrPlaneActive,
	// ErrPlaneLeaving, ErrPlaneBusy.
	Remove(ctx context.Context, contextID, id string) error
}

type dataplaneView struct {
	ID       string   `json:"id"`
	Endpoint string   `json:"endpoint"`
	Profiles []string `json:"profiles"`
	Roles    []string `json:"roles,omitempty"`
	Labels   []string `json:"labels,omitempty"`
	// Source is configuration or registration.
	Source        string `json:"source"`
	Authorization string `json:"authorization,omitempty"` // the type alone
	MetersBytes   bool   `json:"metersBytes,omitempty"`
	// Ready: it is given new flows.
	Ready      bool      `json:"ready"`
	Retired    bool      `json:"retired,omitempty"` // it is given none any more
	Registered time.Time `json:"registered,omitzero"`
	Answered   time.Time `json:"answered,omitzero"`
	Failed     time.Time `json:"failed,omitzero"`
	// FailingSince: it has not answered from then on.
	FailingSince time.Time `json:"failingSince,omitzero"`
	Error        string    `json:"error,omitempty"`
}

func viewDataplane(k signaling.Known) dataplaneView {
	v := dataplaneView{
		ID: k.ID, Endpoint: k.Endpoint, Profiles: k.Profiles, Roles: k.Roles, Labels: k.Labels, Source: "registration",
		MetersBytes: k.MetersBytes, Ready: k.Health.Ready && !k.Retired, Retired: k.Retired, Registered: k.Registered,
		Answered: k.Health.Answered, Failed: k.Health.Failed, FailingSince: k.Health.Since, Error: k.Health.Error,
	}
	if k.Configured {
		v.Source = "configuration"
	}
	if k.Authorization != nil {
		v.Authorization = k.Authorization.Type
	}
	return v
}

func listDataplanes(c *call) (answer, error) {
	list := []dataplaneView{}
	all, err := c.flag("all")
	if err == nil && c.m.Dataplanes != nil {
		for _, k := range c.m.Dataplanes.List(c.contextID) {
			if all || !k.Left {
				list = append(list, viewDataplane(k))
			}
		}
	}
	return answer{body: map[string]any{"items": list}}, err
}

func removeDataplane(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	err = signaling.ErrNoPlane
	if c.m.Dataplanes != nil {
		err = c.m.Dataplanes.Remove(c.ctx, c.contextID, id)
	}
	switch {
	case errors.Is(err, signaling.ErrNoPlane):
		return answer{}, problemf(http.StatusNotFound, "data-plane-unknown", "there is no data plane %.80q beside the built-in ones", id).
			hint("GET dataplanes?all=true lists those that there are")
	case errors.Is(err, signaling.ErrPlaneActive):
		return answer{}, problemf(http.StatusConflict, "data-plane-active", "the data plane %.80q is not retired", id).
			hint("have it unregister (DELETE .../signaling/dataplanes/{id}), or take its key or itself out of the configuration")
	case errors.Is(err, signaling.ErrPlaneLeaving):
		return answer{}, problemf(http.StatusConflict, "data-plane-busy", "%v, and another replica may still give it a transfer", signaling.ErrPlaneLeaving).
			hint("try again in half a minute")
	case errors.Is(err, signaling.ErrPlaneBusy):
		return answer{}, problemf(http.StatusConflict, "data-plane-busy", "%v", err).
			hint("complete or terminate what it has; GET transfers shows dataplane")
	}
	return answer{}, err
}
