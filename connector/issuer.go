// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"encoding/json"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
)

// issuedSchemas are the published schemas of what our own types say
// (docs/credentials), for the issuer's metadata.
var issuedSchemas = map[string]string{
	trust.MembershipCredential:         trust.CredentialsContext + "/membership.schema.json",
	trust.CorporateIdentityCredential:  trust.CredentialsContext + "/corporate-identity.schema.json",
	trust.SecurityEvaluationCredential: trust.CredentialsContext + "/security-evaluation.schema.json",
}

// Issuer is a participant as an issuer of credentials, and as the authority
// that signs a trust list.
type Issuer struct {
	c       *Connector
	context string
}

// Issuer returns the participant's issuer service. What it issues is in its
// settings: ParticipantConfig.Identity.Issues.
func (p *Participant) Issuer() Issuer { return Issuer{p.c, p.context} }

// Requests lists who asked for credentials, newest first; an empty state means
// all.
func (i Issuer) Requests(ctx context.Context, state string) ([]issuer.Request, error) {
	return i.c.identity.issuer.IssuerRequests(ctx, i.context, state, "", 1000)
}

// Approve issues what a request asks for, with the claims by credential type.
// Who decided and by what evidence is kept.
func (i Issuer) Approve(ctx context.Context, id, by string, claims map[string]json.RawMessage, evidence json.RawMessage) (issuer.Request, error) {
	return i.c.identity.issuer.Approve(ctx, i.context, id, by, claims, evidence)
}

// Reject refuses a request, with a reason that its holder is told.
func (i Issuer) Reject(ctx context.Context, id, by, reason string) (issuer.Request, error) {
	return i.c.identity.issuer.Reject(ctx, i.context, id, by, reason)
}

// Credentials lists what was issued to a holder, newest first; an empty holder
// means all.
func (i Issuer) Credentials(ctx context.Context, holder string) ([]issuer.Credential, error) {
	return i.c.identity.issuer.IssuedCredentials(ctx, i.context, holder, "", 1000)
}

// Revoke makes a credential invalid for good.
func (i Issuer) Revoke(ctx context.Context, id, reason string) (issuer.Credential, error) {
	return i.c.identity.issuer.Revoke(ctx, i.context, id, reason)
}

// Suspend makes a credential invalid until it is restored.
func (i Issuer) Suspend(ctx context.Context, id, reason string) (issuer.Credential, error) {
	return i.c.identity.issuer.Suspend(ctx, i.context, id, reason)
}

// Restore lets a suspended credential be good again.
func (i Issuer) Restore(ctx context.Context, id, reason string) (issuer.Credential, error) {
	return i.c.identity.issuer.Restore(ctx, i.context, id, reason)
}

// Trust adds an issuer to the draft of the trust list.
func (i Issuer) Trust(ctx context.Context, trusted dcp.TrustedIssuer) error {
	return i.c.identity.authority.AddIssuer(ctx, i.context, trusted)
}

// SignTrustList signs the draft as the next list and publishes it.
func (i Issuer) SignTrustList(ctx context.Context, validity time.Duration) (trustlist.List, error) {
	return i.c.identity.authority.Publish(ctx, i.context, validity)
}
