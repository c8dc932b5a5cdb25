// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/internal/schema"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// schemas judges credentials by the schemas they name.
type schemas struct{ fetcher *schema.Fetcher }

var _ vc.Schemas = schemas{}

// Validate implements vc.Schemas.
func (s schemas) Validate(ctx context.Context, by vc.Schema, document json.RawMessage) error {
	err := s.fetcher.Validate(ctx, by.ID, by.Type, document)
	if errors.Is(err, schema.ErrUnavailable) {
		return fmt.Errorf("%w: %w", trust.ErrUnavailable, err)
	}
	return err
}
