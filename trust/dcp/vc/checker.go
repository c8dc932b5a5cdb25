// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
)

// Issuers says whether an issuer is believed for a type, and how strictly it
// is judged. An error is no verdict unless it is a *trust.Refusal.
type Issuers func(ctx context.Context, issuer string, credentialType string) (trusted bool, c trust.Conformance, err error)

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
	// Types are those asked for. Credentials of a presentation that have none
	// of them are left out and judged by their format alone, so that nobody is
	// called for them. Empty: all are judged.
	Types []string
}

func (w Want) asked(d *document) bool {
	return len(w.Types) == 0 || slices.ContainsFunc(d.Types, func(t string) bool { return slices.Contains(w.Types, t) })
}

// Presentation judges one entry of a presentation response and returns its
// credentials, proved but for their status. Errors are a *trust.Refusal, or
// wrap trust.ErrUnavailable.
func (c *Checker) Presentation(ctx context.Context, entry json.RawMessage, want Want) ([]Credential, error) {
	p, err := c.presentation(ctx, entry, want)
	if err != nil {
		return nil, from(want.Holder, nil, err)
	}
	list := make([]Credential, 0, len(p.credentials))
	for _, raw := range p.credentials {
		d, err := readOf(raw, p.profile)
		if err == nil && !want.asked(d) {
			continue
		}
		if err == nil {
			err = c.judge(ctx, d, want)
		}
		if err != nil {
			return nil, from(want.Holder, d, err)
		}
		list = append(list, d.Credential)
	}
	return list, nil
}

// Credential judges one credential that its issuer delivers or a holder
// presents. Of want, Holder and Issuers alone are looked at.
func (c *Checker) Credential(ctx context.Context, raw string, want Want) (Credential, error) {
	d, err := readOf(raw, "")
	if err == nil {
		err = c.judge(ctx, d, want)
	}
	if err != nil {
		return Credential{}, from(want.Holder, d, err)
	}
	return d.Credential, nil
}

// from completes a verdict with whom the proof claims to be from, and which
// credential is at fault, if it is one.
func from(holder string, d *document, err error) error {
	var refusal *trust.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	if refusal.Subject == "" {
		refusal.Subject = holder
	}
	if refusal.Credential == "" && d != nil {
		refusal.Credential = d.ID
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
