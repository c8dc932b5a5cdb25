// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// judge builds the one evaluator of policies, which the catalogue,
// negotiations, transfers and explanations share.
func (c *Connector) judge(o options) *policy.Judge {
	return &policy.Judge{Registry: o.terms, Now: c.now, Recheck: c.recheck}
}

// recheck judges credentials again that were proved before. A profile without
// credentials has nothing that could be revoked.
func (c *Connector) recheck(ctx context.Context, contextID string, claims trust.Claims, maxAge time.Duration) error {
	if claims.Profile != profileDCP {
		return nil
	}
	return c.identity.verifier.Recheck(ctx, contextID, claims, maxAge)
}
