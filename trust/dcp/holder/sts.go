// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// maxForm bounds the body of a token request, in bytes.
const maxForm = 32 << 10

// token serves sts/token: OAuth 2.0 client credentials (RFC 6749, section 4.4)
// that yield a self-issued token, as the API that DCP 1.0 describes.
func (s *Service) token(ctx context.Context, c dcp.Call) (dcp.Answer, error) {
	settings, err := s.settings(c.Own)
	if err != nil {
		return dcp.Answer{}, err
	}
	if settings.STS == nil {
		return dcp.Answer{}, dcp.Faultf(http.StatusNotFound, "not_found", "there is no token service here")
	}
	form, problem := readForm(c)
	if problem != nil {
		return problem.answer()
	}
	if !knows(*settings.STS, form.Get("client_id"), form.Get("client_secret")) {
		return (&oauthError{http.StatusUnauthorized, "invalid_client", "the client or its secret is wrong"}).answer()
	}
	asked, problem := readTokenRequest(form)
	if problem != nil {
		return problem.answer()
	}
	return s.mint(ctx, c.Own, asked)
}

// tokenRequest is what a client of the token service wants.
type tokenRequest struct {
	audience string
	token    string // to be embedded
	scopes   []dcp.Scope
}

// oauthError is an error as RFC 6749, section 5.2, has it.
type oauthError struct {
	status      int
	code        string
	description string
}

func (e *oauthError) answer() (dcp.Answer, error) {
	body, err := json.Marshal(map[string]string{"error": e.code, "error_description": e.description})
	return dcp.Answer{Status: e.status, Body: body}, err
}

func invalidRequest(description string) *oauthError {
	return &oauthError{http.StatusBadRequest, "invalid_request", description}
}

// readForm reads the parameters, none of which may stand twice (section 3.2).
func readForm(c dcp.Call) (url.Values, *oauthError) {
	kind, _, err := mime.ParseMediaType(c.ContentType)
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, invalidRequest("the body is not of type application/x-www-form-urlencoded")
	}
	if len(c.Body) > maxForm {
		return nil, invalidRequest("the body is too long")
	}
	form, err := url.ParseQuery(string(c.Body))
	if err != nil {
		return nil, invalidRequest("the body is not a form")
	}
	for _, values := range form {
		if len(values) != 1 {
			return nil, invalidRequest("a parameter stands twice")
		}
	}
	if form.Get("grant_type") == "" {
		return nil, invalidRequest("grant_type is missing")
	}
	return form, nil
}

func readTokenRequest(form url.Values) (tokenRequest, *oauthError) {
	r := tokenRequest{audience: form.Get("audience"), token: form.Get("token")}
	scope := form.Get("bearer_access_scope")
	switch {
	case form.Get("grant_type") != "client_credentials":
		return r, &oauthError{http.StatusBadRequest, "unsupported_grant_type", "the grant type is client_credentials"}
	case r.audience == "" || did.Owner(r.audience) != r.audience:
		return r, invalidRequest("audience is not a DID")
	case scope != "" && r.token != "":
		return r, invalidRequest("either token or bearer_access_scope, not both")
	}
	var err error
	if r.scopes, err = dcp.ParseScopes(scope); err != nil || len(r.scopes) > maxScopes {
		return r, &oauthError{http.StatusBadRequest, "invalid_scope", "bearer_access_scope is not a list of scopes"}
	}
	return r, nil
}

// mint makes the token. Without a scope or a token it carries none.
func (s *Service) mint(ctx context.Context, own trust.Participant, r tokenRequest) (dcp.Answer, error) {
	if len(r.scopes) > 0 {
		var err error
		if r.token, err = s.cfg.Tokens.Grant(ctx, own, r.audience, r.scopes); err != nil {
			return dcp.Answer{}, err
		}
	}
	token, err := s.cfg.Tokens.Mint(ctx, own, r.audience, r.token)
	if err != nil {
		return dcp.Answer{}, err
	}
	body, err := json.Marshal(map[string]any{
		"access_token": token, "token_type": "Bearer", "expires_in": s.remaining(token),
	})
	return dcp.Answer{Status: http.StatusOK, Body: body}, err
}

// remaining returns how long a token of ours is good, in whole seconds.
func (s *Service) remaining(token string) int64 {
	parsed, err := jose.Parse(token, maxForm)
	if err != nil {
		return 0
	}
	claims, err := parsed.Unproved()
	if err != nil {
		return 0
	}
	return max(0, int64(claims.Expires.Sub(s.cfg.Now())/time.Second))
}

// knows compares a client and its secret in a time that tells nothing.
func knows(client dcp.STSClient, id, secret string) bool {
	want, err := hex.DecodeString(client.SecretHash)
	if err != nil || len(want) != sha256.Size || client.ID == "" {
		return false
	}
	gotSecret, gotID, wantID := sha256.Sum256([]byte(secret)), sha256.Sum256([]byte(id)), sha256.Sum256([]byte(client.ID))
	same := subtle.ConstantTimeCompare(gotSecret[:], want) & subtle.ConstantTimeCompare(gotID[:], wantID[:])
	return same == 1 && secret != ""
}
