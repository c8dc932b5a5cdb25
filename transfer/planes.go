// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"errors"

	"github.com/musubi-ods/musubi/internal/engine"
)

// Planes finds the data plane of a format. There need not be one for the
// consumer's role; without one for the provider's, a format is not supported.
type Planes interface {
	Plane(contextID, format, role string) (DataPlane, bool)
}

// Fleet is a Planes in which several planes may serve a format. Set is one.
type Fleet interface {
	Planes
	// Choose names the plane for a flow that is about to begin, by its context,
	// role, format and labels; the empty name is that of the plane that Plane
	// returns. ok is false if there is none.
	Choose(f Flow) (name string, ok bool)
	// Named returns the plane that Choose named before, also one that no new
	// flow is given to.
	Named(contextID, name string) (DataPlane, bool)
}

// Formats is Planes for a provider whose formats do not differ by participant.
type Formats map[string]DataPlane

// Plane implements Planes.
func (f Formats) Plane(_, format, role string) (DataPlane, bool) {
	p, ok := f[format]
	return p, ok && role == string(provider)
}

// choose picks the plane of a new process.
func choose(p Planes, f Flow) (name string, ok bool) {
	if fleet, many := p.(Fleet); many {
		return fleet.Choose(f)
	}
	_, ok = p.Plane(f.Context, f.Format, f.Role)
	return "", ok
}

// planeOf is the plane of a process.
func planeOf(p Planes, r engine.Record, d data) (DataPlane, bool) {
	if fleet, many := p.(Fleet); many && d.Plane != "" {
		return fleet.Named(r.Context, d.Plane)
	}
	return p.Plane(r.Context, d.Format, string(r.Role))
}

// Registered is a data plane that introduced itself, as it is kept.
type Registered struct {
	Context string // the participant that it works for
	ID      string
	Doc     []byte // what else is known of it: secret
}

// PlaneStore keeps data planes that introduced themselves.
type PlaneStore interface {
	// PutPlane adds one, or replaces the one of its context and id.
	PutPlane(ctx context.Context, p Registered) error
	// RegisteredPlanes are those of all participants.
	RegisteredPlanes(ctx context.Context) ([]Registered, error)
	// DropPlane forgets one as it was read. It is no error if there is none.
	// ErrPlaneChanged.
	DropPlane(ctx context.Context, p Registered) error
}

// ErrPlaneChanged: something else is kept of the data plane by now.
var ErrPlaneChanged = errors.New("the data plane has changed")
