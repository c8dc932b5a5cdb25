// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"time"

	"github.com/musubi-ods/musubi/transfer/signaling"
)

// Dataplanes are the data planes beside the built-in ones; *signaling.Registry.
type Dataplanes interface {
	List(contextID string) []signaling.Known
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
	Retired    bool      `json:"retired,omitempty"`
	Registered time.Time `json:"registered,omitzero"`
	Answered   time.Time `json:"answered,omitzero"`
	Failed     time.Time `json:"failed,omitzero"`
	Error      string    `json:"error,omitempty"`
}

func viewDataplane(k signaling.Known) dataplaneView {
	v := dataplaneView{
		ID: k.ID, Endpoint: k.Endpoint, Profiles: k.Profiles, Roles: k.Roles, Labels: k.Labels, Source: "registration",
		MetersBytes: k.MetersBytes, Ready: k.Health.Ready && !k.Retired, Retired: k.Retired, Registered: k.Registered,
		Answered: k.Health.Answered, Failed: k.Health.Failed, Error: k.Health.Error,
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
	if c.m.Dataplanes != nil {
		for _, k := range c.m.Dataplanes.List(c.contextID) {
			list = append(list, viewDataplane(k))
		}
	}
	return answer{body: map[string]any{"items": list}}, nil
}
