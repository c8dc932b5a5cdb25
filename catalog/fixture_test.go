// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

const me = "acme" // a participant context

var buyer = trust.Claims{Participant: "urn:company:buyer"}

var errNoContext = errors.New("no such participant")

// house is a service over a store, with the clock and the ids of the test.
type house struct {
	*catalog.Service
	store *fakeStore
	now   time.Time
	ids   int
	// meters are the formats whose data plane counts transfers, or bytes too.
	meters map[string]bool
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{store: newFakeStore(), now: time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)}
	service, err := catalog.NewService(catalog.Config{
		Store: h.store,
		Participants: func(_ context.Context, contextID string) (trust.Participant, error) {
			if contextID != me && contextID != "other" {
				return trust.Participant{}, errNoContext
			}
			return trust.Participant{Context: contextID, ID: "urn:company:" + contextID, PublicURL: "https://" + contextID + ".example/" + contextID + "/"}, nil
		},
		Now:   func() time.Time { return h.now },
		NewID: func() string { h.ids++; return fmt.Sprintf("urn:uuid:%d", h.ids) },
		Meters: func(_, format string) (count, bytes bool) {
			bytes, count = h.meters[format]
			return count, bytes
		},
		Policies: &policy.Judge{Registry: policy.NewRegistry(), Now: func() time.Time { return h.now }},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Service = service
	return h
}

// use is the policy that can be published.
var use = policy.Permit(policy.Use)

// secret is an access policy with a term that nobody registered.
var secret = policy.Permit(policy.Use, policy.Atomic{Left: "https://terms.example/member", Operator: policy.Eq, Right: policy.Text("yes")})

func asset(id string) catalog.Asset {
	return catalog.Asset{ID: id, Properties: map[string]any{"dct:title": "Title of " + id}}
}

func offerOf(id string, assets catalog.Selector) catalog.Offer {
	return catalog.Offer{ID: id, Assets: assets, Access: use, Usage: use}
}

func byID(ids ...string) catalog.Selector { return catalog.Selector{IDs: ids} }

func (h *house) publish(t testing.TB, assets []catalog.Asset, offers ...catalog.Offer) {
	t.Helper()
	if _, err := h.Publish(t.Context(), me, assets, offers); err != nil {
		t.Fatal(err)
	}
}

// put writes what Publish would refuse.
func (h *house) put(t testing.TB, offers ...catalog.Offer) {
	t.Helper()
	if err := h.store.Publish(t.Context(), me, catalog.Batch{Offers: offers}); err != nil {
		t.Fatal(err)
	}
}

// requestBody is a catalogue request with a filter, or without for "".
func requestBody(filter string) []byte {
	if filter != "" {
		filter = `,"filter":` + filter
	}
	return []byte(`{"@context":["` + wire.ContextURL + `"],"@type":"CatalogRequestMessage"` + filter + `}`)
}

// ask requests a page and returns the ids on it.
func (h *house) ask(t testing.TB, filter, token string) (catalog.Page, []string) {
	t.Helper()
	page, err := h.Request(t.Context(), me, buyer, requestBody(filter), token)
	if err != nil {
		t.Fatal(err)
	}
	return page, datasetIDs(t, page.Body)
}

func datasetIDs(t testing.TB, body []byte) []string {
	t.Helper()
	c, err := wire.DecodeAs[*wire.Catalog](body)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, d := range c.Dataset {
		ids = append(ids, d.ID)
	}
	return ids
}

// offersOf are the offers' ids in a dataset's JSON.
func offersOf(t testing.TB, body []byte) []string {
	t.Helper()
	d, err := wire.DecodeAs[*wire.Dataset](body)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, p := range d.HasPolicy {
		ids = append(ids, p.ID)
	}
	return ids
}

func same(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func code(err error) string {
	if r, ok := errors.AsType[*catalog.Refusal](err); ok {
		return r.Code
	}
	return fmt.Sprint(err)
}

func quoted(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
