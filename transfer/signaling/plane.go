// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/url"
	"strings"
	"time"
)

// Plane is a data plane that a control plane knows.
type Plane struct {
	ID      string `json:"id"`
	Context string `json:"-"` // the participant that it works for; empty: all
	// Endpoint is the base URL of its signaling interface.
	Endpoint string   `json:"endpoint"`
	Profiles []string `json:"profiles"` // the formats that it serves
	Roles    []string `json:"roles,omitempty"`
	Labels   []string `json:"labels,omitempty"`
	// Authorization is how we call it.
	Authorization *Authorization `json:"authorization,omitempty"`
	// KeyHash is that of the value of the header Authorization by which it calls
	// us (HashKey). Without one it cannot, unless Anonymous lets it.
	KeyHash     string    `json:"keyHash,omitempty"`
	Anonymous   bool      `json:"anonymous,omitempty"`
	MetersBytes bool      `json:"metersBytes,omitempty"`
	Retired     bool      `json:"retired,omitempty"` // it unregistered: it is given no new flow
	Registered  time.Time `json:"registered,omitzero"`
	// RetiredAt is from when on no replica that knows of it gives it a new flow.
	RetiredAt time.Time `json:"retiredAt,omitzero"`
	// Configured: it is in the configuration, and cannot be registered anew.
	Configured bool `json:"-"`
}

// Known is a Plane and how it answers.
type Known struct {
	Plane       // Retired: it is given no new flow, for either reason
	Left   bool // it unregistered by itself, rather than that its key was revoked
	Health Health
}

// Errors of a registration.
var (
	// ErrPlaneTaken: the id is that of a plane that somebody else registered, or
	// of one in the configuration.
	ErrPlaneTaken = errors.New("there is another data plane of this id")
	// ErrNoPlane: there is no such plane, or it is another's.
	ErrNoPlane = errors.New("there is no such data plane")
)

// HashKey is what is kept of the value of a header Authorization. That may be a
// bearer token, or the token alone.
func HashKey(value string) string {
	const scheme = "bearer "
	if len(value) > len(scheme) && strings.EqualFold(value[:len(scheme)], scheme) {
		value = value[len(scheme):]
	}
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:])
}

func (p Plane) check() error {
	m := PlaneRegistration{DataplaneID: p.ID, Endpoint: p.Endpoint, Profiles: p.Profiles, Authorization: p.Authorization, Labels: p.Labels, Roles: p.Roles}
	if err := m.usable(); err != nil {
		return err
	}
	u, err := url.Parse(p.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return invalid("the endpoint %.200q is not the plain base URL of an HTTP service", p.Endpoint)
	}
	return nil
}

func sameHash(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
