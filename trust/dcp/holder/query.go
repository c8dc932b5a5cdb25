// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// maxScopes bounds the scopes of one query.
const maxScopes = 64

// query serves presentations/query (DCP 1.0, section 5.4). A query for what
// its token does not allow, or for what is not in the wallet, gets less; which
// of the two it was is not told.
func (s *Service) query(ctx context.Context, caller dcp.Caller, c dcp.Call) (dcp.Answer, error) {
	asked, err := readQuery(c.Body)
	if err != nil {
		return dcp.Answer{}, err
	}
	granted, err := s.cfg.Tokens.Granted(ctx, c.Own, caller.DID, caller.AccessToken)
	if err != nil {
		return dcp.Answer{}, err
	}
	allowed, err := s.allowed(c.Own, granted, asked)
	if err != nil {
		return dcp.Answer{}, err
	}
	list, err := s.presentable(ctx, c.Own, allowed)
	if err != nil {
		return dcp.Answer{}, err
	}
	if list, err = s.readable(c.Own, caller.DID, list); err != nil {
		return dcp.Answer{}, err
	}
	presentations, err := s.present(ctx, c.Own, caller.DID, list)
	if err != nil {
		return dcp.Answer{}, err
	}
	return answer(http.StatusOK, dcp.Response{Presentations: presentations})
}

// readQuery returns the scopes of a query, or a fault.
func readQuery(body []byte) ([]dcp.Scope, error) {
	q, err := dcp.ReadQuery(body)
	switch {
	case err != nil:
		return nil, unreadable(err)
	case len(q.Scopes) > 0 && q.Definition:
		return nil, dcp.Faultf(http.StatusBadRequest, "invalid_query", "a query has either scopes or a presentation definition, not both")
	case q.Definition:
		return nil, dcp.Faultf(http.StatusNotImplemented, "definition_unsupported", "presentation definitions are not supported: ask by scope")
	case len(q.Scopes) == 0:
		return nil, dcp.Faultf(http.StatusBadRequest, "invalid_query", "a query names at least one scope")
	case len(q.Scopes) > maxScopes:
		return nil, dcp.Faultf(http.StatusBadRequest, "invalid_query", "a query names at most %d scopes", maxScopes)
	}
	scopes := make([]dcp.Scope, len(q.Scopes))
	for i, text := range q.Scopes {
		if scopes[i], err = dcp.ParseScope(text); err != nil {
			return nil, dcp.Faultf(http.StatusBadRequest, "invalid_scope", "scope %d is not alias:discriminator", i+1)
		}
	}
	return scopes, nil
}

// allowed returns the scopes asked for that are granted. The participant
// decides whether asking for more is refused as a whole: the releases of the
// conformance kit differ in this.
func (s *Service) allowed(own trust.Participant, granted, asked []dcp.Scope) ([]dcp.Scope, error) {
	var allowed []dcp.Scope
	for _, scope := range asked {
		if slices.ContainsFunc(granted, func(g dcp.Scope) bool { return g.Covers(scope) }) {
			allowed = append(allowed, scope)
		}
	}
	if len(allowed) == len(asked) {
		return allowed, nil
	}
	settings, err := s.settings(own)
	if err != nil {
		return nil, err
	}
	if settings.Overscoped == dcp.Refuse {
		return nil, dcp.Faultf(http.StatusForbidden, "overscoped", "the access token does not allow every scope that is asked for")
	}
	return allowed, nil
}

// readable leaves out what is not of the profile that is set for a verifier,
// and logs that it did.
func (s *Service) readable(own trust.Participant, verifier string, list []Stored) ([]Stored, error) {
	settings, err := s.settings(own)
	if err != nil {
		return nil, err
	}
	only := settings.PresentAs[verifier]
	if only == "" {
		return list, nil
	}
	kept := slices.DeleteFunc(slices.Clone(list), func(c Stored) bool { return c.Profile != only })
	if n := len(list) - len(kept); n > 0 {
		s.cfg.Log.Info("presented in one profile alone", slog.String("participant", own.Context), slog.String("peer", verifier),
			slog.String("profile", only), slog.Int("left out", n))
	}
	return kept, nil
}

// answer writes a message.
func answer(status int, message any) (dcp.Answer, error) {
	body, err := dcp.Marshal(message)
	return dcp.Answer{Status: status, Body: body}, err
}

// done is an answer that says no more than its status.
func done() (dcp.Answer, error) {
	return dcp.Answer{Status: http.StatusOK, Body: json.RawMessage(`{}`)}, nil
}

// unreadable is the fault of a message that cannot be read.
func unreadable(err error) error {
	f := dcp.Faultf(http.StatusBadRequest, "invalid_message", "%s", err.Error())
	f.Err = err
	return f
}
