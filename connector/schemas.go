// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/docs/credentials"
	"github.com/musubi-ods/musubi/internal/schema"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// schemas judges credentials by the schemas they name. It knows those of our
// own credential types, by the addresses they are published under, and fetches
// all others. It is built when it is first asked: few credentials name one.
type schemas struct {
	fetcher func() (*schema.Fetcher, error)
}

var _ vc.Schemas = schemas{}

func newSchemas(http schema.Doer, now func() time.Time) schemas {
	return schemas{sync.OnceValues(func() (*schema.Fetcher, error) {
		own, err := ownSchemas()
		if err != nil {
			return nil, err
		}
		return schema.New(schema.Config{HTTP: http, Now: now, Embedded: own})
	})}
}

// ownSchemas returns the embedded schemas by their addresses.
func ownSchemas() (map[string][]byte, error) {
	names, err := fs.Glob(credentials.Files, "*.schema.json")
	if err != nil {
		return nil, err
	}
	own := make(map[string][]byte, len(names))
	for _, name := range names {
		if own[trust.CredentialsContext+"/"+name], err = credentials.Files.ReadFile(name); err != nil {
			return nil, err
		}
	}
	return own, nil
}

// Validate implements vc.Schemas.
func (s schemas) Validate(ctx context.Context, by vc.Schema, document json.RawMessage) error {
	fetcher, err := s.fetcher()
	if err != nil {
		return fmt.Errorf("%w: %w", trust.ErrUnavailable, err)
	}
	err = fetcher.Validate(ctx, by.ID, by.Type, document)
	if errors.Is(err, schema.ErrUnavailable) {
		return fmt.Errorf("%w: %w", trust.ErrUnavailable, err)
	}
	return err
}
