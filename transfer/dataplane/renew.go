// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/musubi-ods/musubi/internal/jose"
	"github.com/musubi-ods/musubi/transfer"
)

// renewSegment is the path below an endpoint where its token is renewed. No
// path below a source begins with a colon.
const renewSegment = ":token"

// maxForm bounds the body of a renewal, in bytes: two tokens.
const maxForm = 32 << 10

// renew serves the refresh endpoint of one transfer (RFC 6749, section 6). The
// client proves with a token of its own, signed by a key of its DID, that it
// is the consumer.
func (p *Plane) renew(w http.ResponseWriter, r *http.Request, contextID, id string) {
	refresh, err := readForm(r)
	if err != nil {
		refuseRenewal(w, err)
		return
	}
	run, state := p.cfg.Transfers.Running(r.Context(), contextID, id)
	if run.Process == "" {
		refuseRenewal(w, state)
		return
	}
	client, err := p.client(r.Context(), run, r.Header.Get("Authorization"))
	if err == nil {
		err = permitted(run, state, client.grant)
	}
	if err == nil { // last, so that nobody else can use it up
		err = p.useOnce(r.Context(), run, client)
	}
	if err != nil {
		refuseRenewal(w, err)
		return
	}
	next, generation, err := p.rotate(r.Context(), run, refresh)
	if err != nil {
		refuseRenewal(w, err)
		return
	}
	token, err := p.mint(r.Context(), grantee{
		run.Context, run.Participant, run.Process, run.Peer, run.Agreement, run.Grant, generation,
	}, p.cfg.ShortLifetime)
	if err != nil {
		refuseRenewal(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"access_token": token, "token_type": "Bearer", "expires_in": int64(p.cfg.ShortLifetime / time.Second), "refresh_token": next,
	})
}

// readForm returns the refresh token that is presented.
func readForm(r *http.Request) (string, error) {
	if r.Method != http.MethodPost {
		return "", refusal{http.StatusMethodNotAllowed, "method-not-allowed", "a token is renewed by POST", "use POST"}
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return "", refusal{http.StatusBadRequest, "request-invalid", "the body is no form", "send application/x-www-form-urlencoded"}
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxForm+1))
	form, formErr := url.ParseQuery(string(raw))
	switch {
	case err != nil || formErr != nil || len(raw) > maxForm || len(form["refresh_token"]) > 1:
		return "", refusal{http.StatusBadRequest, "request-invalid", "the form cannot be read", "send grant_type and refresh_token, each once"}
	case form.Get("grant_type") != "refresh_token":
		return "", refusal{http.StatusBadRequest, "grant-unsupported", "the grant_type is not refresh_token", "send grant_type=refresh_token"}
	case form.Get("refresh_token") == "":
		return "", refusal{http.StatusBadRequest, "request-invalid", "there is no refresh_token", "send the refreshToken of the data address"}
	}
	return form.Get("refresh_token"), nil
}

func (p *Plane) useOnce(ctx context.Context, run transfer.Running, c client) error {
	first, err := p.cfg.Replays.UseToken(ctx, run.Context, run.Peer, c.tokenID, c.expires.Add(leeway))
	if err == nil && !first {
		return refusal{http.StatusUnauthorized, "client-token-replayed", "the token of the client was used before", "sign a new one, with another jti"}
	}
	return err
}

// oauthErrors are the words of RFC 6749, section 5.2, for our codes.
var oauthErrors = map[string]string{
	"request-invalid": "invalid_request", "method-not-allowed": "invalid_request", "grant-unsupported": "unsupported_grant_type",
	"client-token-missing": "invalid_client", "client-token-invalid": "invalid_client", "client-token-expired": "invalid_client",
	"client-token-replayed": "invalid_client", "client-not-consumer": "invalid_client", "unavailable": "temporarily_unavailable",
}

// refuseRenewal answers in our own form and in that of OAuth at once.
func refuseRenewal(w http.ResponseWriter, err error) {
	if errors.Is(err, errRefresh) {
		err = refusal{http.StatusBadRequest, "refresh-token-invalid", "the refresh token is not the newest of this transfer", "use the refresh token of the last answer, or suspend and resume the transfer"}
	}
	say := sayOf(err)
	oauth, ok := oauthErrors[say.code]
	if !ok {
		oauth = "invalid_grant"
	}
	say.headers(w.Header())
	writeJSON(w, say.status, map[string]any{
		"error": oauth, "error_description": say.message, "code": say.code, "message": say.message, "hint": say.hint,
	})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// accessToken reads an access token of ours that is presented beside a refresh
// token. It may have expired: that is why it is renewed.
func (p *Plane) accessToken(ctx context.Context, run transfer.Running, token string) (grant string, err error) {
	c, err := p.proved(ctx, run, token)
	if err != nil && !errors.Is(err, jose.ErrExpired) {
		return "", err
	}
	return c.grant, nil
}
