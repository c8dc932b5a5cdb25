// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/musubi-ods/musubi/trust"
)

// fakeRelations are kept in a memory store.
type fakeRelations struct{ s *stores }

func (f fakeRelations) ListRelations(ctx context.Context, contextID, after string, limit int) ([]trust.Relation, error) {
	return f.s.ListRelations(ctx, contextID, after, limit)
}

func (f fakeRelations) PutRelation(ctx context.Context, contextID string, r trust.Relation) (trust.Relation, bool, error) {
	r, err := r.Checked(false)
	if err != nil {
		return r, false, err
	}
	known, err := f.s.Relations(ctx, contextID, []string{r.Party})
	added := !slices.ContainsFunc(known, func(k trust.Relation) bool { return k.Kind == r.Kind })
	r.Since = fixedNow()
	return r, added, errors.Join(err, f.s.PutRelation(ctx, contextID, r))
}

func (f fakeRelations) DeleteRelation(ctx context.Context, contextID, party, kind string) error {
	return f.s.DeleteRelation(ctx, contextID, party, kind)
}

func TestRelations(t *testing.T) {
	w := newWorld(t)
	const at = ourBase + "/relations"
	play(t, w.management, []scenario{
		{Name: "none", URL: at, Headers: keyed, Status: 200, Content: []string{`{"items":[]}`}},
		{
			Name: "added", Method: "PUT", URL: at, Headers: keyed, Body: `{"party":"0188:7123-4567-89012","kind":"direct","note":"April"}`, Status: 201,
			Content: []string{`{"party":"iso6523:0188:7123456789012","kind":"direct","note":"April","since":"2026-01-02T03:04:05Z"}`},
		},
		{Name: "another note", Method: "PUT", URL: at, Headers: keyed, Body: `{"party":"iso6523:0188:7123456789012","kind":"direct"}`, Status: 200},
		{Name: "of a participant", Method: "PUT", URL: at, Headers: keyed, Body: `{"party":"did:web:maker.example","kind":"tier-2"}`, Status: 201},
		{Name: "first page", URL: at + "?limit=1", Headers: keyed, Status: 200, Content: []string{"maker.example", `"next":"did:web:maker.example tier-2"`}, NotContent: []string{"7123456789012"}},
		{Name: "second page", URL: at + "?after=did:web:maker.example+tier-2", Headers: keyed, Status: 200, Content: []string{"7123456789012"}, NotContent: []string{"maker.example"}},
		{Name: "check digit", Method: "PUT", URL: at, Headers: keyed, Body: `{"party":"0188:1123456789012","kind":"direct"}`, Status: 400, Content: []string{"relation-invalid", "check digit"}},
		{Name: "no party", Method: "PUT", URL: at, Headers: keyed, Body: `{"kind":"direct"}`, Status: 400, Content: []string{"relation-invalid", "party: write"}},
		{Name: "no word", Method: "PUT", URL: at, Headers: keyed, Body: `{"party":"x","kind":"Direct customer"}`, Status: 400, Content: []string{"kind:", "such as direct"}},
		{Name: "delete which", Method: "DELETE", URL: at + "?party=x", Headers: keyed, Status: 400, Content: []string{"relation-missing"}},
		{Name: "delete none", Method: "DELETE", URL: at + "?party=x&kind=direct", Headers: keyed, Status: 404, Content: []string{"relation-unknown"}},
		{Name: "delete", Method: "DELETE", URL: at + "?party=did:web:maker.example&kind=tier-2", Headers: keyed, Status: 204},
		{Name: "one left", URL: at, Headers: keyed, Status: 200, Content: []string{"7123456789012"}, NotContent: []string{"maker.example", `"note"`}},
	})
}
