// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"fmt"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/transfer/signaling"
	"github.com/musubi-ods/musubi/trust"
)

// RemotePlaneConfig is a data plane beside the built-in one, of any vendor, that
// is driven by Data Plane Signaling (docs/data-planes.md).
type RemotePlaneConfig struct {
	// ID is our name of it. The flows that it was given stay with this name.
	ID string `yaml:"id"`
	// Endpoint is the base URL of its signaling interface.
	Endpoint string `yaml:"endpoint"`
	// Profiles are the formats that it serves.
	Profiles []string `yaml:"profiles"`
	// Roles are ours in the transfers that it serves: consumer, provider; none:
	// both.
	Roles []string `yaml:"roles"`
	// Labels are those that an asset may ask for.
	Labels []string `yaml:"labels"`
	// Participant is the context of the one that it works for; default: all.
	Participant string `yaml:"participant"`
	// Authorization is the value of the header Authorization by which we call it.
	Authorization Secret `yaml:"authorization"`
	// OAuth2 are client credentials for the same, in place of Authorization.
	OAuth2 struct {
		TokenEndpoint string `yaml:"tokenEndpoint"`
		ClientID      string `yaml:"clientId"`
		ClientSecret  Secret `yaml:"clientSecret"`
	} `yaml:"oauth2"`
	// Key is the one by which it calls us: Authorization: Bearer and the key, or
	// the key alone. Anonymous lets anybody call in its name, for tests.
	Key       Secret `yaml:"key"`
	Anonymous bool   `yaml:"anonymous"`
	// MetersBytes: it counts what it sends, as ours do. Without it, it serves no
	// offer that limits bytes.
	MetersBytes bool `yaml:"metersBytes"`
}

// Signaling is where data planes call their control plane.
type Signaling struct {
	// Listener is one for data planes alone. Without Listen they call the
	// protocol listener. The paths are the same.
	Listener `yaml:",inline"`
	// Dataspace is its name, as data planes are told it; default: that of the
	// participant's identity.
	Dataspace string `yaml:"dataspace"`
	// Registration are the keys by which data planes may register themselves.
	Registration []struct {
		Key Secret `yaml:"key"`
		// Participant is the context of the one with which they may; default:
		// any.
		Participant string `yaml:"participant"`
	} `yaml:"registration"`
}

func (c Config) checkDataplanes() error {
	seen := map[[2]string]bool{}
	for _, d := range c.Dataplanes {
		if err := d.validate(); err != nil {
			return err
		}
		if seen[[2]string{d.Participant, d.ID}] {
			return fmt.Errorf("data plane %q is there twice", d.ID)
		}
		seen[[2]string{d.Participant, d.ID}] = true
	}
	for at := range seen {
		if at[0] != "" && seen[[2]string{"", at[1]}] {
			return fmt.Errorf("data plane %q is one of all participants and one of %s; give one of the two another id", at[1], at[0])
		}
	}
	for i, r := range c.Signaling.Registration {
		switch {
		case len(r.Key) < leastKey:
			return fmt.Errorf("signaling.registration: key number %d is shorter than %d characters; make one with: openssl rand -hex 32", i+1, leastKey)
		case r.Participant != "" && !trust.ValidSlug(r.Participant):
			return fmt.Errorf("signaling.registration: participant %q is no context", r.Participant)
		}
	}
	if c.Signaling.Listen == "" {
		return nil
	}
	return c.Signaling.validate("signaling", c.DevMode)
}

// strangers are the members about data planes that name a participant that is
// not there, with its context: it may be added later, or be a slip.
func (c Config) strangers(all []trust.Participant) (found [][2]string) {
	look := func(member, contextID string) {
		if contextID != "" && !slices.ContainsFunc(all, func(p trust.Participant) bool { return p.Context == contextID }) {
			found = append(found, [2]string{member, contextID})
		}
	}
	for _, d := range c.Dataplanes {
		look("dataplanes: "+d.ID, d.Participant)
	}
	for i, r := range c.Signaling.Registration {
		look(fmt.Sprintf("signaling.registration: number %d", i+1), r.Participant)
	}
	return found
}

// leastKey is how long a key of a data plane is at least, in characters.
const leastKey = 16

func (d RemotePlaneConfig) validate() error {
	oauth := d.OAuth2.TokenEndpoint+d.OAuth2.ClientID+string(d.OAuth2.ClientSecret) != ""
	switch {
	case d.ID == "":
		return fmt.Errorf("a data plane has no id")
	case len(d.Profiles) == 0:
		return fmt.Errorf("data plane %q: profiles is missing; name the formats that it serves, such as HttpData-PULL", d.ID)
	case d.Participant != "" && !trust.ValidSlug(d.Participant):
		return fmt.Errorf("data plane %q: participant %q is no context", d.ID, d.Participant)
	case d.Authorization != "" && oauth:
		return fmt.Errorf("data plane %q: give either authorization or oauth2", d.ID)
	case oauth && (d.OAuth2.TokenEndpoint == "" || d.OAuth2.ClientID == "" || d.OAuth2.ClientSecret == ""):
		return fmt.Errorf("data plane %q: oauth2 needs tokenEndpoint, clientId and clientSecret", d.ID)
	case d.Key != "" && d.Anonymous:
		return fmt.Errorf("data plane %q: with a key it is not anonymous; leave one of the two out", d.ID)
	case d.Key != "" && len(d.Key) < leastKey:
		return fmt.Errorf("data plane %q: key is shorter than %d characters; make one with: openssl rand -hex 32", d.ID, leastKey)
	case strings.ContainsAny(string(d.Authorization), "\r\n"):
		return fmt.Errorf("data plane %q: authorization has more than one line", d.ID)
	}
	for _, role := range d.Roles {
		if role != "consumer" && role != "provider" {
			return fmt.Errorf("data plane %q: there is no role %q; write consumer or provider", d.ID, role)
		}
	}
	return checkBase("data plane "+d.ID+": endpoint", d.Endpoint)
}

func (d RemotePlaneConfig) plane() signaling.Plane {
	p := signaling.Plane{
		ID: d.ID, Context: d.Participant, Endpoint: d.Endpoint, Profiles: d.Profiles, Roles: d.Roles, Labels: d.Labels,
		Anonymous: d.Anonymous, MetersBytes: d.MetersBytes,
	}
	if d.Key != "" {
		p.KeyHash = signaling.HashKey(string(d.Key))
	}
	switch {
	case d.Authorization != "":
		p.Authorization = &signaling.Authorization{Type: signaling.AuthorizationHeader, Value: string(d.Authorization)}
	case d.OAuth2.TokenEndpoint != "":
		p.Authorization = &signaling.Authorization{
			Type: signaling.AuthorizationClientCredentials, TokenEndpoint: d.OAuth2.TokenEndpoint,
			ClientID: d.OAuth2.ClientID, ClientSecret: string(d.OAuth2.ClientSecret),
		}
	}
	return p
}
