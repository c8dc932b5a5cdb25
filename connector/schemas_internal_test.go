// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/schema"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// nowhere answers no request.
type nowhere struct{}

func (nowhere) Do(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }

// TestOwnSchemasAreNeverFetched: the schemas of our types are known by their
// addresses; another one that cannot be reached now is no verdict.
func TestOwnSchemasAreNeverFetched(t *testing.T) {
	s := newSchemas(nowhere{}, func() time.Time { return time.Unix(0, 0) })
	own := vc.Schema{ID: trust.CredentialsContext + "/membership.schema.json", Type: "JsonSchemaValidator2018"}
	if err := s.Validate(t.Context(), own, []byte(`{"id":"did:web:a.example"}`)); !errors.Is(err, schema.ErrMismatch) {
		t.Errorf("a membership without a dataspace: %v", err)
	}
	other := vc.Schema{ID: "https://schemas.example/x.json", Type: "JsonSchema"}
	if err := s.Validate(t.Context(), other, []byte(`{}`)); !errors.Is(err, trust.ErrUnavailable) {
		t.Errorf("a schema out of reach: %v", err)
	}
}
