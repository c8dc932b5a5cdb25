// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trustlist

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// Authority is a participant as the governance authority of a dataspace: it
// drafts, signs and publishes the trust list.
type Authority struct{ cfg AuthorityConfig }

// AuthorityConfig is what Authority needs.
type AuthorityConfig struct {
	Store       Store
	Keys        trust.KeyStore
	Participant func(ctx context.Context, contextID string) (trust.Participant, error)
	Now         func() time.Time
}

// NewAuthority makes an authority.
func NewAuthority(c AuthorityConfig) *Authority { return &Authority{cfg: c} }

// AddIssuer puts an issuer into the draft, or replaces it there.
func (a *Authority) AddIssuer(ctx context.Context, contextID string, i dcp.TrustedIssuer) error {
	if err := checkIssuer(i); err != nil {
		return err
	}
	return a.cfg.Store.PutTrustDraft(ctx, contextID, i)
}

// RemoveIssuer takes an issuer out of the draft.
func (a *Authority) RemoveIssuer(ctx context.Context, contextID, id string) error {
	return a.cfg.Store.PutTrustDraft(ctx, contextID, dcp.TrustedIssuer{ID: id})
}

// Draft returns the issuers that the next list is to have.
func (a *Authority) Draft(ctx context.Context, contextID string) ([]dcp.TrustedIssuer, error) {
	return a.cfg.Store.TrustDraft(ctx, contextID)
}

// publishTries bounds how often two who publish at once get in each other's
// way.
const publishTries = 5

// Publish signs the draft as the next list and publishes it.
func (a *Authority) Publish(ctx context.Context, contextID string, validity time.Duration) (List, error) {
	own, key, err := a.signer(ctx, contextID)
	if err != nil {
		return List{}, err
	}
	settings, err := dcp.ReadSettings(own)
	if err != nil {
		return List{}, err
	}
	for range publishTries {
		var l List
		l, err = a.publish(ctx, own, settings.Dataspace, key, validity)
		if !isRollback(err) {
			return l, err
		}
	}
	return List{}, err
}

func (a *Authority) signer(ctx context.Context, contextID string) (trust.Participant, jose.Key, error) {
	own, err := a.cfg.Participant(ctx, contextID)
	if err != nil {
		return own, jose.Key{}, err
	}
	key, err := a.cfg.Keys.SigningKey(ctx, contextID, trust.UseIssuer)
	if err != nil {
		return own, jose.Key{}, err
	}
	return own, jose.Key{ID: own.ID + "#" + key.ID, Signer: key.Signer}, nil
}

func (a *Authority) publish(ctx context.Context, own trust.Participant, dataspace string, key jose.Key, validity time.Duration) (List, error) {
	last, _, err := a.cfg.Store.TrustList(ctx, own.Context, own.ID)
	if err != nil && !errors.Is(err, ErrNone) {
		return List{}, err
	}
	issuers, err := a.cfg.Store.TrustDraft(ctx, own.Context)
	if err != nil {
		return List{}, err
	}
	now := a.cfg.Now().UTC().Truncate(time.Second)
	l := List{
		Dataspace: dataspace, Authority: own.ID, Sequence: last + 1,
		Issued: now, ValidUntil: now.Add(validity.Truncate(time.Second)), Issuers: append([]dcp.TrustedIssuer{}, issuers...),
	}
	raw, err := Sign(l, key)
	if err != nil {
		return List{}, err
	}
	return l, a.cfg.Store.PutTrustList(ctx, own.Context, own.ID, l.Sequence, raw)
}

// Published returns the list that is published. ErrNone.
func (a *Authority) Published(ctx context.Context, contextID string) (List, error) {
	own, err := a.cfg.Participant(ctx, contextID)
	if err != nil {
		return List{}, err
	}
	_, raw, err := a.cfg.Store.TrustList(ctx, contextID, own.ID)
	if err != nil {
		return List{}, err
	}
	return known(raw)
}

// Routes are where the list is published.
func (a *Authority) Routes() []dcp.Route {
	return []dcp.Route{{Method: http.MethodGet, Path: "/trust/list", Serve: a.serve}}
}

func (a *Authority) serve(ctx context.Context, c dcp.Call) (dcp.Answer, error) {
	_, raw, err := a.cfg.Store.TrustList(ctx, c.Own.Context, c.Own.ID)
	switch {
	case errors.Is(err, ErrNone):
		return dcp.Answer{}, dcp.Faultf(http.StatusNotFound, "no_trust_list", "this participant publishes no trust list")
	case err != nil:
		return dcp.Answer{}, fmt.Errorf("trust list: %w", err)
	}
	return dcp.Answer{Status: http.StatusOK, ContentType: "application/jwt", Body: []byte(raw)}, nil
}

func isRollback(err error) bool { return errors.Is(err, ErrRollback) }
