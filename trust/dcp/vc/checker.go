// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
)

// leeway is how far the clocks of two sides may differ.
const leeway = 5 * time.Second

// Issuers says whether an issuer is believed for a type, and how strictly it
// is judged. An error is no verdict.
type Issuers func(ctx context.Context, issuer string, credentialType string) (trusted bool, c trust.Conformance, err error)

// Schemas judges what a credential says by a schema that it names;
// *schema.Fetcher outside of tests. The error is a verdict, or wraps
// trust.ErrUnavailable.
type Schemas interface {
	Validate(ctx context.Context, schema Schema, document json.RawMessage) error
}

// Checker judges presentations and their credentials: V52 to V78.
type Checker struct {
	DIDs did.Resolver
	// Schemas is asked about each schema that a credential names. Nil: a
	// credential that names one is refused.
	Schemas Schemas
	Now     func() time.Time
	// Relaxed is told each use of a relaxation; may be nil.
	Relaxed func(did, what string)
}

// Want is what a presentation must be.
type Want struct {
	Holder   string // who sent the self-issued token
	Audience string // we
	Issuers  Issuers
	// Conformance says how strictly the holder is judged.
	Conformance trust.Conformance
}

// Presentation judges one entry of a presentation response and returns its
// credentials, proved but for their status. Errors are a *trust.Refusal, or
// wrap trust.ErrUnavailable.
func (c *Checker) Presentation(ctx context.Context, entry json.RawMessage, want Want) ([]Credential, error) {
	p, err := c.presentation(ctx, entry, want)
	if err != nil {
		return nil, from(want.Holder, err)
	}
	list := make([]Credential, 0, len(p.credentials))
	for _, raw := range p.credentials {
		credential, err := c.credential(ctx, raw, p.profile, want)
		if err != nil {
			return nil, from(want.Holder, err)
		}
		list = append(list, credential)
	}
	return list, nil
}

// Credential judges one credential that its issuer delivers or a holder
// presents. Of want, Audience and Conformance are not looked at.
func (c *Checker) Credential(ctx context.Context, raw string, want Want) (Credential, error) {
	credential, err := c.credential(ctx, raw, "", want)
	return credential, from(want.Holder, err)
}

// from completes a verdict with whom the proof claims to be from.
func from(holder string, err error) error {
	var refusal *trust.Refusal
	if errors.As(err, &refusal) && refusal.Subject == "" {
		refusal.Subject = holder
	}
	return err
}

// pending reports a caller that waits no longer, before somebody is asked.
func pending(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", trust.ErrUnavailable, err)
	}
	return nil
}
