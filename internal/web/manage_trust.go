// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/trustlist"
)

// TrustList is the list that a participant uses; *trustlist.Source.
type TrustList interface {
	Current(ctx context.Context, contextID string) (trustlist.List, error)
}

// Authority is a participant that signs a trust list; *trustlist.Authority.
type Authority interface {
	Draft(ctx context.Context, contextID string) ([]dcp.TrustedIssuer, error)
	AddIssuer(ctx context.Context, contextID string, i dcp.TrustedIssuer) error
	RemoveIssuer(ctx context.Context, contextID, issuer string) error
	Publish(ctx context.Context, contextID string, validity time.Duration) (trustlist.List, error)
	Published(ctx context.Context, contextID string) (trustlist.List, error)
}

// Bindings are the corporate identifiers that peers are known under;
// verifier.Bindings.
type Bindings interface {
	Bindings(ctx context.Context, contextID string) (map[string]trust.Identifier, error)
	Unbind(ctx context.Context, contextID, participant string) error
}

const (
	exampleIssuer = `{"types": ["MembershipCredential"], "conformance": "strict"}`
	exampleSign   = `{"valid": "720h"}`
	defaultValid  = 30 * 24 * time.Hour
	longestValid  = 10 * 366 * 24 * time.Hour
)

type issuerInput struct {
	Types       []string `json:"types"`
	Conformance string   `json:"conformance"`
}

type signInput struct {
	Valid string `json:"valid"`
}

// getTrustList shows the list in use, or the one that the participant has
// published itself.
func getTrustList(c *call) (answer, error) {
	l, err := c.m.TrustList.Current(c.ctx, c.contextID)
	if errors.Is(err, trustlist.ErrNone) {
		unused := err
		if l, err = c.m.Authority.Published(c.ctx, c.contextID); errors.Is(err, trustlist.ErrNone) {
			return answer{}, problemf(http.StatusNotFound, "trust-list-unknown", "%s", unused).
				hint("identity.trustList says where it is, and it is looked for every 30 s; an authority signs one by POST trust-list/sign")
		}
	}
	if err != nil {
		return answer{}, err
	}
	return answer{body: l}, nil
}

func getTrustDraft(c *call) (answer, error) {
	all, err := c.m.Authority.Draft(c.ctx, c.contextID)
	if err != nil {
		return answer{}, err
	}
	return answer{body: listOf(all, len(all)+1, func(i dcp.TrustedIssuer) dcp.TrustedIssuer { return i }, nil)}, nil
}

func putTrustDraft(c *call, in issuerInput) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	conformance := trust.Conformance(in.Conformance)
	switch {
	case len(in.Types) == 0:
		return answer{}, problemf(http.StatusBadRequest, "types-missing", "types is empty").hint(`name credential types, or "*" for all`)
	case conformance != "" && conformance != trust.Strict && conformance != trust.Lenient:
		return answer{}, problemf(http.StatusBadRequest, "conformance-invalid", "conformance is strict or lenient")
	}
	i := dcp.TrustedIssuer{ID: id, Types: in.Types, Conformance: conformance}
	err = c.m.Authority.AddIssuer(c.ctx, c.contextID, i)
	if errors.Is(err, trustlist.ErrList) {
		return answer{}, problemf(http.StatusBadRequest, "issuer-invalid", "%s", err).hint("the issuer is named by its DID, such as did:web:issuer.example")
	}
	if err != nil {
		return answer{}, err
	}
	return answer{body: i}, nil
}

func deleteTrustDraft(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	return answer{}, c.m.Authority.RemoveIssuer(c.ctx, c.contextID, id)
}

func signTrustList(c *call, in signInput) (answer, error) {
	valid := defaultValid
	if in.Valid != "" {
		var err error
		if valid, err = time.ParseDuration(in.Valid); err != nil || valid < time.Second || valid > longestValid {
			return answer{}, problemf(http.StatusBadRequest, "valid-invalid", "valid has to be a time such as 720h, from a second to ten years")
		}
	}
	l, err := c.m.Authority.Publish(c.ctx, c.contextID, valid)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, body: l}, nil
}

// bindingView is under which identifier a counterparty is known.
type bindingView struct {
	Participant string           `json:"participant"`
	Identifier  trust.Identifier `json:"identifier"`
}

func listBindings(c *call) (answer, error) {
	all, err := c.m.Bindings.Bindings(c.ctx, c.contextID)
	if err != nil {
		return answer{}, err
	}
	return answer{body: list[bindingView]{Items: sortedBindings(all)}}, nil
}

func deleteBinding(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	return answer{}, c.m.Bindings.Unbind(c.ctx, c.contextID, id)
}

func sortedBindings(all map[string]trust.Identifier) []bindingView {
	views := make([]bindingView, 0, len(all))
	for _, who := range slices.Sorted(maps.Keys(all)) {
		views = append(views, bindingView{who, all[who]})
	}
	return views
}
