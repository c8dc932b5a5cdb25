// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import (
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// over reports whether a token has ended; exp itself is past it (RFC 7519,
// section 4.1.4).
func over(claims jose.Claims, now time.Time) bool {
	return claims.Has("exp") && !now.Before(claims.Expires.Add(dcp.Leeway))
}

func early(begin, now time.Time) bool { return now.Before(begin.Add(-dcp.Leeway)) }

// checkTimes is V57.
func (p *presentation) checkTimes(now time.Time, relax relaxation) error {
	ends := false
	for _, claims := range p.tokens {
		ends = ends || claims.Has("exp")
		switch {
		case over(claims, now):
			return trust.Refuse("V57", "it has ended at %s", claims.Expires.Format(time.RFC3339))
		case early(claims.NotBefore, now):
			return trust.Refuse("V57", "it begins at %s", claims.NotBefore.Format(time.RFC3339))
		case early(claims.IssuedAt, now):
			return trust.Refuse("V57", "it is issued at %s", claims.IssuedAt.Format(time.RFC3339))
		}
	}
	if !ends && (p.profile == VC11 || !relax.allows("the presentation has no end")) {
		return trust.Refuse("V57", "it has no end")
	}
	return nil
}

// checkDates is V70 to V74. The dates of the token and those of the credential
// are all judged: issuers give them different values.
func (d *document) checkDates(now time.Time) error {
	switch {
	case over(d.claims, now):
		return trust.Refuse("V70", "its token has ended at %s", d.Expires.Format(time.RFC3339))
	case d.datesErr != nil:
		return refusal(d.datesErr)
	case !d.ValidUntil.IsZero() && !now.Before(d.ValidUntil.Add(dcp.Leeway)):
		return trust.Refuse("V71", "it has ended at %s", d.ValidUntil.Format(time.RFC3339))
	case early(d.ValidFrom, now), early(d.claims.NotBefore, now), early(d.claims.IssuedAt, now):
		begin := later(d.ValidFrom, d.claims.NotBefore, d.claims.IssuedAt)
		return trust.Refuse("V72", "it begins at %s", begin.Format(time.RFC3339))
	case d.Profile == VC11 && !d.dated:
		return trust.Refuse("V73", "it has no issuanceDate")
	}
	return nil
}
