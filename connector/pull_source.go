// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/transfer/dataplane"
	"github.com/musubi-ods/musubi/trust"
)

// source finds where the data of a dataset is, with its credentials.
func (c *Connector) source(ctx context.Context, contextID, dataset string) (dataplane.Source, error) {
	s, err := c.catalog.SourceOf(ctx, contextID, dataset)
	if errors.Is(err, catalog.ErrNotFound) || err == nil && s.Type == catalog.SourceNone {
		return dataplane.Source{}, fmt.Errorf("%w: %s", dataplane.ErrNoSource, dataset)
	}
	if err != nil {
		return dataplane.Source{}, err
	}
	out := passing(s.Passage)
	out.Type, out.URL, out.Path = s.Type, s.URL, s.Path
	out.Headers, err = c.credentials(ctx, contextID, s.Headers)
	return out, err
}

// passing is what of a source a consumer may use, in the words of the plane.
func passing(p catalog.Passage) dataplane.Source {
	out := dataplane.Source{
		QueryNames: p.Query, PassErrors: p.PassErrors, Idle: p.IdleTime(), Rate: p.Rate, Renew: p.Renew,
		Request: dataplane.HeaderRules(p.Request), Response: dataplane.HeaderRules(p.Response),
	}
	for _, r := range p.Paths {
		out.Rules = append(out.Rules, dataplane.Rule{Path: r.Path, Methods: r.Methods})
	}
	return out
}

// credentials puts the participant's own secrets into the headers that name
// them.
func (c *Connector) credentials(ctx context.Context, contextID string, headers map[string]string) (map[string]string, error) {
	if len(headers) == 0 {
		return nil, nil
	}
	out := make(map[string]string, len(headers))
	for name, value := range headers {
		filled, err := catalog.WithSecrets(value, func(secret string) (string, error) {
			return c.store.Secret(ctx, contextID, secret)
		})
		switch {
		case errors.Is(err, trust.ErrNoSecret):
			c.log.Warn("a source names a secret that is not there", "participant", contextID, "header", name)
			return nil, fmt.Errorf("%w: %w", dataplane.ErrCredentials, err)
		case err != nil:
			return nil, err
		}
		out[name] = filled
	}
	return out, nil
}

// PutSecret keeps a secret under a name, for the headers of sources to name:
// "Bearer {secret:erp}". It is kept encrypted and never shown.
func (p *Participant) PutSecret(ctx context.Context, name string, value Secret) error {
	if !trust.ValidSecretName(name) || value == "" {
		return fmt.Errorf("%w: a secret has a value, and a name of up to 64 letters, digits, and . _ - inside", ErrConfig)
	}
	return p.c.store.PutSecret(ctx, p.context, name, string(value), p.c.now())
}

// Secrets lists the names of the secrets that are kept.
func (p *Participant) Secrets(ctx context.Context) ([]trust.NamedSecret, error) {
	return p.c.store.Secrets(ctx, p.context)
}

// DeleteSecret forgets one. trust.ErrNoSecret.
func (p *Participant) DeleteSecret(ctx context.Context, name string) error {
	return p.c.store.DeleteSecret(ctx, p.context, name)
}
