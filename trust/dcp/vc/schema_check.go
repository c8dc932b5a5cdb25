// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/trust"
)

// schemaOfSubject is the type of schemas that describe the subject of a
// credential; those of all others describe the whole of it.
const schemaOfSubject = "JsonSchemaValidator2018"

// Schemas judges a document by a schema that a credential names. The document
// is what the schema describes: a subject of the credential for
// JsonSchemaValidator2018, the credential for other types. The error is a
// verdict, or wraps trust.ErrUnavailable.
type Schemas interface {
	Validate(ctx context.Context, schema Schema, document json.RawMessage) error
}

// checkSchemas is V77: each schema must be there, and fit. It comes last, since
// it calls hosts.
func (c *Checker) checkSchemas(ctx context.Context, d *document) error {
	if d.schemasErr != nil {
		return refusal(d.schemasErr)
	}
	for _, s := range d.Schemas {
		if c.Schemas == nil {
			return trust.Refuse("V77", "it names a schema, and schemas are not known here")
		}
		for _, about := range d.about(s) {
			if err := pending(ctx); err != nil {
				return err
			}
			if err := c.Schemas.Validate(ctx, s, about); err != nil {
				return schemaVerdict(ctx, s, err)
			}
		}
	}
	return nil
}

// about returns what a schema describes: the credential, or with the older
// kind each of its subjects.
func (d *document) about(s Schema) []json.RawMessage {
	if s.Type == schemaOfSubject {
		return d.body.list("credentialSubject")
	}
	return []json.RawMessage{d.raw}
}

// schemaVerdict tells a verdict from a schema that is out of reach now.
func schemaVerdict(ctx context.Context, s Schema, err error) error {
	var refused *trust.Refusal
	switch {
	case ctx.Err() != nil || errors.Is(err, trust.ErrUnavailable):
		return fmt.Errorf("%w: the schema %.256q: %w", trust.ErrUnavailable, s.ID, err)
	case errors.As(err, &refused):
		return err
	}
	return trust.Refuse("V77", "it does not fit its schema %.256q", s.ID).Because(err)
}
