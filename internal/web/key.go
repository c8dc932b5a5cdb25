// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"

	"github.com/musubi-ods/musubi/trust"
)

// key is the type of what this package keeps in a request's context: nobody
// else can put anything there, so that what is found was proved here.
type key int

const (
	keyRequestID key = iota
	keyParticipant
	keyClaims
	keyUse
	keyStopping
)

// requestID names the request in logs and to the caller.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(keyRequestID).(string)
	return id
}

// participantOf is the participant that is called; proved by
// participantExists, without which it panics.
func participantOf(ctx context.Context) trust.Participant {
	return ctx.Value(keyParticipant).(trust.Participant) //nolint:forcetypeassert // a route without the middleware must not serve anyone
}

// useOf is the use of the caller's proof, to be settled; nil where it is.
func useOf(ctx context.Context) *trust.Use {
	use, _ := ctx.Value(keyUse).(*trust.Use)
	return use
}

// claimsOf is what was proved of the caller; proved by authenticated, without
// which it panics.
func claimsOf(ctx context.Context) trust.Claims {
	return ctx.Value(keyClaims).(trust.Claims) //nolint:forcetypeassert // a route without the middleware must not serve anyone
}
