// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"errors"
	"fmt"
)

// Errors of what people ask for.
var (
	// ErrNoIssuer: the participant issues nothing.
	ErrNoIssuer = errors.New("the participant is no issuer")
	// ErrUnknownObject: nothing of this name is issued.
	ErrUnknownObject = errors.New("no such credential is issued")
	// ErrDecided: the request is not one that waits for a decision. It is an
	// ErrChanged too.
	ErrDecided = fmt.Errorf("the request is decided already: %w", ErrChanged)
	// ErrClaims: the claims do not make a credential of the type. It wraps the
	// trust.Faults of a form, or the *trust.Refusal that a verifier would give.
	ErrClaims = errors.New("the claims are not good for the credential")
	// ErrRevoked: revoked credentials stay so. It is an ErrChanged too.
	ErrRevoked = fmt.Errorf("the credential is revoked: %w", ErrChanged)
	// ErrNoSuspension: the credential has no suspension status.
	ErrNoSuspension = errors.New("the credential was issued without a suspension status")
	// ErrHolder: the holder's wallet did not take a message.
	ErrHolder = errors.New("the holder's wallet did not take the message")
)
